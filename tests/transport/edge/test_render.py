"""What clients are shown of answers and events."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import structlog
from tests.support.edge import CONV, DEVICE, USER, delivery

from hubbub.actors.answers import (
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
from hubbub.actors.bodies import (
    Body,
    Delete,
    Deleted,
    Edit,
    React,
    SelfEntry,
    System,
    Text,
    encode_body,
)
from hubbub.config.errors import BadRequestError, RateLimitedError, ResendError
from hubbub.config.ids import UserId
from hubbub.storage.records import (
    BriefHead,
    Cursors,
    Entry,
    Gone,
    Head,
    Membership,
    Message,
    Projection,
)
from hubbub.transport.edge.render import KEYS, LAST_CHARS, Rendered, Renderer
from hubbub.transport.wire.codec import JsonCodec, MsgpackCodec

PEER = UserId("u_" + "b" * 20)

JSON = Renderer(JsonCodec())
MSGPACK = Renderer(MsgpackCodec())


def read(frame: Rendered) -> Any:
    return json.loads(frame.payload)


def answer(value: Answer, cut: int = 0) -> Any:
    return read(JSON.answer(7, value, cut))


def entry(seq: int, body: Body, kind: str = "text") -> Entry:
    return Entry(seq, 1, DEVICE, seq, USER, 1000 + seq, kind, encode_body(body), seq)


def page(*messages: Message, whole: bool = False) -> PageAnswer:
    return PageAnswer(CONV, list(messages), 1, 9, 9, False, 9, whole)


def test_a_delivery_is_made_once_for_all_who_share_its_encoding() -> None:
    told = delivery(5, "Hi")
    frame = JSON.delivery(told, JSON.key(0))
    assert JSON.delivery(told, JSON.key(0)) is frame
    assert (frame.conv, frame.seq, frame.size) == (CONV, 5, len(frame.payload))
    assert frame.alone.endswith(frame.payload)
    packed = MSGPACK.delivery(told, MSGPACK.key(0))
    assert msgspec.msgpack.decode(packed.payload) == read(frame)
    assert frame.alone[0] == 0x81
    assert packed.alone[0] == 0x82


def test_a_delivery_says_who_sent_what_and_when() -> None:
    assert read(JSON.delivery(delivery(5, "Hi"), JSON.key(0))) == {
        "t": "msg", "c": CONV, "s": 5, "from": USER, "dev": DEVICE, "cid": 5,
        "ts": 1_790_000_000_000, "b": {"k": "text", "text": "Hi"},
    }  # fmt: skip


def test_a_text_is_cut_only_for_those_who_want_it_shorter() -> None:
    told = delivery(1, "\U0001f600" * 10)
    whole = JSON.delivery(told, JSON.key(0))
    short = JSON.delivery(told, JSON.key(3))
    assert read(short)["b"]["text"] == "\U0001f600" * 3
    assert (read(short)["cut"], read(short)["len"]) == (True, 10)
    assert "cut" not in read(whole)
    assert JSON.delivery(told, JSON.key(10)) is whole
    assert JSON.delivery(told, JSON.key(11)) is whole
    assert JSON.delivery(told, JSON.key(3)) is short


def test_what_is_no_text_is_never_cut() -> None:
    body = System("joined", (PEER,))
    told = Delivery(CONV, entry(1, body, "system"), body, "")
    assert JSON.delivery(told, JSON.key(1)) is JSON.delivery(told, JSON.key(0))


def test_an_edit_is_cut_as_a_text_is() -> None:
    body = Edit(1, "x" * 10)
    told = Delivery(CONV, entry(2, body, "edit"), body, "")
    short = read(JSON.delivery(told, JSON.key(3)))
    assert (short["b"], short["cut"], short["len"]) == (
        {"k": "edit", "s": 1, "text": "xxx"},
        True,
        10,
    )
    whole = JSON.delivery(told, JSON.key(0))
    assert read(whole)["b"]["text"] == "x" * 10
    assert JSON.delivery(told, JSON.key(10)) is whole


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (Edit(1, "new"), {"k": "edit", "s": 1, "text": "new"}),
        (Delete(1), {"k": "delete", "s": 1}),
        (React(1, "👍"), {"k": "react", "s": 1, "emoji": "👍"}),
        (React(1, ""), {"k": "react", "s": 1, "emoji": ""}),
    ],
)
def test_a_change_is_delivered_as_an_entry_of_its_own(body: Body, told: Any) -> None:
    made = JSON.delivery(Delivery(CONV, entry(2, body), body, ""), JSON.key(0))
    assert read(made)["b"] == told


def test_keys_are_shared_but_not_without_bound() -> None:
    renderer = Renderer(JsonCodec())
    assert renderer.key(5) is renderer.key(5)
    for cut in range(10, 10 + 2 * KEYS):
        renderer.key(cut)
    assert renderer.key(5000) == renderer.key(5000)
    assert renderer.key(5000) is not renderer.key(5000)


@pytest.mark.parametrize(
    ("event", "frame"),
    [
        (Behind({CONV: 9}), {"t": "behind", "convs": {CONV: 9}}),
        (
            Receipts(CONV, {USER: 5}, {USER: 4}),
            {"t": "rcpt", "c": CONV, "recv": {USER: 5}, "read": {USER: 4}},
        ),
        (PresenceState(USER, True, 9), {"t": "pres", "u": USER, "st": "on", "seen": 9}),
        (Typing(CONV, USER), {"t": "typing", "c": CONV, "u": USER}),
        (ListMoved(7), {"t": "list", "lv": 7}),
        (PresenceState(USER, False, 9), {"t": "pres", "u": USER, "st": "off", "seen": 9}),
    ],
)
def test_an_event_is_a_frame(
    event: Behind | Receipts | PresenceState | Typing | ListMoved, frame: Any
) -> None:
    assert read(JSON.event(event)) == frame
    assert msgspec.msgpack.decode(MSGPACK.event(event).payload) == frame


def test_short_answers() -> None:
    assert answer(Acked(CONV, 7, 99, 123, False)) == {
        "t": "ack", "re": 7, "c": CONV, "cid": 7, "s": 99, "ts": 123, "dup": False,
    }  # fmt: skip
    assert answer(Done()) == {"t": "ok", "re": 7}
    assert answer(PresenceAnswer([PresenceState(USER, True, 5)])) == {
        "t": "states", "re": 7, "users": [{"t": "pres", "u": USER, "st": "on", "seen": 5}],
    }  # fmt: skip
    members = [
        MemberLine(USER, "Ann", "owner", 3, 2),
        MemberLine(PEER, "Bob", "member", 0, 0, "hue-3"),
    ]
    assert answer(Described(CONV, "group", "T", members)) == {
        "t": "conv", "re": 7, "c": CONV, "kind": "group", "title": "T",
        "members": [
            {"u": USER, "name": "Ann", "role": "owner", "recv": 3, "read": 2},
            {
                "u": PEER, "name": "Bob", "role": "member", "recv": 0, "read": 0,
                "colour": "hue-3",
            },
        ],
    }  # fmt: skip


def test_a_refusal_carries_its_fields() -> None:
    assert answer(ResendError(5)) == {
        "t": "err", "re": 7, "code": "resend", "msg": "Send again from the first after 5.",
        "last": 5,
    }  # fmt: skip
    assert answer(RateLimitedError("Slow.", retry_ms=50))["retry"] == 50
    assert read(JSON.refusal(None, BadRequestError("No."))) == {
        "t": "err", "code": "bad_request", "msg": "No.",
    }  # fmt: skip


def head(**changes: Any) -> Head:
    row = Membership(USER, CONV, "group", 3, 1, "Title", "member", None, 1)
    last = Message(entry(9, Text("Bye")))
    return replace(Head(row, Cursors(8, 7), 9, 6, 5, 2, last), **changes)


def heads(*found: Head | BriefHead, gone: list[Gone] | None = None) -> Any:
    return answer(HeadsAnswer(12, list(found), gone or [], False))


def test_a_line_of_the_list() -> None:
    told = heads(head(), BriefHead(CONV, 4, 3), gone=[Gone(CONV, 41)])
    assert told == {
        "t": "heads", "re": 7, "lv": 12, "more": False, "gone": [{"c": CONV, "until": 41}],
        "convs": [
            {
                "c": CONV, "kind": "group", "title": "Title", "head": 9, "n": 6, "nread": 5,
                "read": 7, "recv": 8, "mine": 2, "role": "member",
                "last": {
                    "s": 9, "from": USER, "ts": 1009, "b": {"k": "text", "text": "Bye"},
                },
            },
            [CONV, 4, 3],
        ],
    }  # fmt: skip


def test_a_direct_line_is_titled_by_the_other_person() -> None:
    row = Membership(USER, CONV, "direct", 3, 1, "", "member", PEER, 1)
    [line] = heads(head(membership=row, peer_name="Bob"))["convs"]
    assert (line["kind"], line["title"], line["u"]) == ("direct", "Bob", PEER)
    assert "colour" not in line
    [line] = heads(head(membership=row, peer_name="Bob", peer_colour="hue-3"))["convs"]
    assert line["colour"] == "hue-3"


def test_the_newest_message_of_a_line_is_short_and_visible() -> None:
    [line] = heads(head(last=Message(entry(9, Text("x" * 5000)))))["convs"]
    assert line["last"]["b"]["text"] == "x" * LAST_CHARS
    hidden = Message(entry(9, Text("secret"), "block"))
    assert "last" not in heads(head(last=hidden))["convs"][0]
    assert "last" not in heads(head(last=None))["convs"][0]


def test_a_page_says_the_range_it_covers() -> None:
    told = answer(page(Message(entry(3, Text("Hi", 2)))))
    assert (told["from"], told["to"], told["head"], told["more"]) == (1, 9, 9, False)
    assert told["msgs"][0]["b"] == {"k": "text", "text": "Hi", "re_s": 2}


def test_a_page_folds_what_later_entries_changed() -> None:
    changed = Projection(2, 5, encode_body(Text("Hello again")))
    deleted = Projection(3, 6, None, deleted=True)
    told = answer(
        page(
            Message(entry(1, Text("Hi"))),
            Message(entry(2, Text("Hello")), changed),
            Message(entry(3, Text("Oops")), deleted),
            Message(entry(4, Text("Fine")), Projection(4, 7)),
            Message(entry(5, Deleted())),
        )
    )
    assert [m["b"] for m in told["msgs"]] == [
        {"k": "text", "text": "Hi"},
        {"k": "text", "text": "Hello again"},
        {"k": "deleted"},
        {"k": "text", "text": "Fine"},
        {"k": "deleted"},
    ]


def test_a_page_tells_that_a_text_was_edited_and_who_reacted() -> None:
    users = {"👍": [USER, PEER], "❤": [UserId("u_c")]}
    both = Projection(2, 9, encode_body(Text("new", 1)), reactions=users)
    told = answer(
        page(
            Message(entry(1, Text("a")), Projection(1, 8, None, reactions={"👍": [PEER]})),
            Message(entry(2, Text("b", 1)), both),
            Message(entry(3, Text("c")), Projection(3, 7, None, deleted=True, reactions=users)),
            Message(entry(4, Text("d"))),
        )
    )
    first, second, gone, plain = told["msgs"]
    assert (first["reactions"], "edited" in first) == ({"👍": [PEER]}, False)
    assert (second["b"], second["edited"]) == ({"k": "text", "text": "new", "re_s": 1}, True)
    assert list(second["reactions"].items()) == list(users.items())
    for bare in (gone, plain):
        assert "edited" not in bare and "reactions" not in bare


def test_of_a_deleted_text_a_page_shows_a_tombstone_and_of_its_edits_nothing() -> None:
    gone = Projection(1, 4, None, deleted=True)
    with structlog.testing.capture_logs() as logs:
        told = answer(
            page(
                Message(replace(entry(1, Text("secret")), body=b""), gone),
                Message(replace(entry(2, Edit(1, "secret"), "edit"), body=b"")),
                Message(entry(3, Text("secret still there")), Projection(3, 4, None, deleted=True)),
                Message(entry(4, Delete(1), "delete")),
            )
        )
    assert [(m["s"], m["b"]["k"]) for m in told["msgs"]] == [
        (1, "deleted"),
        (3, "deleted"),
        (4, "delete"),
    ]
    assert "secret" not in json.dumps(told)
    assert logs == []


def test_a_page_leaves_out_what_is_not_for_clients() -> None:
    told = answer(
        page(
            Message(entry(1, Text("secret"), "block")),
            Message(entry(2, SelfEntry("list", CONV, 1), "self")),
            Message(entry(3, SelfEntry("list", CONV, 1))),
            Message(entry(4, Text("shown"))),
        )
    )
    assert [m["s"] for m in told["msgs"]] == [4]


def test_a_damaged_row_costs_only_itself_and_shows_in_the_log() -> None:
    rows = [entry(1, Text("ok"))]
    for seq, data in enumerate((b"\xc1", msgspec.msgpack.encode({"k": "hologram"}), b"\x01"), 2):
        rows.append(replace(entry(seq, Text("")), body=data))
    with structlog.testing.capture_logs() as logs:
        told = answer(page(*map(Message, rows)))
    assert [m["s"] for m in told["msgs"]] == [1]
    assert [(line["event"], line["seq"]) for line in logs] == [
        ("body_unreadable", 2),
        ("body_unreadable", 3),
        ("body_unreadable", 4),
    ]


def test_long_texts_of_a_page_are_cut_unless_it_is_for_one_message() -> None:
    long = Message(entry(1, Text("x" * 50)))
    [short] = answer(page(long), cut=10)["msgs"]
    assert (short["b"]["text"], short["cut"], short["len"]) == ("x" * 10, True, 50)
    [whole] = answer(page(long, whole=True), cut=10)["msgs"]
    assert whole["b"]["text"] == "x" * 50
    assert "cut" not in whole


def test_system_entries_say_whom_they_are_about() -> None:
    rows = (
        System("created", (USER, PEER), "Title", None, "all"),
        System("role", (PEER,), None, "admin"),
    )
    told = answer(page(*(Message(entry(i, b, "system")) for i, b in enumerate(rows, 1))))
    assert [m["b"] for m in told["msgs"]] == [
        {"k": "system", "ev": "created", "users": [USER, PEER], "title": "Title"},
        {"k": "system", "ev": "role", "users": [PEER], "role": "admin"},
    ]


def test_a_private_entry_is_never_delivered() -> None:
    body = SelfEntry("list", CONV, 1)
    with pytest.raises(ValueError, match="hidden"):
        JSON.delivery(Delivery(CONV, entry(1, body, "self"), body, ""), JSON.key(0))


def test_a_batch_is_one_message() -> None:
    parts = [JSON.event(PresenceState(USER, True, n)) for n in range(3)]
    whole = JSON.batch(parts)
    assert whole[0] == 0x81
    assert [f["seen"] for f in json.loads(whole[whole.index(b"[") :])] == [0, 1, 2]
