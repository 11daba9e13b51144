"""Who starts and restarts whom, and how an operator reaches it.

spec, intensity, strategy    what a child is, how often it may crash, who is restarted with it
supervisor, place            fixed children, in order; one child's life after life
orders                       what a running supervisor can be asked
threaded, job                ThreadingActors and coroutines as children
dynamic, partition           a child a name, by the million
nursery                      starts and ends the sessions of the edge's sockets
root                         the life of the root supervisor

chat                         the actors of a chat under supervision, without sockets
store_service, opening       its first child and its last
drain                        how a node takes leave
tree                         a node: the chat, an edge before it, a data folder below it
workers                      several nodes on one machine, under one parent
watchdog                     names what holds the loop

stores                       the store that the settings ask for
clusters                     how a node joins others, if they ask for it
data_dir                     the folder that holds everything, and the lock on it
picture                      the tree as it is now: names, states, restarts
runtime_metrics              what the runtime counts, as metrics
cluster_metrics              how a node stands in its cluster, as metrics
status                       how each node is
control                      the socket that an operator's commands come by
operator                     what an operator can do
demo                         the two people of --demo
cli/                         the command line

    cli.node ─> tree ─> root ─> store ─> edge ─> cluster ─> conversations* ─> users* ─> sessions*
                 │
    cli.users ─> control ─> operator ─> store, and the user's actor        * = a supervisor of many
"""
