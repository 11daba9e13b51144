"""What is handed to the committer; it is settled on the loop, once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from ...config.errors import HubbubError, StoreError
from ...config.ids import ConvId, UserId
from ..contract import Done
from ..records import Cursors, Entry, Projection, Snapshot

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Append:
    """Entries for a log."""

    conv: ConvId
    epoch: int
    entries: Sequence[Entry]
    done: Done
    unfinished: bool
    ended: Mapping[UserId, int]
    error: StoreError | None = None
    told: bool = False

    @property
    def size(self) -> int:
        return sum(len(entry.body) for entry in self.entries)


@dataclass(slots=True, eq=False)
class Project:
    """A projection for an entry."""

    conv: ConvId
    epoch: int
    projection: Projection
    done: Done
    error: StoreError | None = None
    told: bool = False


@dataclass(slots=True, eq=False)
class PutSnapshot:
    """A snapshot, if it is newer."""

    conv: ConvId
    epoch: int
    snapshot: Snapshot


@dataclass(slots=True, eq=False)
class Finish:
    """All effects of a log's entries are done."""

    conv: ConvId
    epoch: int


@dataclass(slots=True, eq=False)
class PutCursors:
    """Cursors of members."""

    conv: ConvId
    cursors: Mapping[UserId, Cursors]


@dataclass(slots=True, eq=False)
class Look:
    """Waits its turn; then a log is adopted, and read.

    Attributes:
        epoch: Whose it has to be; None for whoever holds it.
    """

    conv: ConvId
    epoch: int | None
    read: Callable[[], Awaitable[Any]]
    heard: asyncio.Future[Any]


@dataclass(slots=True, eq=False)
class Alone:
    """Runs when all before it is done, and before all that comes after it; but side by side with
    its like of other shards.

    Attributes:
        shard: Of which it is; None for none.
    """

    shard: int | None
    run: Callable[[], Awaitable[Any]]
    heard: asyncio.Future[Any]


Work = Append | Project | PutSnapshot | Finish | PutCursors | Look | Alone


def tell(work: Append | Project) -> None:
    """Tell how it went, once."""
    if work.told:
        return
    work.told = True
    try:
        work.done(work.error)
    except Exception:
        # One listener's mistake must not keep the others from hearing.
        log.exception("outcome_not_taken")


def settle(heard: asyncio.Future[Any], result: Any, error: HubbubError | None) -> None:
    """Tell who waits, unless they went away."""
    if heard.done():
        return
    if error is not None:
        heard.set_exception(error)
    else:
        heard.set_result(result)


__all__ = [
    "Alone",
    "Append",
    "Finish",
    "Look",
    "Project",
    "PutCursors",
    "PutSnapshot",
    "Work",
    "settle",
    "tell",
]
