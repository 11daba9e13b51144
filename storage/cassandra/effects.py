"""What follows commits that count: projections, snapshots, tips, cursors, what is finished.

What follows a group's own entries is written after the fence was read: a sealed owner erases
nothing. What tells of earlier ones goes along with its rows. Where two owners write the same cells,
the stamps of the later one win.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from ...config.errors import HubbubError, StoreError, StoreRefusedError, StoreRetryableError
from ...config.ids import ConvId, UserId
from ..memory_queue import check_storable
from .adoption import put_tip
from .bridge import Answer, Bridge
from .claims import Claim, Claims, Statement, Tip
from .columns import LINE, PROJECTION_IS_THERE
from .rows import BUCKET, bucket_of, pack
from .runs import Run
from .works import Finish, Project, PutCursors, PutSnapshot, Work, tell

log = structlog.get_logger(__name__)

#: Tips kept in mind; about 500 bytes each.
MOST_TIPS = 50_000

_CHANGED = f"SELECT {PROJECTION_IS_THERE} FROM log WHERE conv = ? AND bucket = ? AND seq = ?"
_EDITS = "SELECT seq FROM edits WHERE conv = ? AND bucket = ? AND target = ?"
_EDIT = "SELECT seq, kind, target FROM log WHERE conv = ? AND bucket = ? AND seq = ?"
_PROJECT = (
    "UPDATE log USING TIMESTAMP ? SET changed_at = ?, shown = ?, deleted = ?, reactions = ?"
    " WHERE conv = ? AND bucket = ? AND seq = ?"
)
_ERASE = "UPDATE log USING TIMESTAMP ? SET body = ? WHERE conv = ? AND bucket = ? AND seq = ?"
_SNAPSHOT = "INSERT INTO snapshots (conv, seq, state, cids) VALUES (?, ?, ?, ?) USING TIMESTAMP ?"
_FINISH = "DELETE FROM unfinished USING TIMESTAMP ? WHERE shard = ? AND conv = ?"
_MEMBERS = f"SELECT {LINE} FROM members WHERE conv = ? AND user IN ?"
_RECV = "UPDATE members USING TIMESTAMP ? SET recv = ? WHERE conv = ? AND user = ?"
_READ = "UPDATE members USING TIMESTAMP ? SET read = ? WHERE conv = ? AND user = ?"


@dataclass(slots=True)
class _Behind:
    """Something that nobody waits for, under way."""

    what: str
    answers: list[Answer]
    tip: Tip | None = None
    snapshot: int = 0
    stored: int = 0


@dataclass(slots=True)
class Begun:
    """What of a group went along with its rows.

    Attributes:
        late: Snapshots that show the group's own entries: they come after them.
    """

    sent: list[_Behind] = field(default_factory=list[_Behind])
    cursors: list[PutCursors] = field(default_factory=list[PutCursors])
    late: list[PutSnapshot] = field(default_factory=list[PutSnapshot])


@dataclass(slots=True)
class _Change:
    """A projection on its way."""

    work: Project
    claim: Claim
    changed: Answer
    edits: Answer | None
    erase: list[int] = field(default_factory=list[int])


class Effects:
    """Writes what follows the commits of a group."""

    def __init__(self, bridge: Bridge, claims: Claims) -> None:
        self._bridge = bridge
        self._claims = claims

    def begin(self, group: Sequence[Work]) -> Begun:
        """Send what tells of earlier commits only; it goes along with the group's rows."""
        begun = Begun()
        for work in group:
            try:
                match work:
                    case PutSnapshot():
                        if not self._snapshot(work, begun.sent):
                            begun.late.append(work)
                    case Finish():
                        claim = self._claims.owned(work.conv, work.epoch)
                        values = (claim.stamp(), claim.shard, work.conv)
                        begun.sent.append(self._send("finish", (_FINISH, values)))
                    case PutCursors():
                        begun.cursors.append(work)
                    case _:
                        pass
            except StoreError as error:
                log.warning("write_behind_failed", what=type(work).__name__, error=f"{error}")
        return begun

    async def end(self, begun: Begun) -> None:
        """Wait for what was begun."""
        await self._await([*begun.sent, *await self._cursors(begun.cursors)])

    async def perform(
        self,
        group: Sequence[Work],
        runs: Sequence[Run],
        failed: dict[ConvId, StoreError],
        begun: Begun,
    ) -> None:
        """Do what follows the group's own commits; projections hear about it."""
        behind: list[_Behind] = []
        changes: list[_Change] = []
        for work in [*group, *begun.late]:
            try:
                if isinstance(work, Project):
                    changes.append(self._look_at(work, failed))
                elif isinstance(work, PutSnapshot) and work in begun.late:
                    self._snapshot(work, behind)
            except StoreError as error:
                if isinstance(work, Project):
                    work.error = error
                else:
                    log.warning("write_behind_failed", what="snapshot", error=f"{error}")
        for run in runs:
            tip = run.tip
            if not tip.doubt and tip.seq // BUCKET != tip.stored // BUCKET:
                behind.append(self._store_tip(run.claim, run.conv, tip))
        await self._project(changes)
        await self._await(behind)
        for work in group:
            if isinstance(work, Project):
                tell(work)

    async def store_tips(self, claims: Sequence[Claim]) -> None:
        """Let readers know every tip: afterwards all that was acknowledged counts without us."""
        behind: list[_Behind] = []
        for claim in claims:
            for conv, tip in claim.tips.items():
                if tip.stored < tip.seq and not tip.doubt:
                    behind.append(self._store_tip(claim, conv, tip))
                    if len(behind) >= 256:
                        await self._await(behind)
                        behind.clear()
        await self._await(behind)

    async def forget_oldest(self, claims: Claims) -> None:
        """Keep only so many tips in mind."""
        over = sum(len(claim.tips) for claim in claims) - MOST_TIPS
        if over <= 0:
            return
        for claim in claims:
            oldest = [conv for conv, tip in claim.tips.items() if not tip.doubt]
            share = oldest[: len(oldest) // 4 + 1]
            await self._await(
                [
                    self._store_tip(claim, conv, tip)
                    for conv in share
                    if (tip := claim.tips[conv]).stored < tip.seq
                ]
            )
            for conv in share:
                del claim.tips[conv]

    # --- what nobody waits for ------------------------------------------------------------------

    def _send(self, what: str, *statements: Statement) -> _Behind:
        return _Behind(what, [self._bridge.start(*statement) for statement in statements])

    def _store_tip(self, claim: Claim, conv: ConvId, tip: Tip) -> _Behind:
        sent = self._send("tip", put_tip(claim, conv, tip.seq, tip.count))
        sent.tip, sent.stored = tip, tip.seq
        return sent

    def _snapshot(self, work: PutSnapshot, sent: list[_Behind]) -> bool:
        """Send a snapshot, unless it is none; False when it is ahead of the log."""
        claim = self._claims.owned(work.conv, work.epoch)
        tip = claim.tips.get(work.conv)
        shot = work.snapshot
        if tip is None or shot.seq > tip.seq:
            return False  # its entries are in the group; or they failed, and it shows nothing real
        if shot.seq <= tip.snapshot:
            return True
        check_storable(shot.state, *shot.cids, *shot.cids.values())
        tip.snapshot = shot.seq
        values = (work.conv, shot.seq, shot.state, shot.cids, claim.stamp())
        sent.append(self._send("snapshot", (_SNAPSHOT, values)))
        sent.append(self._store_tip(claim, work.conv, tip))
        return True

    async def _cursors(self, works: Sequence[PutCursors]) -> list[_Behind]:
        """Raise cursors: each is its own timestamp, so that a lower one never wins."""
        asked = [
            (work, self._bridge.start(_MEMBERS, (work.conv, list(work.cursors))))
            for work in works
            if work.cursors
        ]
        behind: list[_Behind] = []
        for work, answer in asked:
            try:
                there = [UserId(user) for user, _, _, lv, *_ in await answer if lv is not None]
                sent = _Behind("cursors", [])
                for user in there:
                    given = work.cursors[user]
                    check_storable(given.recv, given.read)
                    for cql, value in ((_RECV, given.recv), (_READ, given.read)):
                        if value > 0:
                            values = (value, value, work.conv, user)
                            sent.answers.append(self._bridge.start(cql, values))
                behind.append(sent)
            except StoreError as error:
                log.warning("write_behind_failed", what="cursors", error=f"{error}")
        return behind

    async def _await(self, behind: Sequence[_Behind]) -> None:
        for sent in behind:
            try:
                for answer in sent.answers:
                    await answer
            except HubbubError as error:
                log.warning("write_behind_failed", what=sent.what, error=f"{error}")
            else:
                if sent.tip is not None:
                    sent.tip.stored = max(sent.tip.stored, sent.stored)

    # --- projections ----------------------------------------------------------------------------

    def _look_at(self, work: Project, failed: dict[ConvId, StoreError]) -> _Change:
        given = work.projection
        claim = self._claims.owned(work.conv, work.epoch)
        tip = claim.tips.get(work.conv)
        if tip is None:
            raise StoreRetryableError(f"the log cannot be taken up: {failed.get(work.conv)}")
        if not 1 <= given.seq <= tip.seq:
            raise StoreRefusedError(f"no entry {given.seq} to change, the head is {tip.seq}")
        check_storable(given.body, given.changed_at, *given.reactions)
        at = (work.conv, bucket_of(given.seq), given.seq)
        edits = self._bridge.start(_EDITS, at) if given.deleted else None
        return _Change(work, claim, self._bridge.start(_CHANGED, at), edits)

    async def _project(self, changes: Sequence[_Change]) -> None:
        newest: dict[tuple[ConvId, int], int] = {}
        sent: list[tuple[Project, list[Answer]]] = []
        for change in changes:
            work = change.work
            given = work.projection
            try:
                rows = await change.changed
                key = work.conv, given.seq
                before = newest.get(key, (rows[0][0] if rows else None) or 0)
                if given.changed_at < before:
                    continue
                newest[key] = given.changed_at
                if change.edits is not None:
                    change.erase = await self._edits_of(work, await change.edits)
                sent.append((work, [self._bridge.start(*s) for s in _statements(change)]))
            except StoreError as error:
                work.error = error
        for work, answers in sent:
            try:
                for answer in answers:
                    await answer
            except StoreError as error:
                work.error = error

    async def _edits_of(self, work: Project, found: Sequence[tuple[int]]) -> list[int]:
        """The edits of an entry, among those that may be: one that was refused is noted too."""
        target = work.projection.seq
        asked = [
            self._bridge.start(_EDIT, (work.conv, bucket_of(seq), seq)) for (seq,) in found
        ]  # fmt: skip
        rows = [row for answer in asked for row in await answer]
        return [seq for seq, kind, of in rows if kind == "edit" and of == target]


def _statements(change: _Change) -> list[Statement]:
    conv, given = change.work.conv, change.work.projection
    shown = None if given.deleted else given.body
    at = (conv, bucket_of(given.seq), given.seq)
    stamp = change.claim.stamp()
    statements: list[Statement] = [
        (_PROJECT, (stamp, given.changed_at, shown, given.deleted, pack(given.reactions), *at))
    ]
    if given.deleted:
        for seq in (given.seq, *change.erase):
            statements.append((_ERASE, (stamp, b"", conv, bucket_of(seq), seq)))
    return statements


__all__ = ["MOST_TIPS", "Begun", "Effects"]
