"""The reading half of a simulated client: messages, gaps, pages, the list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ...config.ids import DeviceId, UserId
from ...transport.wire import frames
from .chain import Item
from .chance import SeededChance
from .copy import Copy, Frame, Line
from .sending import Outgoing
from .trace import Trace

#: A gap older than this is read from the log (protocol, item 5).
GAP_S = 1.0


class Deletions:
    """What everybody knows to be deleted, and since when: nothing that is asked for later may show
    it any more.

    Attributes:
        at: {(conversation, seq): virtual seconds when the first client knew}.
    """

    def __init__(self) -> None:
        self.at: dict[tuple[str, int], float] = {}

    def known(self, c: str, s: int, now: float) -> None:
        """A client knows that this text is deleted."""
        self.at.setdefault((c, s), now)

    def forbids(self, c: str, s: int, asked_at: float) -> bool:
        """Whether the text may not be in what was asked for at this time."""
        return self.at.get((c, s), asked_at) < asked_at


class Incoming(Outgoing):
    """See the module.

    Attributes:
        copies: {conversation: Copy}.
        heads: {conversation: line} of the list, as the last syncs left it; gone ones apart.
        gone: {conversation: until}.
        lv: The version of the list.
        secrets: {(conversation, seq): texts} of every text that came over the wire as a message.
        listed_texts: The same, of those that came as the newest one in a line of the list.
    """

    def __init__(
        self,
        name: str,
        user: UserId,
        device: DeviceId,
        loop: asyncio.AbstractEventLoop,
        chance: SeededChance,
        trace: Trace,
        deletions: Deletions,
        *,
        page: int,
    ) -> None:
        super().__init__(name, user, device, loop, chance, trace)
        self.copies: dict[str, Copy] = {}
        self.heads: dict[str, Frame] = {}
        self.gone: dict[str, int] = {}
        self.lv = 0
        self.secrets: dict[tuple[str, int], set[str]] = {}
        self.listed_texts: dict[tuple[str, int], set[str]] = {}
        self._deletions = deletions
        self._page = page
        self._syncing: int | None = None
        #: {conversation: the last acknowledged cid when the list was asked for}
        self._mine: dict[str, int] = {}
        self._sync_due = False
        self._pushed: set[tuple[str, int]] = set()

    def later(self, delay_s: float, call: Callable[..., object], *args: Any) -> None:
        """Call later, if the connection lasts so long."""
        raise NotImplementedError

    def ask_watch(self) -> None:
        """Tell the server what is on the screen."""
        raise NotImplementedError

    def forget_copies(self) -> None:
        """Lose everything that was read."""
        self.copies.clear()
        self.heads.clear()
        self.gone.clear()
        self.lv = 0

    def reading_ends(self) -> None:
        """The connection is gone: nothing is being read."""
        self._pushed.clear()
        self._syncing = None
        self._sync_due = False
        for copy in self.copies.values():
            copy.reading = False

    # --- messages -------------------------------------------------------------------------------

    def copy(self, c: str) -> Copy:
        """Its copy of a conversation."""
        found = self.copies.get(c)
        if found is None:
            found = self.copies[c] = Copy(c)
        return found

    def message(self, frame: Frame) -> None:
        """A push."""
        c, s = frame["c"], frame["s"]
        self.note("msg", c, s, frame["b"]["k"])
        if (c, s) in self._pushed:
            self.faults.append(f"{c} {s} was pushed twice on one connection")
        self._pushed.add((c, s))
        self._see(c, frame)
        if frame["b"]["k"] == "delete":
            self._deletions.known(c, frame["b"]["s"], self.loop.time())
        copy = self.copy(c)
        copy.take(frame)
        self._settle(copy)
        if frame["b"]["k"] == "system" or (c not in self.heads):
            self.sync_soon()

    def _see(self, c: str, msg: Frame) -> None:
        """Note every word that came over the wire."""
        text = msg["b"].get("text")
        if text is not None:
            self.secrets.setdefault((c, msg["s"]), set()).add(text)

    def took_own(self, c: str, s: int, line: Line, body: Frame | None) -> None:
        """An ack is the arrival of what was sent."""
        copy = self.copy(c)
        if body is None:
            copy.wanted = max(copy.wanted, s)
        else:
            copy.own(s, line, body)
        self._settle(copy)

    def _settle(self, copy: Copy) -> None:
        """A gap that stands for a second is read; what has come is told of."""
        if copy.behind:
            self.later(GAP_S, self._gap, copy, copy.last)
        elif copy.last > copy.recv_sent:
            self.later(1.0, self._tell_received, copy)

    def _tell_received(self, copy: Copy) -> None:
        if copy.last > copy.recv_sent and self.online:
            copy.recv_sent = copy.last
            self.put(frames.Recv(c=copy.c, s=copy.last))

    def _gap(self, copy: Copy, last: int) -> None:
        if copy.last == last:
            self._read_on(copy)

    def want(self, c: str, head: int) -> None:
        """Somebody spoke of this seq: read up to it."""
        copy = self.copy(c)
        copy.wanted = max(copy.wanted, head)
        self._read_on(copy)

    def _read_on(self, copy: Copy) -> None:
        if copy.behind and not copy.reading and self.online:
            copy.reading = True
            ask = self.next_id()
            self.asked[ask] = ("hist", copy.c, self.loop.time())
            self.put(frames.Hist(id=ask, c=copy.c, after=copy.last, limit=self._page))

    def look_back(self, c: str, s: int) -> int:
        """Somebody turns to an earlier message. Returns: the question's number."""
        ask = self.next_id()
        self.asked[ask] = ("hist", c, self.loop.time())
        self.put(frames.Hist(id=ask, c=c, after=s - 1, limit=1))
        return ask

    def paged(self, frame: Frame) -> None:
        """A page of history."""
        asked = self.asked.pop(frame["re"], None)
        if asked is None:
            if frame["re"] not in self.retired:
                self.faults.append(f"a page for nothing: {frame['c']}")
            return
        c, copy = frame["c"], self.copy(frame["c"])
        self.note("page", c, frame["from"], frame["to"], "head", frame["head"])
        copy.reading = False
        copy.wanted = max(copy.wanted, frame["head"])
        for msg in frame["msgs"]:
            self._see(c, msg)
            self._shown(c, msg, asked[2])
            if msg["b"]["k"] == "system" and msg["s"] > copy.last:
                self.sync_soon()  # it may be this device's own leaving, whose push was lost
            copy.take(msg, frame["head"])
        if frame["to"]:
            copy.covered(frame["from"], frame["to"])
        if not frame["more"]:
            # Nothing visible is left, whatever was spoken of: one who left sees up to leaving.
            copy.covered(copy.last + 1, frame["head"])
            copy.wanted = min(copy.wanted, max(frame["head"], copy.last))
        self._read_on(copy)
        self._settle(copy)

    # --- the list -------------------------------------------------------------------------------

    def sync_soon(self) -> None:
        """The list may have changed."""
        if not self._sync_due:
            self._sync_due = True
            self.later(0.3, self.sync)

    def sync(self) -> None:
        """Read what changed in the list."""
        self._sync_due = False
        if self._syncing is None and self.online:
            self._syncing = self.next_id()
            self.asked[self._syncing] = ("sync", "", self.loop.time())
            self._mine = {c: chain.committed for c, chain in self.chains.items()}
            self.put(frames.Sync(id=self._syncing, lv=self.lv))

    def sync_anew(self) -> None:
        """Read the list from its beginning."""
        self.lv = 0
        self.sync()

    def listed(self, frame: Frame) -> None:
        """A page of the list."""
        asked = self.asked.get(frame["re"])
        if asked is None or frame["re"] != self._syncing:
            return
        lines: list[Frame | list[Any]] = frame["convs"]
        for line in lines:
            if isinstance(line, dict):
                self._take_line(line["c"], line)
            else:
                c, head, n = line
                self._take_short(c, head, n)
        for left in frame["gone"]:
            self.gone[left["c"]] = left["until"]
            self.heads.pop(left["c"], None)
            self.want(left["c"], left["until"])
        if not frame["more"]:
            self.lv = frame["lv"]
            del self.asked[frame["re"]]
            self._syncing = None
            self.note("synced", "lv", self.lv, len(self.heads))
            for copy in self.copies.values():
                # Of one that is gone the list speaks once; the last connection may have ended then.
                self._read_on(copy)

    def _take_short(self, c: str, head: int, n: int) -> None:
        if c in self.heads:
            self.heads[c] = {**self.heads[c], "head": head, "n": n}
        self.want(c, head)

    def _take_line(self, c: str, line: Frame) -> None:
        self.heads[c] = line
        self.gone.pop(c, None)
        self.want(c, line["head"])
        last = line.get("last")
        if last is not None:
            self.listed_texts.setdefault((c, last["s"]), set()).add(str(last["b"].get("text")))
            self._shown(c, last, self.asked[self._syncing or 0][2])
        chain = self.chain(c)
        if line["mine"] < self._mine.get(c, 0):  # what was acknowledged since then may not be in it
            self.faults.append(f"{c}: heads say mine={line['mine']}, not {self._mine[c]}")
        if self.forgot and not chain.waiting:
            chain.base = max(chain.base, line["mine"])
        copy = self.copy(c)
        if line["read"] < copy.read:
            self.note("reads again", c, line["read"], copy.read)
            self.put(frames.Read(c=c, s=copy.read))
        if line["recv"] < copy.recv_sent:
            self.put(frames.Recv(c=c, s=copy.recv_sent))

    # --- questions ------------------------------------------------------------------------------

    def retry_asked(self, ask: int) -> None:
        """A question was refused or not answered: once more, a little later."""
        what, c, _ = self.asked.pop(ask)
        self.retired.add(ask)
        if what == "hist":
            copy = self.copy(c)
            copy.reading = False
            self.later(GAP_S, self._read_on, copy)
        elif what == "sync":
            self._syncing = None
            self.sync_soon()
        else:
            self.later(GAP_S, self.ask_watch)

    def denied(self, what: str, c: str, code: str) -> None:
        """A question was refused for good."""
        if what == "hist":
            copy = self.copy(c)
            copy.reading = False
            copy.wanted = copy.last
            if c not in self.heads and c not in self.gone:
                return
        self.faults.append(f"{what} {c} was refused: {code}")

    def acknowledged(self, c: str, item: Item) -> None:
        """A deletion that is on record is known from now on."""
        if item.what == "delete":
            self._deletions.known(c, int(item.content), self.loop.time())

    def _shown(self, c: str, msg: Frame, asked_at: float) -> None:
        body = msg["b"]
        target = body["s"] if body["k"] == "edit" else msg["s"]
        if body["k"] in ("text", "edit") and self._deletions.forbids(c, target, asked_at):
            self.faults.append(f"{c} {target} is deleted, and {msg['s']} still shows it")


__all__ = ["GAP_S", "Deletions", "Incoming"]
