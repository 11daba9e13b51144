"""The testkit: for tests of one's own actors, or of a whole chat, in one process.

plugin          pytest's fixtures, for whoever runs the asynchronous tests
kit             all that one test needs, and what it finds left behind
probe           an actor that the test holds, and asks what it was told
clock           virtual time: a loop that jumps, and the clocks
auto_clock      the kit's clock: virtual on whatever loop a test runs
chance          chance from a seed
watched_system  the real runtime, which writes down what happens and breaks when told to
story           what happened, in order, for a failed test to tell
cluster         a whole chat on several nodes, and the people on them
chat_node       one of its nodes: the real tree, actors and edge, without sockets
client          a device of somebody's, which keeps every rule of the protocol
faults          what can go wrong, as objects
cutting_proxy   a wire between a node and a service, which can be cut
proxy_process   the same in a process of its own
clock_loop      the kit's time in other shapes
contracts/      the suites that our adapters pass, for everybody's own
simulation/     whole systems under random faults, from a seed

test ─> fixtures ─> Kit ─> WatchedSystem ─> actors
                     ├─ Probe <── told ────────┘
                     └─ Cluster ─> ChatNodes <── bytes ── Clients
"""
