"""Hubbub: a chat system of supervised actors."""
