"""How clients and nodes talk.

wire/       the clients' frames and their bytes, without I/O
edge/       the port that clients come by: WebSocket and HTTP
cluster/    the nodes, seen from one of them
discovery   where clients may connect, as the one tells the other

    client ─> edge ─> wire ─> a Session's request           (and back)
              edge, an actor ─> cluster ─> an actor, wherever it lives

Edge and cluster do not know each other; the tree hands the edge a cluster.
"""
