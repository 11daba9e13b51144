"""transport/cluster"""
