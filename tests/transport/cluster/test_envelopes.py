"""What actors tell each other, as bytes: whatever it is, it comes out as it went in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from typing import Any

import msgpack  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.actors.answers import Acked, Deliveries, Delivery, PresenceState, Receipts
from hubbub.actors.bodies import Edit, React, System, Text, encode_body
from hubbub.actors.commands import (
    Attach,
    ChangeGroup,
    Grant,
    HeadTold,
    Post,
    Reply,
    ReplyTo,
    UserAct,
)
from hubbub.actors.gate_commands import Depart
from hubbub.actors.requests import AskContact, Invite, Leave, SetRole
from hubbub.actors.roll_call import RollCall
from hubbub.config.errors import (
    AskTimeoutError,
    CidOldError,
    ConversationFullError,
    Refusal,
    ResendError,
    TooLargeError,
    UnavailableError,
)
from hubbub.config.ids import ConvId, DeviceId, UserId
from hubbub.storage.records import Entry, Projection
from hubbub.transport.cluster import versions
from hubbub.transport.cluster.envelopes import (
    LATER,
    MESSAGES,
    Envelope,
    Payloads,
    decode,
    encode,
    packer,
)
from hubbub.transport.cluster.versions import VERSION

# The library has no types.
packb: Callable[..., bytes] = msgpack.packb  # pyright: ignore
unpackb: Callable[..., Any] = msgpack.unpackb  # pyright: ignore

ANN, BOB = UserId("u_ann"), UserId("u_bob")
CONV, PHONE = ConvId("g_tea"), DeviceId("v_phone")
ME = ReplyTo("session:n1:abc/1", 7)


def there(message: Any) -> Any:
    """The message, as the other node gets it."""
    return decode(encode(Envelope("tell", "conv:g_tea", message), "abc", 3)).message


@pytest.mark.parametrize(
    "message",
    [
        Attach(ME, ME.name, PHONE, "x", 3),
        Post(ME, ANN, PHONE, ME.name, 1, 0, Text("hé\n☃", 3), BOB),
        Post(ME, ANN, PHONE, ME.name, 1, 0, React(3, "👍")),
        Post(ME, ANN, PHONE, "", 1, 0, Edit(3, "x" * 100_000)),
        ChangeGroup(ME, ANN, PHONE, ME.name, 2, 1, Invite((BOB,))),
        ChangeGroup(ME, ANN, PHONE, ME.name, 2, 1, SetRole(BOB, "admin")),
        ChangeGroup(ME, ANN, PHONE, ME.name, 2, 1, Leave()),
        UserAct(ME, PHONE, 1, 0, AskContact(BOB, "accept")),
        Grant(CONV, ((1, 5), (7, 9)), (Projection(3, 4, b"x", False, {"👍": [ANN]}),), True),
        Reply(7, Acked(CONV, 1, 2, 3, False)),
        Reply(7, PresenceState(ANN, True, 1)),
        Reply(7, None),
        HeadTold(CONV, 1 << 40),
        RollCall("user:u_ann", (ME.name,), ()),
        Depart(None, ANN),
        Receipts(CONV, {ANN: 3}, {ANN: 2}),
    ],
)
def test_a_message_comes_out_as_it_went_in(message: Any) -> None:
    assert there(message) == message


@pytest.mark.parametrize(("version", "extension"), [(VERSION, 5), (1, 2)])
def test_a_delivery_takes_its_body_from_its_entry(version: int, extension: int) -> None:
    body = System("joined", (BOB,))
    entry = Entry(3, 1, "", 0, ANN, 5, "system", encode_body(body), 2)
    delivery = Delivery(CONV, entry, body, "session:n1:abc/1", {"json": b"not sent"})
    data = encode(Envelope("fan", ("u",), Deliveries((delivery, delivery))), "abc", 3, version)
    assert unpackb(data)[-1].code == extension
    other, again = decode(data).message.items
    assert (again.entry, again.origin) == (other.entry, other.origin)
    assert (other.conv, other.entry, other.body, other.origin) == (
        CONV,
        entry,
        body,
        delivery.origin,
    )
    assert other.rendered == {}


@pytest.mark.parametrize(
    "refusal",
    [
        UnavailableError(retry_ms=200),
        AskTimeoutError(),
        ResendError(4),
        CidOldError(9),
        TooLargeError("That text", 9, 5),
        ConversationFullError(100),
    ],
)
def test_a_refusal_keeps_its_kind_its_words_and_its_numbers(refusal: Refusal) -> None:
    other = there(Reply(1, refusal)).result
    assert type(other) is type(refusal)
    assert vars(other) == vars(refusal)
    assert str(other) == str(refusal)


def test_a_fan_out_names_its_users() -> None:
    envelope = Envelope("fan", ("user:u_ann", "user:u_bob"), HeadTold(CONV, 3))
    assert decode(encode(envelope, "abc", 3)) == envelope
    assert decode(encode(Envelope("missed", "", None), "abc", 3)) == Envelope("missed", "", None)


def test_the_bytes_are_those_that_are_documented() -> None:
    data = encode(Envelope("tell", "conv:g_tea", HeadTold(CONV, 3)), "abc", 9)
    version, kind, to, payload = unpackb(data)
    assert (version, kind, to) == (VERSION, "tell", "conv:g_tea")
    assert payload == msgpack.ExtType(2, packb(["HeadTold", "g_tea", 3]))


@pytest.mark.parametrize(
    "envelope",
    [
        Envelope("tell", "conv:g_tea", Post(ME, ANN, PHONE, ME.name, 1, 0, Text("hé"), BOB)),
        Envelope("fan", ("user:u_ann", "user:u_bob"), HeadTold(CONV, 3)),
        Envelope("missed", "", None),
    ],
)
def test_to_the_version_before_an_envelope_repeats_its_batch(envelope: Envelope) -> None:
    older = encode(envelope, "abc", 9, version=1)
    version, kind, to, *repeated, payload = unpackb(older)
    assert repeated == ["abc", 9]
    assert [VERSION, kind, to, payload] == unpackb(encode(envelope, "abc", 9))
    assert version == 1
    assert decode(older) == envelope


def test_a_message_is_packed_once_for_all_who_read_a_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message, payloads = HeadTold(CONV, 3), Payloads()
    first = payloads.pack(message, VERSION)
    assert payloads.pack(message, VERSION) is first
    assert payloads.pack(HeadTold(CONV, 4), VERSION) != first
    monkeypatch.setitem(LATER, "HeadTold", {"head": VERSION})
    packer.cache_clear()
    try:
        assert payloads.pack(message, VERSION - 1) == Payloads().pack(message, VERSION - 1) != first
    finally:
        packer.cache_clear()
    envelope = Envelope("tell", "conv:g_tea", message)
    assert encode(envelope, "abc", 3, VERSION, payloads) == encode(envelope, "abc", 3)


def test_an_older_program_is_not_sent_what_it_does_not_know_and_is_read_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(versions, "VERSION", 8)
    monkeypatch.setitem(LATER, "Text", {"re_s": 8})
    packer.cache_clear()
    try:
        envelope = Envelope("tell", "conv:g_tea", Text("hello", 3))
        older = encode(envelope, "abc", 1, version=7)
        assert unpackb(older)[0] == 7
        assert decode(older).message == Text("hello")
        assert decode(encode(envelope, "abc", 1, version=8)) == envelope
    finally:
        packer.cache_clear()


def test_every_field_that_came_later_is_the_last_and_has_a_default() -> None:
    for name, later in LATER.items():
        known = fields(MESSAGES[name])
        assert {f.name for f in known[len(known) - len(later) :]} == later.keys()
        assert MISSING not in {f.default for f in known if f.name in later}


@dataclass(frozen=True)
class Unheard:
    """Not a message."""


def test_what_is_no_message_is_not_packed() -> None:
    with pytest.raises(TypeError, match="no envelope holds a Unheard"):
        encode(Envelope("tell", "conv:g_tea", Unheard()), "abc", 1)


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_has_plain_fields_in_a_known_order(name: str) -> None:
    cls = MESSAGES[name]
    assert cls.__name__ == name
    assert all(f.init for f in fields(cls))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        packb(3),
        packb([]),
        packb([VERSION + 1, "tell", "x", None]),
        packb([VERSION - 2, "tell", "x", "abc", 1, None]),
        packb([VERSION, "tell", "x"]),
        packb([VERSION, "tell", "x", "abc", 1, None]),
        packb([1, "tell", "x", None]),
        packb([VERSION, "fan", "x", None]),
        packb([VERSION, "tell", ["x"], None]),
        packb([VERSION, "fan", 3, None]),
        packb([VERSION, "shout", "x", None]),
        packb([VERSION, "tell", "x", msgpack.ExtType(9, b"\x90")]),
        packb([VERSION, "tell", "x", msgpack.ExtType(2, b"\x91\xa1x")]),
        packb([VERSION, "tell", "x", msgpack.ExtType(2, b"\x91\xa8HeadTold")]),
        packb([VERSION, "tell", "x", msgpack.ExtType(3, b"\x90")]),
        packb([VERSION, "tell", "x", msgpack.ExtType(4, b"\x01")]),
    ],
)
def test_other_bytes_are_no_envelope(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode(data)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_whatever_the_bytes_they_are_an_envelope_or_refused(data: bytes) -> None:
    try:
        decode(data)
    except ValueError:
        return


@settings(deadline=None)
@given(st.text(), st.integers(-(1 << 63), (1 << 64) - 1), st.lists(st.text()))
def test_any_text_and_number_comes_out_as_it_went_in(
    text: str, number: int, users: list[str]
) -> None:
    change = Invite(tuple(UserId(user) for user in users))
    message = ChangeGroup(ReplyTo(text, number), ANN, PHONE, text, number, 0, change)
    assert there(message) == message
