"""A simulation of owners alone: who may write, over hand-overs, on a ring where all goes wrong.

record  what was acknowledged and read, and what must therefore be so
scribe  writes one log, as the actor of a conversation does
node    the real cluster part and the real Cassandra store, without actors and edge
life    one seed: nodes, a bus, a ring, readers, and misfortune
stages  what chance alone brings about too rarely: a life plays two of them
verdict what is looked at when everything has come to rest
mutations  faults that are planted to try it

seed -> life -> rest -> stages -> rest -> verdict -> violations

It knows no people and no frames, so it is small, and lives hundreds of lives a minute: what is
rare in a whole system (three hand-overs while one owner sleeps, with its rows still under way)
happens all the time here.
"""
