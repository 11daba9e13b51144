"""The testkit: for tests of one's own actors, or of a whole chat, in one process.

clock       virtual time: a loop that jumps, and the clocks
"""
