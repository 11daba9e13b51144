"""What a user asks for that has effects elsewhere: groups, contacts, blocks, mutes.

    entry durable in the private log -> the user's row -> others are told, until each has answered
                                     -> who asked hears that it is done

What is owed is in the log, so whoever comes after a crash takes it up. The User's mailbox waits
while the store is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog

from ..config.clock import Clock
from ..config.errors import BadRequestError, NotFoundError, Refusal, StoreError, UnavailableError
from ..config.ids import UserId, direct_id
from ..config.units import SECONDS
from ..storage.contract import Store
from ..storage.records import Contact, Membership
from .answers import Behind, Done
from .bodies import PersonFact, SelfEntry
from .commands import (
    AcceptRequest,
    ContactTold,
    CreateGroup,
    Description,
    EffectDone,
    ListChange,
    Reply,
    ReplyTo,
    SetBlock,
    UserAct,
)
from .contact_rules import changed
from .gate_commands import Depart
from .people import require_people
from .ports import Cluster
from .private_log import PrivateLog
from .requests import AskContact, BlockPerson, MuteConv
from .user_state import UserState, fact_of

#: How long others may take before they are told again.
RETELL_S = 5 * SECONDS

#: The first step of a fact, before anybody is told: the user's own row.
_ROW = "row"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Founding:
    """A group that this user asked for, while its actor founds it."""

    conv: str
    reply: ReplyTo | None


@dataclass(frozen=True, slots=True)
class _Telling:
    """An actor that is told of the fact at `seq`."""

    seq: int
    target: str


class Errands:
    """A User's. Everything here is called with the User's mailbox waiting."""

    # One stands beside every connected user: it costs its bytes.
    __slots__ = (
        "_again", "_clock", "_cluster", "_due", "_keys", "_left", "_open", "_store", "_user",
        "_waiting",
    )  # fmt: skip

    def __init__(
        self,
        user: UserId,
        store: Store,
        cluster: Cluster,
        clock: Clock,
        again: Callable[[float], None],
        key: int,
    ) -> None:
        """Idle.

        Args:
            again: Has `retell` called after so many seconds.
            key: No predecessor asked under those above it: it may yet be answered.
        """
        self._user = user
        self._store = store
        self._cluster = cluster
        self._clock = clock
        self._again = again
        self._keys = key
        #: {key: what is answered under it}
        self._open: dict[int, _Founding | _Telling] = {}
        #: {seq: {step: its key}}: what is left of each fact that is owed.
        self._left: dict[int, dict[str, int]] = {}
        #: {seq: who waits until nothing is left of it}
        self._waiting: dict[int, list[ReplyTo]] = {}
        self._due = False

    def busy(self, state: UserState) -> bool:
        """Whether something is still owed: a group that is not founded, a fact that is not told.

        Who asked for a group that stands asks again when the answer was lost; nobody waits here.
        """
        return bool(self._left) or any(
            isinstance(what, _Telling) or what.conv in state.creating
            for what in self._open.values()
        )

    def take_up(self, state: UserState) -> None:
        """The private log was read: what is owed goes on."""
        self._left = {seq: left for seq, left in self._left.items() if seq in state.owed}
        for wish in list(state.creating.values()):
            self._found(state, wish, None)
        if state.owed:
            self._retell_in(0)

    # --- groups, and the user's list ------------------------------------------------------------

    async def create(self, private: PrivateLog, m: CreateGroup) -> None:
        """Have a new group founded, once."""
        state = await self._ready(private, m.reply)
        if state is None:
            return
        try:
            entry = state.create(m, self._clock.now_ms())
            if entry is not None:
                await private.append(state, entry, unfinished=True)
        except Refusal as refusal:
            self._answer(m.reply, refusal)
            return
        self._found(state, state.wish(m), m.reply)

    def _found(self, state: UserState, wish: SelfEntry, reply: ReplyTo | None) -> None:
        if reply is None:
            # Told again: an answer to any of them answers all.
            unheard = _Founding(wish.conv, None)
            self._open = {key: what for key, what in self._open.items() if what != unheard}
        self._retell_in(RETELL_S)
        key = self._next_key()
        self._open[key] = _Founding(wish.conv, reply)
        me = ReplyTo(f"user:{self._user}", key)
        self._cluster.tell(f"conv:{wish.conv}", state.founding(wish, me))

    def _founded(self, private: PrivateLog, conv: str, result: Any) -> None:
        final = isinstance(result, Refusal) and not result.temporary
        if final and private.state is not None:
            # Asked for again after a crash at most, and refused again: no more is owed.
            private.state.creating.pop(conv, None)
        if final or isinstance(result, Description):
            for key, what in list(self._open.items()):
                if isinstance(what, _Founding) and what.conv == conv:
                    del self._open[key]
                    if what.reply is not None:
                        self._answer(what.reply, result)
            if private.state is not None and not self.busy(private.state):
                private.finish()

    async def change_list(self, private: PrivateLog, m: ListChange) -> bool:
        """Show a changed line, told until it is answered; True when the user comes in by it."""
        came, state = False, await private.ready()
        if state is None:
            return came
        try:
            row = await self._store.membership(self._user, m.conv)
            if row is None and await self._store.account(self._user) is None:
                # A deleted account, taken in by somebody who did not know yet.
                self._cluster.tell(f"conv:{m.conv}", Depart(None, self._user))
            elif row is None or await private.untold(state, row, m.conv_seq):
                head = m.until or ((await self._store.head(m.conv))[0] if m.again else 0)
                # The row first: a list read between the two shows it, under either version.
                entry, owed = state.list_entry(m, self._clock.now_ms()), m.conv in state.creating
                await self._store.put_membership(_row(self._user, entry.seq, m, row))
                came = m.until is None and (row is None or row.until is not None)
                await private.append(state, entry)
                if m.again:
                    state.push(Behind({m.conv: head}))
                if owed and not (state.owed or self.busy(state)):
                    private.finish()
        except (StoreError, UnavailableError) as error:
            log.warning("list_unchanged", user=self._user, error=repr(error))
            return came
        self._cluster.tell(f"conv:{m.conv}", EffectDone(self._user, m.conv_seq))
        return came

    # --- people ---------------------------------------------------------------------------------

    async def act(self, private: PrivateLog, m: UserAct) -> None:
        """Do it once; who asks again hears when it is done."""
        state = await self._ready(private, m.reply)
        if state is None:
            return
        try:
            seq = state.repeated(m, fact_of(m))
            if seq is None:
                seq = await self._commit(private, state, m)
        except Refusal as refusal:
            self._answer(m.reply, refusal)
        except StoreError:
            self._answer(m.reply, UnavailableError())
        else:
            if seq not in state.owed:
                self._answer(m.reply, Done())
                return
            self._waiting.setdefault(seq, []).append(m.reply)
            if seq not in self._left:
                await self._try(private, state, seq)

    async def _commit(self, private: PrivateLog, state: UserState, m: UserAct) -> int:
        entry = state.act(m, self._clock.now_ms())
        if isinstance(m.act, MuteConv):
            line = await self._store.membership(self._user, m.act.conv)
            if line is None or line.until is not None:
                raise NotFoundError("There is no such conversation.")
            # The row first, as for every line of the list.
            await self._store.put_membership(replace(line, lv=entry.seq, mute=m.act.until))
            await private.append(state, entry)
        else:
            await self._check(m.act)
            await private.append(state, entry, unfinished=True)
        return entry.seq

    async def _check(self, act: BlockPerson | AskContact) -> None:
        """Hold an act to whom it is about.

        Raises:
            BadRequestError: It is about the user.
            NotFoundError: There is no such person, or the person has not asked.
        """
        if act.user == self._user:
            raise BadRequestError("That is you.")
        row = await self._store.contact(self._user, act.user)
        if row is None or act not in (
            BlockPerson(act.user, False),
            AskContact(act.user, "remove"),
        ):
            # What is held of somebody who has gone can be let go of.
            await require_people(self._store, [act.user])
        if act == AskContact(act.user, "accept"):
            line = await self._store.membership(self._user, direct_id(self._user, act.user))
            # Who has written back has let the other in already: to accept as well is no mistake.
            if line is None and (row is None or row.state not in ("asks", "mutual")):
                raise NotFoundError("This person has not asked.")

    async def hear(self, private: PrivateLog, m: ContactTold) -> None:
        """Note what another one wants; told again until it is answered."""
        state = await private.ready()
        if state is None:
            return
        try:
            if await self._store.account(self._user) is None:
                # A deleted account wants nothing of anybody.
                self._answer(m.reply, Done())
                return
            row = await self._row(m.user)
            asks_again = m.wants and row.dismissed and not row.blocked
            if m.at > row.theirs_at and (row.theirs != m.wants or asks_again):
                fact = PersonFact("wanted" if m.wants else "unwanted", m.user, m.at)
                entry = state.entry(fact, "", 0, self._clock.now_ms())
                await private.append(state, entry, unfinished=True)
                await self._perform(state, entry.seq)
            elif m.at > row.theirs_at:
                await self._store.put_contact(replace(row, theirs_at=m.at))
        except (StoreError, UnavailableError) as error:
            log.warning("contact_unheard", user=self._user, error=repr(error))
            self._retell_in(RETELL_S)
            return
        self._settle(private, state)
        self._answer(m.reply, Done())

    # --- effects --------------------------------------------------------------------------------

    async def retell(self, private: PrivateLog) -> None:
        """Go on with everything that is still owed."""
        self._due = False
        state = await private.ready()
        if state is None:
            return
        for wish in list(state.creating.values()):
            self._found(state, wish, None)
        for seq in list(state.owed):
            await self._try(private, state, seq)

    def replied(self, private: PrivateLog, m: Reply) -> None:
        """Another actor's word."""
        match self._open.pop(m.key, None):
            case _Founding(conv=conv, reply=reply):
                if reply is not None:
                    self._answer(reply, m.result)
                self._founded(private, conv, m.result)
            case _Telling(seq=seq, target=target) if not isinstance(m.result, Refusal):
                self._left.get(seq, {}).pop(target, None)
                if private.state is not None:
                    self._settle(private, private.state)
            case _:
                pass  # answered already; or refused just now, and told again

    async def _try(self, private: PrivateLog, state: UserState, seq: int) -> None:
        try:
            await self._perform(state, seq)
        except StoreError as error:
            log.warning("contact_unchanged", user=self._user, error=repr(error))
        self._settle(private, state)
        if state.owed:
            self._retell_in(RETELL_S)

    async def _perform(self, state: UserState, seq: int) -> None:
        """The row first, after those of earlier facts about the same person; then tell."""
        fact = state.owed[seq]
        holds = fact.ev not in ("remove", "unblock", "unwanted")
        if holds and await self._store.account(fact.user) is None:
            # Deleted meanwhile: no row may come back, and nobody is there to be told.
            self._left[seq] = {}
            return
        for earlier, other in state.owed.items():
            if earlier <= seq and other.user == fact.user and _ROW in self._steps(earlier, other):
                row = changed(await self._row(fact.user), other, earlier)
                await self._store.put_contact(row)
                del self._left[earlier][_ROW]
        row = await self._row(fact.user)
        for target, key in self._left[seq].items():
            me = ReplyTo(f"user:{self._user}", key)
            self._open[key] = _Telling(seq, target)
            self._cluster.tell(target, self._news(target, fact, seq, row, me))

    def _steps(self, seq: int, fact: PersonFact) -> dict[str, int]:
        left = self._left.get(seq)
        if left is None:
            conv = f"conv:{direct_id(self._user, fact.user)}"
            match fact.ev:
                case "block" | "unblock":
                    steps = [conv]
                case "request" | "accept":
                    steps = [conv, f"user:{fact.user}"]
                case "remove":
                    steps = [f"user:{fact.user}"]
                case _:
                    steps = []
            left = self._left[seq] = {step: self._next_key() for step in (_ROW, *steps)}
        return left

    def _news(self, target: str, fact: PersonFact, seq: int, row: Contact, me: ReplyTo) -> Any:
        if target.startswith("user:"):
            wants = row.mine if fact.ev == "accept" else fact.ev == "request"
            return ContactTold(me, self._user, wants, seq)
        if fact.ev in ("block", "unblock"):
            return SetBlock(me, self._user, fact.ev == "block", seq)
        return AcceptRequest(me, self._user)

    def _settle(self, private: PrivateLog, state: UserState) -> None:
        """Tell those who wait for what is done now."""
        for seq in [seq for seq, left in self._left.items() if not left]:
            del self._left[seq]
            state.owed.pop(seq, None)
            for reply in self._waiting.pop(seq, ()):
                self._answer(reply, Done())
            if not (state.owed or self.busy(state)):
                private.finish()

    # --- small things ---------------------------------------------------------------------------

    async def _row(self, peer: UserId) -> Contact:
        return await self._store.contact(self._user, peer) or Contact(self._user, peer)

    async def _ready(self, private: PrivateLog, reply: ReplyTo) -> UserState | None:
        state = await private.ready()
        if state is None:
            self._answer(reply, UnavailableError())
        return state

    def _retell_in(self, delay_s: float) -> None:
        if not self._due:
            self._due = True
            self._again(delay_s)

    def _next_key(self) -> int:
        self._keys += 1
        return self._keys

    def _answer(self, reply: ReplyTo, result: Any) -> None:
        self._cluster.tell(reply.name, Reply(reply.key, result))


def _row(user: UserId, lv: int, m: ListChange, old: Membership | None) -> Membership:
    return Membership(
        user, m.conv, m.kind, lv, m.conv_seq, m.title, m.role, m.peer, m.since, m.until,
        m.request, 0 if old is None else old.mute,
    )  # fmt: skip


__all__ = ["RETELL_S", "Errands"]
