"""The ground floor: what every other part may know, and what knows nobody.

version    the program's version
units      seconds and bytes with names
ids        identifiers: how they look, how they are made
errors     the one tree of errors
clock      time and chance as ports, with the real ones
settings   limits and switches, from flags, environment and TOML
metrics    the counters that operators read
logs       structured logs that never hold a secret
"""
