"""Answers and events to frames to bytes.

A Delivery is rendered once for each encoding, and once more for each `cut` that its text is longer
than; everybody else shares the same bytes (`Delivery.rendered`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, assert_never

import structlog

from ...actors import bodies as stored
from ...actors.answers import (
    Acked,
    Answer,
    Behind,
    Delivery,
    Described,
    Done,
    HeadsAnswer,
    ListMoved,
    MemberLine,
    PageAnswer,
    PresenceAnswer,
    PresenceState,
    Receipts,
    Typing,
)
from ...config.errors import Refusal
from ...config.ids import ConvId
from ...storage.records import BriefHead, Entry, Head, Message, Projection
from ..wire import bodies as wire
from ..wire import out_frames as out
from ..wire.codec import Codec
from . import framing

#: The newest text in a line of the list, in code points: enough for any screen.
LAST_CHARS = 200

#: Kinds of entries that a member's client is shown; the others keep the log's own books.
_SHOWN = frozenset(("text", "system", "edit", "delete", "react"))

#: Bodies of the other kinds.
_UNSEEN = (
    stored.Block, stored.LetIn, stored.SelfEntry, stored.PersonFact, stored.MuteFact
)  # fmt: skip

#: How many different `cut`s share their keys.
KEYS = 64

#: (subprotocol, cut)
Key: TypeAlias = tuple[str, int]

log = structlog.get_logger(__name__)


class Rendered:
    """A frame as bytes, on its own and as a part of a batch. Equal only to itself.

    Attributes:
        payload: What a batch holds.
        alone: The WebSocket frame with only this in it.
        conv, seq: What it delivers; None for what is no delivery and must not collapse.
    """

    __slots__ = ("alone", "conv", "payload", "seq", "size")

    def __init__(
        self, payload: bytes, opcode: int, conv: ConvId | None = None, seq: int = 0
    ) -> None:
        self.payload = payload
        self.alone = framing.framed(payload, opcode)
        self.size = len(payload)
        self.conv = conv
        self.seq = seq


class Renderer:
    """Renders for one encoding.

    Attributes:
        codec: The encoding.
        opcode: Of its WebSocket messages.
    """

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self._keys: dict[int, Key] = {}
        self.opcode = framing.BINARY if codec.binary else framing.TEXT

    def frame(self, frame: out.Out) -> Rendered:
        """Any frame."""
        return Rendered(self.codec.encode(frame), self.opcode)

    def batch(self, frames: Sequence[Rendered]) -> bytes:
        """One WebSocket message with several frames, ready to be written."""
        return framing.framed(self.codec.batch([f.payload for f in frames]), self.opcode)

    def key(self, cut: int) -> Key:
        """What sessions with this `cut` (0 for none) find their bytes of a delivery under."""
        key = self._keys.get(cut)
        if key is None:
            key = (self.codec.subprotocol, cut)
            # Clients name few different ones; a hostile one gets its own tuples and no more.
            if len(self._keys) < KEYS:
                self._keys[cut] = key
        return key

    def delivery(self, delivery: Delivery, key: Key) -> Rendered:
        """A delivery as one frame; made once and kept there for all who share the key."""
        found = delivery.rendered.get(key)
        if isinstance(found, Rendered):
            return found
        cut, body = key[1], delivery.body
        if cut > 0 and not _is_longer(body, cut):
            made = self.delivery(delivery, self.key(0))
        else:
            entry = delivery.entry
            payload = self.codec.encode(_msg(delivery.conv, entry, body, cut))
            made = Rendered(payload, self.opcode, delivery.conv, entry.seq)
        delivery.rendered[key] = made
        return made

    def event(self, event: Behind | Receipts | PresenceState | Typing | ListMoved) -> Rendered:
        """Anything else that comes without being asked for."""
        match event:
            case Behind():
                return self.frame(out.Behind(convs={str(c): s for c, s in event.convs.items()}))
            case Receipts():
                return self.frame(
                    out.Rcpt(
                        c=event.conv,
                        recv={str(u): s for u, s in event.recv.items()},
                        read={str(u): s for u, s in event.read.items()},
                    )
                )
            case PresenceState():
                return self.frame(_pres(event))
            case Typing():
                return self.frame(out.Types(c=event.conv, u=event.user))
            case ListMoved():
                return self.frame(out.ListMoved(lv=event.lv))
            case _:
                assert_never(event)

    def answer(self, request: int, answer: Answer, cut: int) -> Rendered:
        """The answer to a request."""
        return self.frame(_answer(request, answer, cut))

    def refusal(self, request: int | None, refusal: Refusal) -> Rendered:
        """A refusal, of a request or of something that had no number."""
        return self.frame(_err(request, refusal))


def _answer(request: int, answer: Answer, cut: int) -> out.Out:
    match answer:
        case Acked():
            return out.Ack(
                re=request,
                c=answer.conv,
                cid=answer.cid,
                s=answer.seq,
                ts=answer.ts,
                dup=answer.dup,
            )
        case HeadsAnswer():
            return out.Heads(
                re=request,
                lv=answer.lv,
                convs=[head_line(head) for head in answer.heads],
                gone=[out.GoneOut(c=gone.conv, until=gone.until) for gone in answer.gone],
                more=answer.more,
            )
        case PageAnswer():
            return page_frame(answer, cut, request)
        case Described():
            return described_frame(answer, request)
        case PresenceAnswer():
            return out.States(re=request, users=[_pres(state) for state in answer.states])
        case Done():
            return out.Ok(re=request)
        case Refusal():
            return _err(request, answer)
        case _:
            assert_never(answer)


def page_frame(page: PageAnswer, cut: int = 0, request: int | None = None) -> out.Page:
    """A page as a frame. Entries that are not for a client's eyes are left out.

    Args:
        cut: Longer texts are shortened to so many code points; 0 for never.
        request: Whose answer it is; None outside of a connection.
    """
    if page.whole:
        cut = 0
    messages = [m for m in (_message(page.conv, m, cut) for m in page.messages) if m is not None]
    return out.Page(
        re=request,
        c=page.conv,
        msgs=messages,
        head=page.head,
        from_=page.first,
        to=page.last,
        more=page.more,
    )


def described_frame(answer: Described, request: int) -> out.Conv:
    """A conversation's sheet as a frame."""
    return out.Conv(
        re=request,
        c=answer.conv,
        kind=answer.kind,
        title=answer.title,
        members=[member_line(m) for m in answer.members],
    )


def member_line(member: MemberLine) -> out.MemberOut:
    """A member as the wire shows it."""
    return out.MemberOut(
        u=member.user,
        name=member.name,
        role=member.role,
        recv=member.recv,
        read=member.read,
        colour=member.colour,
    )


def head_line(head: Head | BriefHead) -> out.HeadOut | tuple[str, int, int]:
    """A line of the list as the wire shows it."""
    if isinstance(head, BriefHead):
        return (head.conv, head.head, head.count)
    row = head.membership
    return out.HeadOut(
        c=row.conv,
        kind=row.kind,
        title=head.peer_name if row.kind == "direct" else row.title,
        head=head.head,
        n=head.count,
        nread=head.count_at_read,
        read=head.cursors.read,
        recv=head.cursors.recv,
        mine=head.mine,
        role=row.role,
        u=row.peer,
        last=None if head.last is None else _last(head.last),
        request=row.request,
        mute=row.mute,
        colour=head.peer_colour,
    )


def _last(message: Message) -> out.LastOut | None:
    body = _folded(message)
    if body is None:
        return None
    entry = message.entry
    return out.LastOut(s=entry.seq, from_=entry.sender, ts=entry.ts, b=_body(body, LAST_CHARS))


def _message(conv: ConvId, message: Message, cut: int) -> out.Msg | None:
    body = _folded(message)
    return None if body is None else _msg(conv, message.entry, body, cut, message.projection)


def _folded(message: Message) -> stored.Body | None:
    """The body as it is now, or None for what clients are not shown."""
    entry, projection = message.entry, message.projection
    if entry.kind not in _SHOWN:
        return None
    if not entry.body or (projection is not None and projection.deleted):
        # A tombstone stands where the text stood; of its edits, without words now, nothing is left.
        return None if entry.kind == "edit" else stored.Deleted()
    data = entry.body
    if projection is not None and projection.body is not None:
        data = projection.body
    try:
        body = stored.decode_body(data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # A row from a newer program, or a damaged one: the rest of the page is still good.
        log.error("body_unreadable", seq=entry.seq, kind=entry.kind, error=type(error).__name__)
        return None
    return None if isinstance(body, _UNSEEN) else body


def _msg(
    conv: ConvId, entry: Entry, body: stored.Body, cut: int, projection: Projection | None = None
) -> out.Msg:
    size: int | None = None
    if isinstance(body, (stored.Text, stored.Edit)) and 0 < cut < len(body.text):
        size = len(body.text)
    edited, reactions = False, dict[str, list[str]]()
    if projection is not None and not isinstance(body, stored.Deleted):
        edited = projection.body is not None
        reactions = {sign: [str(u) for u in users] for sign, users in projection.reactions.items()}
    return out.Msg(
        c=conv,
        s=entry.seq,
        from_=entry.sender,
        dev=entry.device,
        cid=entry.cid,
        ts=entry.ts,
        b=_body(body, cut),
        cut=size is not None,
        len_=size,
        edited=edited,
        reactions=reactions,
    )


def _is_longer(body: stored.Body, cut: int) -> bool:
    return isinstance(body, (stored.Text, stored.Edit)) and cut < len(body.text)


def _body(body: stored.Body, cut: int) -> wire.OutBody:
    match body:
        case stored.Text():
            return wire.Text(text=body.text[:cut] if cut > 0 else body.text, re_s=body.re_s)
        case stored.Edit():
            return wire.Edit(s=body.s, text=body.text[:cut] if cut > 0 else body.text)
        case stored.Delete():
            return wire.Delete(s=body.s)
        case stored.React():
            return wire.React(s=body.s, emoji=body.emoji)
        case stored.System():
            return wire.System(
                ev=body.ev, users=[str(u) for u in body.users], title=body.title, role=body.role
            )
        case stored.Deleted():
            return wire.Deleted()
        case (
            stored.Block()
            | stored.LetIn()
            | stored.SelfEntry()
            | stored.PersonFact()
            | stored.MuteFact()
        ):
            raise ValueError("a hidden entry is for no client")
        case _:
            assert_never(body)


def _pres(state: PresenceState) -> out.Pres:
    return out.Pres(u=state.user, st="on" if state.online else "off", seen=state.seen)


def _err(request: int | None, refusal: Refusal) -> out.Err:
    return out.Err(
        code=refusal.code,
        msg=refusal.text,
        re=request,
        retry=refusal.retry_ms,
        last=refusal.last,
    )


__all__ = [
    "LAST_CHARS",
    "Key",
    "Rendered",
    "Renderer",
    "described_frame",
    "head_line",
    "member_line",
    "page_frame",
]
