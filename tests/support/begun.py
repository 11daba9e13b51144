"""A direct conversation's state, just begun."""

from __future__ import annotations

from hubbub.actors.bodies import Text
from hubbub.actors.commands import EffectDone, Post, ReplyTo
from hubbub.actors.conversation_effects import (
    Append,
    Effect,
)
from hubbub.actors.conversation_state import ConversationState
from hubbub.actors.members import Members
from hubbub.config.ids import DeviceId, UserId, direct_id
from hubbub.config.limits import Limits
from hubbub.storage.records import Entry

ANA, BO = UserId("u_ana"), UserId("u_bo")
PHONE = DeviceId("v_phone")
CONV = direct_id(ANA, BO)
ME, BOS = ReplyTo("session:n:i/1", 1), ReplyTo("user:u_bo", 1)


def post(cid: int, user: UserId = ANA) -> Post:
    """A text to the other one."""
    device = DeviceId(f"v_{user[2:]}")
    return Post(ME, user, device, "session:n:i/1", cid, cid - 1, Text("Hello"), BO)


def begun(door: str = "open") -> ConversationState:
    """Ana has written to Bo, who is asked to let her in, or not."""
    state = ConversationState(CONV, 1, Limits(), Members(100))
    state.post(post(1), 1000, door="request" if door == "request" else "open")
    state.commit()
    for user in (ANA, BO):
        state.effect_done(EffectDone(user, 1))
    return state


def entries(effects: list[Effect]) -> list[Entry]:
    """What it asks the store to write."""
    return [e for effect in effects if isinstance(effect, Append) for e in effect.entries]
