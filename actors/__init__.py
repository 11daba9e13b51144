"""Who does the work: three kinds of actor on one path.

    runtime/            pykka on the event loop: mailboxes, ready queue, names, dead letters
    bodies              what an entry of a log holds, and its bytes in the store
    messages            what actors tell each other, and what the edge tells them
    ports               what actors and edge need of the world: outbox, cluster, nursery
    cid_window          one device's sends: once, and in order
    members             who is in a conversation, since when, and what each may do
    conversation_state  a conversation: event in, effects out
    conversation        its actor: performs the effects
    snapshot_codec      a conversation's state as bytes, versioned
    user_state, user    a connected user: sessions, presence, watchers, the private log
    session_state, session   a device's connection: requests under way, what is watched
    history             reading pages that a conversation has granted
    asker               asks for those who are no actor (HTTP)

    client -> holder -> Session -> Conversation -> store -> ack -> Session -> client
                                       |
                                       +-> Delivery -> member User -> outboxes -> clients

Asks go one way, Session -> User -> Conversation -> store, and always have a time limit.
"""
