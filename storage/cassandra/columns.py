"""What is read of a row: all that was written of it together, or it may never be whole again.

A read at a quorum repairs what it finds at one copy only, and of that row only the columns that it
asked for. A row whose write failed and is at the first copy alone:

    copies               1                2                3
    the write            seq epoch body   -                -
    read seq, epoch      seq epoch body   seq epoch        -           of copies 1 and 2
    read all             -                seq epoch        -           of 2 and 3: without its body

What was read whole at a quorum stays whole, and can be counted on as if its write had succeeded.
Where a value is large and its being there is enough, `writetime` reads it without fetching it.
docs/decisions/0041 tells how it was found, and tried.
"""

from __future__ import annotations

#: Of a line of a user's list, in both directions. Its cursors are written by themselves.
LINE = "user, conv, kind, lv, conv_seq, title, role, peer, since, until, request, mute"
LINE_WIDTH = 12

#: Of a log's end: (seq, epoch, count), and that everything else of the entry is there.
ENTRY_IS_THERE = "seq, epoch, count, device, cid, sender, ts, kind, target, writetime(body)"

#: Of a snapshot: its seq, the devices' last cids, and that its state is there.
SNAPSHOT_IS_THERE = "seq, cids, writetime(state)"

#: Of a projection: when it changed, and that what it shows is there, or not.
PROJECTION_IS_THERE = "changed_at, writetime(shown), deleted, reactions"


__all__ = [
    "ENTRY_IS_THERE",
    "LINE",
    "LINE_WIDTH",
    "PROJECTION_IS_THERE",
    "SNAPSHOT_IS_THERE",
]
