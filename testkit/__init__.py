"""The testkit: for tests of one's own actors, or of a whole chat, in one process.

plugin          pytest's fixtures, for whoever runs the asynchronous tests
kit             all that one test needs, and what it finds left behind
probe           an actor that the test holds, and asks what it was told
clock           virtual time: a loop that jumps, and the clocks
auto_clock      the kit's clock: virtual on whatever loop a test runs
chance          chance from a seed
watched_system  the real runtime, which writes down what happens and breaks when told to
story           what happened, in order, for a failed test to tell

test ─> fixtures ─> Kit ─> WatchedSystem ─> actors
                     └─ Probe <── told ────────┘
"""
