"""Who does the work: three kinds of actor on one path.

    runtime/            pykka on the event loop: mailboxes, ready queue, names, dead letters
    bodies              what an entry of a log holds, and its bytes in the store
    requests            what a client asks its Session
    answers             what a client gets: answers, and events without asking
    commands            what actors tell each other
    ports               what actors and edge need of the world: outbox, cluster, nursery
    cid_window          one device's sends: once, and in order
    content_rules       what a text, a title and a reaction may be
    members             who is in a conversation, since when, and what each may do
    direct, door        what two people do not want of each other; how a first message is received
    conversation_log    a conversation's log as its owner writes it
    conversation_state  a conversation: event in, effects out
    conversation_books  its members and rules, kept as its entries say
    gate, gate_commands who comes in by a link, and who goes for good
    node_commands       what a node tells its actors: shards moved, something may be missing
    group_commit        what it has on its way to the store
    revisions           who may edit, delete and react; what the store does not show yet
    projections         what later entries make of an earlier text: folded, and shown
    unprojected         what of that is missing when a log is taken up
    progress            how far its members got, and which of it is news
    conversation        its actor: performs the effects
    snapshot_codec      a conversation's state as bytes, versioned
    user_state, user    a connected user: sessions, presence, watchers
    private_log         the user's own log: read, and appended to
    errands             what a user asks for that has effects elsewhere: groups, contacts, blocks
    contact_rules       what a row about another person becomes
    presence            who may see when a user is online
    eraser              an account that goes: out of every conversation, then the rest
    session             a device's connection: requests under way, what is watched
    typing_pace         how often its typing is passed on
    history             reading pages that a conversation has granted
    people, heads       names for ids; how far every conversation of a user goes
    watch_table         who has what on the screen
    roll_call           whether they are still there: nobody is kept by a goodbye that was lost
    rereading           when a user reads its heads again
    waiting             awaitables over callbacks
    device              an actor as a device, for bots and tests
    asker               asks for those who are no actor (HTTP)

    client -> holder -> Session -> Conversation -> store -> ack -> Session -> client
                                       |
                                       +-> Delivery -> member User -> outboxes -> clients

Asks go one way, Session -> User -> Conversation -> store, and always have a time limit.
"""
