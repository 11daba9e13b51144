"""The store of a cluster, in Cassandra.

    store          the parts put together, and its life
    options        where the ring is, and what is asked of it
    connection     sessions of the driver
    elsewhere      when another host is asked the same
    bridge         the way to the ring, as the others see it
    driver_bridge  .. by the driver: from its thread to the loop
    failures       what is known after a request failed
    schema         the tables, as numbered migrations
    logs           the contract of logs, handed to ..
    committer      .. group commit: adopt, judge, write, read the fence, settle, effects
    works  runs  sender  effects      its parts
    fence          who may write: epochs of shards, a fence row for each owner
    claims         what this process holds: epochs, stamps, tips
    adoption       how an owner takes up a log
    tail  pages    what anybody may read of one
    columns        what is read of a row: all of it
    rows           where a log's rows stand, and what they say
    memberships  heads  contacts      lists; a row's timestamp is its version
    evidence       what `verify` is shown
    generations    a number that only rises, on a condition
    documents      rows changed as a whole, on a condition
    people  person  accounts  devices  search  invites  deletions      what is made of them

    append ─> works ─> committer ─> sender ─> bridge ─> driver ─> ring
    done   <─ settle <─ fence read <──────────── rows at a quorum <──┘

Two owners never both get a seq acknowledged: docs/decisions/0031 tells why, and how it was tried.
"""
