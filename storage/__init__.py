"""What is kept: one contract, several stores.

    records       the rows, as values
    contract      what a store promises about logs, snapshots, projections and memberships
    accounts      what a store promises about people, devices, tokens and recovery codes
    contacts      what a store promises about who knows whom, and who blocks whom
    deletions     what a store promises about accounts that go
    invites       what a store promises about the invite links of groups
    generations   what a store promises about the generations of a cluster's views
    memory        a verified fake: the contract in dicts, with faults on request; in parts:
                  memory_logs  memory_accounts  memory_contacts  memory_invites
                  memory_deletions  memory_generations  memory_queue  memory_faults
    verify        walks the logs and proves them
    sqlite/       the embedded default, one writer thread with group commit
    cassandra/    the store of a cluster, shared by its nodes

    Conversation -> Logs.append -> writer (group commit) -> done() on the loop -> Conversation
    Session      -> Logs.page, Memberships.heads -> readers

A message is stored once, in its conversation's log; members have cursors.
"""
