"""Who does the work: three kinds of actor on one path.

    runtime/            pykka on the event loop: mailboxes, ready queue, names, dead letters
    bodies              what an entry of a log holds, and its bytes in the store
    requests            what a client asks its Session
    answers             what a client gets: answers, and events without asking
    commands            what actors tell each other
    ports               what actors and edge need of the world: outbox, cluster, nursery
    cid_window          one device's sends: once, and in order
    content_rules       what a text and a title may be
    members             who is in a conversation, since when, and what each may do
    conversation_state  a conversation: event in, effects out
    doors               who comes in by a link, and who goes for good
    group_commit        what it has on its way to the store
    conversation        its actor: performs the effects
    snapshot_codec      a conversation's state as bytes, versioned
    user_state, user    a connected user: sessions, presence, watchers, the private log
    eraser              an account that goes: out of every conversation, then the rest
    session             a device's connection: requests under way, what is watched
    history             reading pages that a conversation has granted
    people, heads       names for ids; how far every conversation of a user goes
    watch_table         who has what on the screen
    waiting             awaitables over callbacks
    device              an actor as a device, for bots and tests
    asker               asks for those who are no actor (HTTP)

    client -> holder -> Session -> Conversation -> store -> ack -> Session -> client
                                       |
                                       +-> Delivery -> member User -> outboxes -> clients

Asks go one way, Session -> User -> Conversation -> store, and always have a time limit.
"""
