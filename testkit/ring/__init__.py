"""A ring of three in memory, for the Cassandra store: the same statements, on any clock.

tables      what the store's own migrations make
statements  the statements it sends, read once each; any other is an error
cells       rows made of cells: the last timestamp wins
replica     one copy of everything
selection   what a SELECT takes of a partition
ring        three of them: quorums, hints, conditions, and what goes wrong
bridge      a store's way to it

store -> bridge -> ring -> replicas, now and later
           ^--- an outcome, or nobody knows

It is a verified fake: the store passes the same suite over it as over a real ring.
"""
