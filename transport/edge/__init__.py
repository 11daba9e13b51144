"""transport/edge"""
