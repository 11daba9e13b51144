"""transport/edge/http"""
