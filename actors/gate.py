"""Who comes in by a link, and who goes for good: changes that no device's chain of cids holds.

Pure, like the state they work on. Each is idempotent by what it finds: who is here has come in, who
is not has gone.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..config.errors import NotFoundError
from .answers import Acked
from .bodies import System
from .commands import ReplyTo
from .conversation_effects import Answer, Effect
from .conversation_state import ConversationState
from .gate_commands import Depart, JoinByLink, Vouch, Vouched


def vouch(state: ConversationState, m: Vouch) -> list[Effect]:
    """Whether somebody may make and end this group's links, and how far the group has got.

    Raises:
        NotFoundError, ForbiddenError: Who asks is no member, or neither owner nor admin.
    """
    state.members.require_staff(m.user)
    return [Answer(m.reply, Vouched(state.kind, state.committed))]


def join(state: ConversationState, m: JoinByLink, now_ms: int) -> list[Effect]:
    """Let somebody in by a link; who is in already gets the ack of that.

    Raises:
        NotFoundError: There is no group, or nobody left in it.
        ForbiddenError: Thrown out since the link was made.
        ConversationFullError: There is no room.
    """
    if state.kind != "group" or not state.members.here():
        raise NotFoundError("There is no such group.")
    member = state.members.by_user.get(m.user)
    if member is None or not member.here:
        state.members.check_link(m.user, m.made_at)
        return state.record(System("joined", (m.user,)), m.user, now_ms, m.reply)
    return _durable(state, member.changed, (m.reply,))


def depart(state: ConversationState, m: Depart, now_ms: int) -> list[Effect]:
    """Let a user go whose account is being deleted: as by leaving, in a direct one too.

    Raises:
        NotFoundError: Never was here.
    """
    member = state.members.by_user.get(m.user)
    askers = () if m.reply is None else (m.reply,)
    if member is None:
        raise NotFoundError("There is no such conversation.")
    if member.here:
        return state.record(System("left", (m.user,)), m.user, now_ms, *askers)
    return _durable(state, member.changed, askers)


def _durable(state: ConversationState, seq: int, askers: Sequence[ReplyTo]) -> list[Effect]:
    """Answer with the ack of what was asked for before, as soon as it is durable."""
    under_way = state.group.at(seq)
    if under_way is not None:
        under_way.askers.extend(askers)
        return []
    return [Answer(asker, Acked(state.conv, 0, seq, state.ts, True)) for asker in askers]


__all__ = ["depart", "join", "vouch"]
