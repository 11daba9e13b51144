"""actors/runtime"""
