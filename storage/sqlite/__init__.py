"""The embedded store: one SQLite file, one thread that writes, a few that read.

store         its parts put together, and its life
base          where the parts hand in what they want written and read
logs          claims, appends, snapshots, projections         (contract.Logs)
memberships   each user's list of conversations               (contract.Memberships)
accounts      people, devices, tokens, recovery codes         (accounts.Accounts)
contacts      who knows whom, and who blocks whom             (contacts.Contacts)
deletions     accounts that go                                (deletions.Deletions)
invites       invite links of groups                          (invites.Invites)
generations   the generations of a cluster's views            (generations.Generations)
writer        the queue, the thread, batches, bisecting
committer     runs one batch on the connection, and recovers it
work          what is queued: applies itself, hears how it went
transaction   gathers rows, writes them with few statements
tips          heads, epochs and names that the writer keeps in mind
readers       threads that read
log_reader    pages, tails, heads of a log
heads         the lines of a user's list
rows          from rows to values
connection    opening the file: modes, pragmas, clear refusals
schema        numbered migrations
evidence      what `storage.verify` is shown
verdict       what is known after SQLite raised
backup        a consistent copy while running

append -> Append -> queue -> Transaction -> COMMIT -> done() on the loop
page   -> reader's thread -> LogReader.page -> the caller
"""
