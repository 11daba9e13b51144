"""The command line.

    hubbub [node] --port 8800 ...          main -> flags -> node -> supervision.tree
    hubbub user add ada                    main -> users  -> reach -> control socket, or the store
    hubbub backup FILE                     main -> backup -> reach
    hubbub migrate --store cassandra       main -> migrate -> storage.cassandra.schema
    hubbub tree                            main -> tree   -> control socket
    hubbub status                          main -> status -> control socket, or afar -> every node
    hubbub drain NODE                      main -> drain  -> control socket, or afar

main      the group, its default command, and the one line that an error gets
flags     a flag for each setting, made from the settings
node      runs a node until a signal
users     user add, passwd, disable, enable, list
backup    a copy of the store
drain     has a node take leave of everybody and end
afar      a node elsewhere: HTTP with the operator's token
migrate   brings a ring's tables to this program's schema
verify    walks the logs and proves them
status    how every node is
tree      who is supervised by whom on a running node
reach     the operator's way in: the running node, or the store when none runs

Exit codes: 0 done, 1 refused or ended unexpectedly, 2 cannot start or not understood.
"""
