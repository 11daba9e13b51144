"""transport/wire"""
