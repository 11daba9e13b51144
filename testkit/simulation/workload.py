"""What people do: they write, correct themselves, found groups, quarrel, and look elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from ...config.ids import UserId, direct_id
from ...transport.wire import bodies, frames
from .chance import SeededChance
from .client import Client

#: How often each deed is done.
WEIGHTS: dict[str, int] = {
    "text": 44, "direct": 14, "edit": 7, "delete": 5, "react": 7, "read": 8, "invite": 4,
    "kick": 4, "leave": 1, "role": 2, "rename": 2, "create": 2, "mute": 1, "block": 1,
    "unblock": 2, "contact": 3, "watch": 3, "typing": 1,
}  # fmt: skip
EMOJI = ("+", "-", "")
_WISHES: tuple[Literal["request", "accept", "remove"], ...] = (
    "request", "request", "request", "accept", "accept", "remove",
)  # fmt: skip


class Workload:
    """Makes devices do things, one at a time.

    Attributes:
        done: How many requests were made.
    """

    def __init__(self, clients: Sequence[Client], chance: SeededChance) -> None:
        self.done = 0
        self._clients = clients
        self._users = list(dict.fromkeys(client.user for client in clients))
        self._chance = chance
        self._deeds = list(WEIGHTS)
        self._weights = list(WEIGHTS.values())
        self._said = 0

    def begin(self) -> None:
        """Two groups, so that there is somebody to talk to."""
        for size, client in ((len(self._users), self._clients[0]), (3, self._clients[-1])):
            self._create(client, size)

    def step(self) -> None:
        """Somebody does something."""
        client = self._chance.among(self._clients)
        if not client.wants:
            return
        (deed,) = self._chance.rng.choices(self._deeds, self._weights)
        act: Callable[[Client], bool] = getattr(self, f"_{deed}")
        if act(client):
            self.done += 1
        # Some talk in bursts.
        if deed == "text" and self._chance.happens(0.2):
            for _ in range(int(self._chance.uniform(1, 6))):
                self.done += self._text(client)

    # --- words ----------------------------------------------------------------------------------

    def _words(self, client: Client) -> str:
        self._said += 1
        text = f"{client.name} says {self._said}."
        if self._chance.happens(0.06):
            text += "long " * int(self._chance.uniform(50, 900))
        return text

    def _text(self, client: Client) -> bool:
        c = self._place(client)
        if c is None:
            return self._direct(client)
        text = self._words(client)
        copy = client.copies.get(c)
        reply = None
        if copy is not None and copy.texts and self._chance.happens(0.1):
            reply = self._chance.among(copy.texts)

        def make(number: int, cid: int, prev: int) -> frames.Request:
            body = bodies.Text(text=text, re_s=reply)
            return frames.Send(id=number, c=c, cid=cid, prev=prev, b=body)

        client.add(c, "text", text, make, certain=c in client.heads and c.startswith("g_"))
        return True

    def _direct(self, client: Client) -> bool:
        peer = self._other(client)
        c, text = direct_id(client.user, peer), self._words(client)

        def make(number: int, cid: int, prev: int) -> frames.Request:
            body = bodies.Text(text=text)
            return frames.Send(id=number, to=peer, cid=cid, prev=prev, b=body)

        client.add(c, "text", text, make)
        return True

    def _edit(self, client: Client) -> bool:
        found = self._earlier(client, own=True)
        if found is None:
            return False
        c, s = found
        text = self._words(client)

        def make(number: int, cid: int, prev: int) -> frames.Request:
            body = bodies.Edit(s=s, text=text)
            return frames.Send(id=number, c=c, cid=cid, prev=prev, b=body)

        client.add(c, "edit", text, make)
        return True

    def _delete(self, client: Client) -> bool:
        found = self._earlier(client, own=not self._chance.happens(0.2))
        if found is None:
            return False
        client.delete(*found)
        return True

    def _react(self, client: Client) -> bool:
        found = self._earlier(client, own=False)
        if found is None:
            return False
        c, s = found
        emoji = self._chance.among(EMOJI)

        def make(number: int, cid: int, prev: int) -> frames.Request:
            body = bodies.React(s=s, emoji=emoji)
            return frames.Send(id=number, c=c, cid=cid, prev=prev, b=body)

        client.add(c, "react", f"{s} {emoji}", make)
        return True

    # --- groups ---------------------------------------------------------------------------------

    def _create(self, client: Client, size: int = 0) -> bool:
        size = size or int(self._chance.uniform(2, 5))
        others = [user for user in self._users if user != client.user]
        self._chance.rng.shuffle(others)
        members = [str(user) for user in others[: size - 1]]
        title = f"by {client.name} {self._said}"
        history = "all" if self._chance.happens(0.3) else "joined"

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Create(
                id=number, cid=cid, prev=prev, title=title, members=members,
                history="all" if history == "all" else "joined",
            )  # fmt: skip

        client.add("me", "create", title, make)
        return True

    def _invite(self, client: Client) -> bool:
        c, user = self._group(client), self._other(client)
        if c is None:
            return False
        users = [str(user)]

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Invite(id=number, c=c, cid=cid, prev=prev, users=users)

        client.add(c, "invite", str(user), make)
        return True

    def _kick(self, client: Client) -> bool:
        c, user = self._group(client), self._other(client)
        if c is None:
            return False
        users = [str(user)]

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Kick(id=number, c=c, cid=cid, prev=prev, users=users)

        client.add(c, "kick", str(user), make)
        return True

    def _leave(self, client: Client) -> bool:
        c = self._group(client)
        if c is None:
            return False

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Leave(id=number, c=c, cid=cid, prev=prev)

        client.add(c, "leave", "", make)
        return True

    def _role(self, client: Client) -> bool:
        c, user = self._group(client), self._other(client)
        if c is None:
            return False
        role: Literal["admin", "owner"] = "admin" if self._chance.happens(0.6) else "owner"

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.SetRole(id=number, c=c, cid=cid, prev=prev, u=user, role=role)

        client.add(c, "role", f"{user} {role}", make)
        return True

    def _rename(self, client: Client) -> bool:
        c = self._group(client)
        if c is None:
            return False
        self._said += 1
        title = f"title {self._said}"

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Rename(id=number, c=c, cid=cid, prev=prev, title=title)

        client.add(c, "rename", title, make)
        return True

    # --- what is one's own ----------------------------------------------------------------------

    def _mute(self, client: Client) -> bool:
        c = self._place(client)
        if c is None:
            return False

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Mute(id=number, cid=cid, prev=prev, c=c, until=1 << 42)

        client.add("me", "mute", c, make)
        return True

    def _block(self, client: Client) -> bool:
        user = str(self._other(client))

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Block(id=number, cid=cid, prev=prev, u=user)

        client.add("me", "block", user, make)
        return True

    def _unblock(self, client: Client) -> bool:
        user = str(self._other(client))

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Unblock(id=number, cid=cid, prev=prev, u=user)

        client.add("me", "unblock", user, make)
        return True

    def _contact(self, client: Client) -> bool:
        user = str(self._other(client))
        do = self._chance.among(_WISHES)

        def make(number: int, cid: int, prev: int) -> frames.Request:
            return frames.Contact(id=number, cid=cid, prev=prev, u=user, do=do)

        client.add("me", "contact", user, make)
        return True

    # --- what is seen ---------------------------------------------------------------------------

    def _read(self, client: Client) -> bool:
        c = self._place(client)
        copy = client.copies.get(c or "")
        if copy is None or not client.online or copy.last <= copy.read:
            return False
        copy.read = copy.last
        client.put(frames.Read(c=copy.c, s=copy.last))
        return True

    def _typing(self, client: Client) -> bool:
        c = self._place(client)
        if c is None or not client.online:
            return False
        client.put(frames.Typing(c=c))
        return True

    def _watch(self, client: Client) -> bool:
        if not client.online:
            return False
        users = [str(user) for user in self._users if user != client.user]
        self._chance.rng.shuffle(users)
        convs = list(client.heads)[: int(self._chance.uniform(0, 4))]
        client.watch(users[: int(self._chance.uniform(1, 5))], convs)
        return True

    # --- choosing -------------------------------------------------------------------------------

    def _place(self, client: Client) -> str | None:
        """A conversation that is in the client's list; now and then one that it has left."""
        if client.gone and self._chance.happens(0.03):
            return self._chance.among(list(client.gone))
        return self._chance.among(list(client.heads)) if client.heads else None

    def _group(self, client: Client) -> str | None:
        groups = [c for c in client.heads if c.startswith("g_")]
        return self._chance.among(groups) if groups else None

    def _other(self, client: Client) -> UserId:
        return self._chance.among([user for user in self._users if user != client.user])

    def _earlier(self, client: Client, *, own: bool) -> tuple[str, int] | None:
        c = self._place(client)
        copy = client.copies.get(c or "")
        if copy is None:
            return None
        texts = [s for s in copy.texts if not own or copy.lines[s].sender == client.user]
        return (copy.c, self._chance.among(texts)) if texts else None


__all__ = ["WEIGHTS", "Workload"]
