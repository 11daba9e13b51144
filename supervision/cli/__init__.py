"""supervision/cli"""
