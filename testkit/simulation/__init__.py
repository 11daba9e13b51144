"""A whole system on virtual time, from a seed, with everything going wrong, and a checker.

run         one seed, from its beginning to its verdict
plan        what a seed decides beforehand: how large, how tight, how rough
world       nodes, a bus, a disk, people
  node      the real tree, actors and edge of one node, behind a
  gate      that pauses and kills it
  disk      the store as one node has it: late, failing, unknown; under the eyes of a
  witness   of what is handed in, and what becomes of it
  wire      bytes between a client and a node's edge
client      a device that keeps every rule of the protocol
  reading   messages, gaps, pages, the list
  sending   mutations and their fate, by a
  chain     of cids in each place
  copy      of each conversation
making      what people ask for, as requests
workload    what people do
faults      what goes wrong
model       what the logs mean, worked out anew
checker     promises, copies and lists against the logs
healed      one loss at a time on a quiet day
calm        one crash at a time on a quiet day
shown_out   one who is removed while the word of it is lost
withdrawn   a text that is deleted before the store shows it
slow_reader a device that does not read for a while
succession  what an owner had under way when another one takes its place
company     the group that these three take place in
watched     who is here, as others see it, while a node dies
trace       what happened
loop        virtual time, seeded order
chance      numbers of a seed
mutations   faults that are planted to try the checker
report      what a failing seed says
cli         make simulate
mutate      make mutate

seed -> plan -> world <- workload, faults      -> rest -> model -> checker -> violations
"""
