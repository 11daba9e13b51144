"""A small honest client over an ActorDevice: what it sends it sends until it is acknowledged, and
what it hears of it reads until it has it. It never sends anything that nobody asked it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hubbub.actors.answers import (
    Acked,
    Answer,
    Behind,
    Delivery,
    Described,
    Done,
    HeadsAnswer,
    PageAnswer,
)
from hubbub.actors.bodies import Content, Text
from hubbub.actors.device import Answered, Closed, Welcomed
from hubbub.actors.requests import (
    Change,
    ChangeRequest,
    CreateRequest,
    HistoryRequest,
    Request,
    SendRequest,
    SyncRequest,
)
from hubbub.actors.runtime.actor import LoopActor
from hubbub.config.errors import Refusal
from hubbub.config.ids import ConvId, UserId
from hubbub.storage.records import BriefHead, Entry
from hubbub.supervision.chat import Chat

#: How long it waits before it sends again what was refused for the time being.
PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, as far as a client can tell."""

    device: str
    cid: int
    sender: str

    @classmethod
    def of(cls, entry: Entry) -> Line:
        return cls(entry.device, entry.cid, entry.sender)


@dataclass(slots=True)
class Chain:
    """What one device sends to one place, in order.

    Attributes:
        unacked: {cid: makes the request}, in order.
        stale: It is to be sent again from the oldest on.
    """

    last: int = 0
    unacked: dict[int, Callable[[int], Request]] = field(
        default_factory=dict[int, Callable[[int], Request]]
    )
    stale: bool = False


@dataclass(slots=True)
class Copy:
    """A conversation, as far as it is known here.

    Attributes:
        have: Everything up to here has been seen.
        wanted: There is something up to here.
        asked: A page is under way.
    """

    lines: dict[int, Line] = field(default_factory=dict[int, Line])
    have: int = 0
    wanted: int = 0
    asked: bool = False


class _Ear(LoopActor):
    def __init__(self, pocket: Pocket) -> None:
        super().__init__()
        self._pocket = pocket

    def on_receive(self, message: Any) -> None:
        if callable(message):
            message()
        else:
            self._pocket.hear(message)


class Pocket:
    """One device.

    Attributes:
        acks: {(conversation, cid): seq}: what was promised.
        copies: {conversation: Copy}
        faults: What should not have happened.
        closed: How often it was shut out.
    """

    def __init__(self, node: Chat, user: UserId, label: str) -> None:
        self.user = user
        self.acks: dict[tuple[ConvId, int], int] = {}
        self.copies: dict[ConvId, Copy] = {}
        self.faults: list[str] = []
        self.closed = 0
        self.made: list[ConvId] = []
        self._gone = False
        self._node = node
        self._label = label
        self._chains: dict[ConvId, Chain] = {}
        self._asked: dict[int, Callable[[Answer], None]] = {}
        self._ear = node.system.spawn(_Ear, self)
        self.device = node.attach(user, self._ear, label)

    @property
    def busy(self) -> bool:
        """Whether it waits for something."""
        return any(chain.unacked for chain in self._chains.values()) or any(
            copy.have < copy.wanted for copy in self.copies.values()
        )

    def leave(self) -> None:
        """The device goes, and does not come back."""
        self._gone = True
        self._node.detach(self.device)

    # --- what it can do -------------------------------------------------------------------------

    def say(self, conv: ConvId, content: Content | str) -> None:
        """Send a text, or something about an earlier one."""
        body = Text(content) if isinstance(content, str) else content
        self._chained(conv, lambda cid: lambda n: SendRequest(n, conv, None, cid, cid - 1, body))

    def change(self, conv: ConvId, change: Change) -> None:
        """Change a group."""
        self._chained(conv, lambda cid: lambda n: ChangeRequest(n, conv, cid, cid - 1, change))

    def found(self, title: str, *members: UserId) -> None:
        """Found a group; `made` has it then."""
        self._chained(
            ConvId(""), lambda cid: lambda n: CreateRequest(n, cid, cid - 1, title, members)
        )

    # --- what it hears --------------------------------------------------------------------------

    def hear(self, message: Any) -> None:
        match message:
            case Welcomed():
                self._sync()
                for conv in self._chains:
                    self._send_again(conv)
            case Answered(request=request, answer=answer, more=more):
                heard = self._asked.get(request) if more else self._asked.pop(request, None)
                if heard is None:
                    self.faults.append(f"an answer to nothing: {answer}")
                else:
                    heard(answer)
            case Delivery(conv=conv, entry=entry):
                self._take(conv, entry.seq, Line.of(entry))
            case Behind(convs=convs):
                for conv, head in convs.items():
                    self._want(conv, head)
            case Closed():
                self._come_back()
            case _:
                pass

    def _come_back(self) -> None:
        self.closed += 1
        self._node.detach(self.device)
        self._asked.clear()
        for copy in self.copies.values():
            copy.asked = False
        self._later(self._attach)

    def _attach(self) -> None:
        if self._gone:
            return
        self.device = self._node.attach(self.user, self._ear, self._label)

    def _later(self, call: Callable[[], None]) -> None:
        self._node.system.after(PATIENCE_S, self._ear.tell_if_alive, call)

    def _ask(self, make: Callable[[int], Request], heard: Callable[[Answer], None]) -> None:
        number = self.device.next_id()
        self._asked[number] = heard
        self.device.send(make(number))

    # --- chains ---------------------------------------------------------------------------------

    def _chained(self, conv: ConvId, make: Callable[[int], Callable[[int], Request]]) -> None:
        chain = self._chains.setdefault(conv, Chain())
        chain.last += 1
        chain.unacked[chain.last] = make(chain.last)
        if not chain.stale:
            self._send(conv, chain.last)

    def _send(self, conv: ConvId, cid: int) -> None:
        make = self._chains[conv].unacked[cid]
        self._ask(make, lambda answer: self._answered(conv, cid, answer))

    def _answered(self, conv: ConvId, cid: int, answer: Answer) -> None:
        chain = self._chains[conv]
        match answer:
            case Acked(seq=seq):
                if self.acks.setdefault((conv, cid), seq) != seq:
                    self.faults.append(f"{conv} {cid} is {self.acks[conv, cid]} and {seq}")
                chain.unacked.pop(cid, None)
                self._take(conv, seq, Line(self.device.device, cid, self.user))
            case Done():
                chain.unacked.pop(cid, None)
                # It is told that its change is done, and not what that looks like in the log.
                self._sync()
            case Described(conv=made):
                if chain.unacked.pop(cid, None):
                    self.made.append(made)
            case Refusal() if answer.temporary:
                if not chain.stale:
                    chain.stale = True
                    self._later(lambda: self._send_again(conv))
            case _:
                self.faults.append(f"{conv} {cid}: {answer!r}")

    def _send_again(self, conv: ConvId) -> None:
        chain = self._chains[conv]
        chain.stale = False
        for cid in list(chain.unacked):
            self._send(conv, cid)

    # --- reading --------------------------------------------------------------------------------

    def _sync(self) -> None:
        self._ask(lambda n: SyncRequest(n, 0), self._synced)

    def _synced(self, answer: Answer) -> None:
        if isinstance(answer, HeadsAnswer):
            for head in answer.heads:
                conv = head.conv if isinstance(head, BriefHead) else head.membership.conv
                self._want(conv, head.head)
        else:
            self._later(self._sync)

    def _take(self, conv: ConvId, seq: int, line: Line) -> None:
        copy = self.copies.setdefault(conv, Copy())
        if copy.lines.setdefault(seq, line) != line:
            self.faults.append(f"{conv} {seq} is {copy.lines[seq]} and {line}")
        while copy.have + 1 in copy.lines:
            copy.have += 1
        self._want(conv, seq)

    def _want(self, conv: ConvId, head: int) -> None:
        copy = self.copies.setdefault(conv, Copy())
        copy.wanted = max(copy.wanted, head)
        if copy.have < copy.wanted and not copy.asked:
            copy.asked = True
            after = copy.have
            self._ask(
                lambda n: HistoryRequest(n, conv, after, None, None, 100),
                lambda answer: self._read(conv, answer),
            )

    def _read(self, conv: ConvId, answer: Answer) -> None:
        copy = self.copies[conv]
        copy.asked = False
        if isinstance(answer, PageAnswer):
            if answer.last <= copy.have:
                # Who was put out meanwhile may see no further, whatever was said before.
                copy.wanted = copy.have
            copy.have = max(copy.have, answer.last)
            for message in answer.messages:
                self._take(conv, message.entry.seq, Line.of(message.entry))
            self._want(conv, 0)
        elif isinstance(answer, Refusal) and answer.temporary:
            self._later(lambda: self._want(conv, 0))
        else:
            self.faults.append(f"{conv} cannot be read: {answer!r}")


__all__ = ["Copy", "Line", "Pocket"]
