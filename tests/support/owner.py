"""A conversation's state as its owner has it, over a store that is a list."""

from __future__ import annotations

from hubbub.actors.bodies import Content, Text
from hubbub.actors.commands import ChangeGroup, EffectDone, FoundGroup, Post, ReplyTo
from hubbub.actors.conversation_effects import Append, Effect, Look, Project
from hubbub.actors.conversation_state import ConversationState
from hubbub.actors.members import Members
from hubbub.actors.requests import Invite, Leave, SetRole
from hubbub.config.errors import Refusal
from hubbub.config.ids import ConvId, DeviceId, UserId, group_id
from hubbub.config.limits import Limits
from hubbub.storage.records import Entry, Message, Projection

ANA, BO, CY = (UserId(f"u_{name}") for name in ("ana", "bo", "cy"))
GROUP = group_id(DeviceId("v_ana"), 1)


class Owner:
    """A conversation with a store that is a list; it looks up what the state asks for."""

    def __init__(self, conv: ConvId = GROUP, limits: Limits | None = None) -> None:
        limits = limits or Limits()
        self.state = ConversationState(conv, 1, limits, Members(limits.members))
        self.log: list[Entry] = []
        self.looked = 0

    def post(self, user: UserId, body: Content, *, to: UserId | None = None) -> list[Effect]:
        device = DeviceId(f"v_{user}")
        window = self.state.windows.get(device)
        last = window.last if window else 0
        me = ReplyTo(f"session:{user}", last + 1)
        return self.hand_in(Post(me, user, device, me.name, last + 1, last, body, to))

    def hand_in(self, m: Post) -> list[Effect]:
        effects = self.state.post(m, 1000)
        if isinstance(effects[0] if effects else None, Look):
            assert not isinstance(m.body, Text)
            self.looked += 1
            effects = self.state.post(m, 1000, Message(self.log[m.body.s - 1]))
        return self._kept(effects)

    def change(self, user: UserId, what: Invite | Leave | SetRole) -> None:
        device = DeviceId(f"v_{user}")
        window = self.state.windows.get(device)
        last = window.last if window else 0
        me = ReplyTo("session:x", 1)
        asked = ChangeGroup(me, user, device, me.name, last + 1, last, what)
        self._kept(self.state.change(asked, 1000))
        self.commit()

    def commit(self) -> list[Effect]:
        return self._kept(self.state.commit())

    def said(self, user: UserId, body: Content, *, to: UserId | None = None) -> list[Effect]:
        """Post and commit; what the commit brings."""
        self.post(user, body, to=to)
        return self.commit()

    def _kept(self, effects: list[Effect]) -> list[Effect]:
        self.log += [e for effect in effects if isinstance(effect, Append) for e in effect.entries]
        return effects


def team(*users: UserId, limits: Limits | None = None) -> Owner:
    """A group: 1 founds it, 2 is a text of the first user's, committed."""
    owner = Owner(limits=limits)
    found = FoundGroup(ReplyTo("user:u", 1), users[0], "Team", users[1:], "joined")
    owner.log += [
        e for a in owner.state.found(found, 1) if isinstance(a, Append) for e in a.entries
    ]
    owner.commit()
    for user in users:
        owner.state.effect_done(EffectDone(user, 1))
    owner.said(users[0], Text("first"))
    return owner


def projections(effects: list[Effect]) -> list[Projection]:
    return [effect.projection for effect in effects if isinstance(effect, Project)]


def refused(owner: Owner, user: UserId, body: Content) -> type[Refusal] | None:
    head = owner.state.head
    try:
        owner.post(user, body)
    except Refusal as refusal:
        assert owner.state.head == head
        return type(refusal)
    return None


__all__ = ["ANA", "BO", "CY", "GROUP", "Owner", "projections", "refused", "team"]
