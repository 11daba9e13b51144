"""What a store promises about logs, snapshots, projections and memberships.

Errors are typed by what is known (config.errors): StoreRefusedError and its kin, it did not happen;
StoreRetryableError, it did not happen and may later; OutcomeUnknownError, it may have happened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from ..config.errors import StoreError
from ..config.ids import ConvId, DeviceId, UserId
from .accounts import Accounts
from .contacts import Contacts
from .deletions import Deletions
from .generations import Generations
from .invites import Invites
from .records import (
    Activation,
    Cursors,
    Entry,
    HeadsPage,
    Membership,
    Message,
    Projection,
    Snapshot,
)

#: Called on the loop, once: None when durable, else why not.
Done = Callable[[StoreError | None], None]

#: No place ends: what `append` takes when it is not told otherwise.
NOBODY: Mapping[UserId, int] = MappingProxyType({})


class Logs(Protocol):
    """Logs with one writer each, fenced by an epoch a shard."""

    async def claim(self, shard: int, *, owner: str = "", view: tuple[int, int] = (0, 0)) -> int:
        """Take a shard over: a new epoch, higher than any before it, durable on return.

        Appends under an older epoch of the shard are refused from then on (StaleEpochError). The
        owner may claim again what it has; another's it may not, unless that one released it or was
        sealed.

        Args:
            owner: Who claims: a node's incarnation; "" where there is only one.
            view: Of the cluster's views the one that it acts on.

        Raises:
            LowerViewError: It was claimed under a higher view, whoever has it now: in a lower view
                an owner may be missing that has just come in.
            OwnedError: Another owner has it.
            SealedError: The owner itself was sealed.
        """
        ...

    async def release(self, shard: int, owner: str) -> None:
        """The owner has done with the shard: its epoch is over, anybody may claim. Idempotent; of a
        shard that the owner does not have it changes nothing."""
        ...

    async def seal(self, owner: str) -> None:
        """The owner is gone, whatever it thinks itself: durable on return, and for ever.

        Every epoch of it is over, as if it had released all of its shards, and it claims no more.
        """
        ...

    async def activate(self, conv: ConvId, epoch: int) -> Activation:
        """What the owner under `epoch` finds: the newest snapshot, the tail, the cursors.

        It queues behind this log's own appends in flight, so it sees their outcome. A log that was
        never written gives no snapshot and an empty tail.

        Raises:
            StaleEpochError: The shard has a newer epoch.
            StoreRetryableError: Not readable just now.
        """
        ...

    def append(
        self,
        conv: ConvId,
        epoch: int,
        entries: Sequence[Entry],
        done: Done,
        *,
        unfinished: bool = False,
        ended: Mapping[UserId, int] = NOBODY,
    ) -> None:
        """Add entries to a log, all or nothing; `done` tells once they are durable, or why not.

        Appends of one log take effect in the order of the calls, and their `done` come in that
        order, on the loop, never from inside this call. The first seq must be head + 1
        (SeqMismatchError) and the epoch the shard's own, in every entry too (StaleEpochError,
        StoreRefusedError). Entries that arrive while a commit runs go into the next one, across
        conversations; a row that cannot be stored is refused alone, its neighbours are stored. What
        follows a failed append of the same log fails as well, since it does not continue the log.
        A full queue answers StoreRetryableError, in its turn. No entries is a commit of nothing.

        Args:
            unfinished: The entries have effects elsewhere; the log stays in `unfinished()` until
                `finish`, in the same commit.
            ended: {user: seq} of those whose place ends with one of the entries. From the same
                commit on, until `finish`, `heads` shows them no more than that, whatever a row says
                that was written for an earlier entry.
        """
        ...

    def finish(self, conv: ConvId, epoch: int) -> None:
        """Every effect of this log's entries is done; written behind, idempotent."""
        ...

    async def unfinished(self) -> list[ConvId]:
        """Logs whose entries have effects that may not all be done: activate them at start."""
        ...

    def put_snapshot(self, conv: ConvId, epoch: int, snapshot: Snapshot) -> None:
        """Replace the snapshot, if this one is newer; written behind, after earlier appends.

        One of a former owner, or ahead of the log (since an append failed), is ignored.
        """
        ...

    def put_projection(self, conv: ConvId, epoch: int, projection: Projection, done: Done) -> None:
        """Replace an entry's projection; idempotent, a lower `changed_at` is ignored.

        A deleted one erases the body of the entry, and of every "edit" whose `target` it is, from
        the store and soon from its files. An entry that is not there is StoreRefusedError.
        """
        ...

    async def page(
        self,
        conv: ConvId,
        first: int,
        last: int,
        *,
        limit: int,
        max_bytes: int,
        backwards: bool = False,
    ) -> list[Message]:
        """Committed entries with seq in [first, last], projections folded, in rising seq.

        At most `limit` entries and `max_bytes` bytes of body (as folded), but at least one if there
        is one; from the front, or from the back when `backwards`.

        Raises:
            UnsettledError: The range reaches what a dead owner left at the log's end; where several
                nodes share a store, only the next owner can tell: wake it.
        """
        ...

    async def head(self, conv: ConvId) -> tuple[int, int]:
        """(seq, count) of a log's newest committed entry; (0, 0) for an empty one.

        Raises:
            UnsettledError: As for `page`.
        """
        ...


class Memberships(Protocol):
    """Each user's list of conversations, and how far the user got in each."""

    async def membership(self, user: UserId, conv: ConvId) -> Membership | None:
        """One row."""
        ...

    async def put_membership(self, membership: Membership) -> None:
        """Write a row, durable on return; idempotent: one with a lower `conv_seq` or a lower `lv`
        than the row that is there is ignored. The latter is a former owner's, who was paused: a
        list never goes back, or who has read it up to the higher version is not shown the line.

        Cursors of the row are left as they are, but never below since - 1, where a new row starts:
        what was said while somebody was away does not count as unread.
        """
        ...

    def put_cursors(self, conv: ConvId, cursors: Mapping[UserId, Cursors]) -> None:
        """Raise cursors (never lower them); written behind, an unknown row is ignored."""
        ...

    async def heads(
        self,
        user: UserId,
        device: DeviceId,
        *,
        since: int,
        after: ConvId | None,
        limit: int,
    ) -> HeadsPage:
        """A page of the user's list, each line as of one moment.

        Rows with lv > since come whole (or as Gone, when left); the others brief (or not at all,
        when left: those take no room in the page). Whose place has `ended` since the row was
        written is Gone whatever the version, until the row says it: nobody is shown more than that.
        What waits for its owner (see `page`) is not in a line yet.
        """
        ...

    async def memberships(
        self, user: UserId, *, after: ConvId | None, limit: int
    ) -> list[Membership]:
        """Rows of the user's list by conversation id, those that were left included."""
        ...

    async def members(self, conv: ConvId) -> list[Membership]:
        """Every row of one conversation, those who left included."""
        ...

    async def smallest_shared(self, one: UserId, other: UserId) -> int:
        """How many are in the smallest conversation that the two are in together now; 0 for none.

        One that is still a request to `one` does not count: `one` has not let the other in.
        """
        ...

    async def have_met(self, one: UserId, other: UserId) -> bool:
        """Whether there is a conversation that each of the two is, or once was, in.

        As in `smallest_shared`, one that is still a request to `one` does not count, nor does one
        that was left as such.
        """
        ...


class Store(Logs, Memberships, Accounts, Contacts, Invites, Deletions, Generations, Protocol):
    """All of it, with a life."""

    async def open(self) -> None:
        """Start; must come first.

        Raises:
            SchemaError: The data was written by a newer program.
            StartError: The place cannot be used; one clear line.
        """
        ...

    async def close(self) -> None:
        """Finish what was handed in, then stop; idempotent. Later calls are refused."""
        ...

    async def backup(self, target: Path) -> None:
        """Write a consistent copy while running; commits go on.

        Raises:
            StoreRefusedError: The target exists, or cannot be written; or the store has no files.
            StoreRetryableError: There is no room for it.
        """
        ...


__all__ = ["NOBODY", "Done", "Logs", "Memberships", "Store"]
