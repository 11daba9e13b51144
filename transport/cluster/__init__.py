"""The nodes, as one of them sees them.

local_cluster   one node that owns every shard: no bus, no envelopes

placement       where names live: shards over nodes, by rendezvous
lease           a node's own time in the cluster, renewed
views           who is in, by numbered views; a node's own lease
links           what was sent and what arrived, counted by the link
routes          which node a name is at, by one view
shards          what this node owns: claimed, handed over
versions        which versions of envelopes nodes speak with each other
gaps            nodes that are too far apart to talk
envelopes       what actors tell each other, as bytes
unpushed        what there was no room for, made good a little later
post            envelopes in numbered batches, out and in
node_cluster    one node of several: the Cluster port over a bus
bus             the port that carries batches, leases and views
memory_bus      the bus of several nodes in one process, with faults
redis_bus       the bus over Redis: members, and a stream for each node
members_script  the members there: asks members.lua, their only writer
stream_writer   what goes to the streams of one server, together
stream_reader   follows one stream, and trims it
redis_pipe      commands and their replies, several at a time
reach           whether a server answers; back-off
redis_links     connections to one server
redis_keys      what keys are called
batches         a batch, as the bytes of an entry

    tell -> routes -> here, or post -> bus -> post -> the other node's actor
    bus  -> views  -> routes, shards, Residents
"""
