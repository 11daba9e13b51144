"""The ground floor: what every other part may know, and what knows nobody.

    flags ─> HUBBUB_* ─> TOML file ─> defaults      sources
                        │
                     Settings                       settings, *_settings
                        │  (one clear line when something is wrong: reading)
                     Limits                         limits

version          the program's version
units            seconds and bytes with names
ids              identifiers: how they look, how they are made
errors           the one tree of errors
clock            time and chance as ports, with the real ones
limits           every limit of the service, in one value
limit_settings   every limit as a setting of its own
store_settings   where the data is kept
cluster_settings how a node reaches the others
settings         what an operator can choose
sources          where settings come from
reading          reading them for an operator
metrics          the counters that operators read
logs             structured logs that never hold a secret
"""
