"""The edge of a node: its one port, and every socket on it.

listener        uvicorn in this process: starts, stops, drains, TLS
bounded_http    uvicorn's HTTP with the bounds it leaves out
http            the FastAPI application
edge            all WebSocket connections, and what they share (shared)
handshake       upgrade requests answered; origins says which pages are ours
admission       how fast sockets are let in; token_bucket how fast one may send
holder          a socket after its upgrade: reads, signs in (sign_in, identity, tokens)
watched_socket  whether anybody is still there; heartbeat is the one timer of all
web_socket      how a socket ends
parser_pool     WebSocket parsers that connections share; framing writes frames by hand
signed_in       what a device asked for, between its socket and its Session
requests        frames to what the actors are asked
outbox          what waits for a device's socket; turn lets it leave at the end of a turn
render          answers and events to bytes
directory       the signed-in connections, for the actors

bytes -> holder -> parser -> codec -> signed_in -> requests -> Session
                                          │  answers, events
bytes <- socket <- turn <- outbox <- render <─┘
"""
