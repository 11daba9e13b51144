"""The nodes, as one of them sees them.

local_cluster   one node that owns every shard: no Redis, no envelopes
"""
