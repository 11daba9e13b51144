"""What Hubbub costs, measured from outside: real sockets, the server in a process of its own.

    python -m benchmarks [NAME ..] [--quick] [--profile] [--write]

    idle  group  group_offline  direct  actors  bus  ring  web_history
                                         one file a benchmark: run(options) -> figures
    pieces/   seed     people and groups, written straight into the store
              node     the server's process        floor    the bare server it is held against
              frames   WebSocket, a client's side  client   one connection of the load
              meter    CPU and memory of a process, from the operating system
              result   figures and goals           report   the tables, and docs/benchmarks.md
              profile  where the server's CPU went
              redis    a Redis of its own
              page     the web app in a browser, as one person has it

    seed -> node <- sockets -> clients (this process) -> every ack and delivery is counted
                               same load -> floor (bare asyncio.Protocol on uvloop, own process)

A benchmark that lost, doubled or was refused anything fails; a goal that is missed is shown.
"""
