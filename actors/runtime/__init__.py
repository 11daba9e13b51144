"""pykka on the event loop: no thread and no task while an actor is idle.

    system        an actor system on one loop: spawn, tell, ask, passivate, stop, settle
    actor         LoopActor: what an actor is to who writes it
    hooks         HookedActor: what an actor is to the runtime, pykka's hooks, `def` or `async def`
    ref           LoopActorRef: tell, ask, proxy, stop, from the loop or from any thread
    mailbox       what waits for one actor, bounded; an idle one owns nothing
    future        LoopFuture: a pykka.Future that is awaited on the loop
    dispatcher    the ready queue: fair turns, slices that let sockets in, the end of a slice
    turns         an actor's turn: start, handle, suspend, answer
    endings       how an actor ends: stop, crash, kill; who is told
    exits         what a parent is told of an actor that is gone
    links         monitors and links: who hears of whose death, or dies with it
    crash_report  what may be said of a crash, and of the message that did it
    names         who is called what: living, reserved, or to be activated
    afar          messages from other threads
    timers        one heap of alarms over the clock
    tasks         the only place where asyncio tasks start
    dead_letters  messages nobody took: counted, and told to subscribers
    counts        what the runtime counts
    current       which system belongs to the running loop

    tell -> mailbox -> ready queue -> turn -> on_receive -> answer
                                       |          |
                                       |          +-> awaitable: suspended, a task finishes it
                                       +-> exception: on_failure, asker, parent (a supervisor)

Differences from pykka's ThreadingActor: an exception in a handler crashes the actor, asked or told
(a `Refusal` is an answer instead); no exception stops the others; mailboxes are bounded; messages
left at a stop are dead letters; actors are not listed in pykka's ActorRegistry, whose list costs a
walk over all actors at each stop: names are the registry here.
"""
