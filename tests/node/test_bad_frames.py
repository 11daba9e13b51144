"""Whatever stands in a WebSocket message: a typed error or a close code, and everybody lives."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.support.town import Town, group
from tests.support.ws_client import Frame, Person, Socket

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("unharmed")]

#: What a connection that sent it is closed with: no frame, no UTF-8, or no message of that kind.
NO_FRAME = (4400, 1002, 1003, 1007)

DEEP = 100_000


NOT_JSON = {
    "empty": "",
    "blank": "   ",
    "half": '{"t":"ping"',
    "word": "nul",
    "number": "12",
    "string": '"ping"',
    "null": "null",
    "true": "true",
    "number in a batch": '[1,{"t":"ping"}]',
    "batch in a batch": '[[{"t":"ping"}]]',
    "two": '{"t":"ping"}{"t":"ping"}',
    "single quotes": "{'t':'ping'}",
    "comment": '{"t":"ping"}//',
    "lone surrogate": r'{"t":"send","id":1,"to":"u","cid":1,"prev":0,"b":'
    r'{"k":"text","text":"\ud800"}}',
    "half a surrogate": r'{"t":"send","id":1,"c":"\udfff\ud800","cid":1,"prev":0,"b":{}}',
    "bad escape": r'{"t":"\x41"}',
    "raw control": '{"t":"pi\nng"}',
    "deep array": "[" * DEEP,
    "deep object": '{"t":' * DEEP,
    "deep and whole": '{"t":"ping","x":' + "[" * DEEP + "]" * DEEP + "}",
    "deep in a body": '{"t":"send","id":1,"c":"c","cid":1,"prev":0,"b":{"k":"text","text":'
    + "[" * DEEP
    + "]" * DEEP
    + "}}",
    "not a number": '{"t":"sync","id":NaN}',
    "byte order mark": '\ufeff{"t":"ping"}',
}


@pytest.mark.parametrize("content", NOT_JSON.values(), ids=NOT_JSON)
async def test_a_text_that_is_no_json_frame_closes_the_connection(town: Town, content: str) -> None:
    for hello in (True, False):
        socket = await town.stranger()
        if hello:
            socket = await town.socket(await town.person("mallory"))
        await socket.raw(content)
        assert await socket.close_code() in NO_FRAME


async def test_an_object_without_a_type_or_of_no_known_type_is_answered(town: Town) -> None:
    socket = await town.socket(await town.person("mallory"))
    odd: list[Frame] = [{}, {"id": 7}, {"t": 5, "id": 7}, {"t": None}, {"t": []}, {"t": "x" * 5000}]
    for content in odd:
        await socket.send(content)
        refused = await socket.expect("err")
        assert refused["code"] in ("bad_request", "unsupported")
        assert refused.get("re") == content.get("id")
    await socket.settled()


async def test_a_batch_with_wrong_frames_in_it_does_the_right_ones(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    socket = await town.socket(ann)
    await socket.send(
        {"t": "nonsense", "id": 1},
        {"t": "sync", "id": 2, "lv": "no number"},
        {
            "t": "send",
            "id": 3,
            "to": ben.user,
            "cid": 1,
            "prev": 0,
            "b": {"k": "text", "text": "right"},
        },
        {"t": "hist", "id": 4},
    )
    answers = [await socket.answer_to(n) for n in (1, 2, 3, 4)]
    assert [a.get("code", a["t"]) for a in answers] == [
        "unsupported",
        "bad_request",
        "ack",
        "bad_request",
    ]


async def test_a_batch_without_end_closes_the_connection_or_is_answered(town: Town) -> None:
    socket = await town.socket(await town.person("mallory"))
    await socket.raw("[" + ",".join(['{"t":"ping"}'] * 20_000) + "]")
    assert await socket.close_code() in (4400, 4429)


NOT_MSGPACK = {
    "empty": b"",
    "nothing": b"\xc1",
    "half": b"\x81\xa1t\xa4pin",
    "number": b"\x07",
    "nil": b"\xc0",
    "string": b"\xa4ping",
    "trailing": msgspec.msgpack.encode({"t": "ping"}) + b"\x00",
    "huge array": b"\xdd\xff\xff\xff\xff",
    "huge map": b"\xdf\xff\xff\xff\xff",
    "huge string": b"\x81\xa1t\xdb\xff\xff\xff\xff",
    "huge bytes": b"\x81\xa1t\xc6\xff\xff\xff\xff",
    "deep array": b"\x91" * DEEP,
    "deep map": b"\x81\xa1t" * DEEP,
    "deep and whole": b"\x82\xa1t\xa4ping\xa1x" + b"\x91" * DEEP + b"\x90",
    "invalid utf-8": b"\x81\xa1t\xa4\xff\xfe\xfd\xfc",
    "invalid utf-8 in a text": b"\x86\xa1t\xa4send\xa2id\x01\xa1c\xa1c\xa3cid\x01\xa4prev\x00"
    b"\xa1b\x82\xa1k\xa4text\xa4text\xa3\xed\xa0\x80",
    "number in a batch": b"\x92\x01\x81\xa1t\xa4ping",
}


@pytest.mark.parametrize("content", NOT_MSGPACK.values(), ids=NOT_MSGPACK)
async def test_bytes_that_are_no_msgpack_frame_close_the_connection(
    town: Town, content: bytes
) -> None:
    socket = await town.stranger(encoding="msgpack")
    await socket.raw(content)
    assert await socket.close_code() in NO_FRAME
    socket = await town.socket(await town.person("mallory"), encoding="msgpack")
    await socket.raw(content)
    assert await socket.close_code() in NO_FRAME


@pytest.mark.parametrize(
    "odd",
    [
        {5: "send", "t": "sync", "id": 1},
        {"t": "sync", "id": 1, "lv": msgspec.msgpack.Ext(5, b"xx")},
        {"t": "sync", "id": 1, "lv": b"\xff"},
        {"t": b"sync", "id": 1},
        {"t": "sync", "id": 2**64 - 1},
    ],
    ids=["number as a key", "extension", "bytes", "type in bytes", "id beyond 2**53"],
)
async def test_odd_values_in_msgpack_are_answered_or_close(town: Town, odd: Any) -> None:
    socket = await town.socket(await town.person("mallory"), encoding="msgpack")
    await socket.raw(msgspec.msgpack.encode(odd))
    await socket.raw(msgspec.msgpack.encode({"t": "ping"}))
    try:
        answered = await socket.until(lambda f: f["t"] in ("err", "heads", "pong"))
    except AssertionError:
        assert await socket.close_code() in NO_FRAME
    else:
        assert answered["t"] != "err" or answered["code"] == "bad_request"


@pytest.mark.parametrize("encoding", ["json", "msgpack"])
async def test_a_message_of_the_other_kind_closes_the_connection(town: Town, encoding: str) -> None:
    socket = await town.socket(await town.person("mallory"), encoding=encoding)
    ping = {"t": "ping"}
    if encoding == "json":
        await socket.raw(msgspec.msgpack.encode(ping))
    else:
        await socket.raw(json.dumps(ping))
    assert await socket.close_code() in NO_FRAME


# --- every field of every request ---------------------------------------------------------------


def requests(c: str, person: Person) -> list[Frame]:
    """One right request of each type, for a member of a group."""
    chain = {"c": c, "cid": 1, "prev": 0}
    return [
        {"t": "auth", "token": person.access},
        {"t": "sync", "lv": 0},
        {"t": "hist", "c": c, "after": 0, "limit": 5},
        {"t": "hist", "c": c, "before": 5},
        {"t": "hist", "c": c, "at": 1},
        {"t": "send", **chain, "b": {"k": "text", "text": "words", "re_s": 1}},
        {"t": "watch", "users": [person.user], "convs": [c]},
        {"t": "presence", "users": [person.user]},
        {"t": "create", "cid": 1, "prev": 0, "title": "T", "members": [], "history": "all"},
        {"t": "invite", **chain, "users": [person.user]},
        {"t": "kick", **chain, "users": [person.user]},
        {"t": "leave", **chain},
        {"t": "role", **chain, "u": person.user, "role": "admin"},
        {"t": "rename", **chain, "title": "T"},
        {"t": "conv", "c": c},
        {"t": "send", **chain, "b": {"k": "edit", "s": 1, "text": "words"}},
        {"t": "send", **chain, "b": {"k": "delete", "s": 1}},
        {"t": "send", **chain, "b": {"k": "react", "s": 1, "emoji": "👍"}},
    ]


WRONG: list[Any] = [
    None,
    True,
    -1,
    1.5,
    2**53,
    2**64,
    10**300,
    "",
    "\x00",
    "' OR 1=1 --",
    "x" * 100_000,
    [],
    [None],
    [["u"]] * 3,
    ["u"] * 2000,
    {},
    {"k": "text"},
    {"k": 5, "text": 5},
    {"k": "text", "text": None},
    {"k": "text", "text": ""},
    {"k": "text", "text": "words", "re_s": -1},
    {"k": "system", "ev": "joined", "users": []},
    {"k": "edit", "s": 0, "text": "words"},
    {"k": "edit", "s": 2**53, "text": "words"},
    {"k": "edit", "s": 1, "text": ""},
    {"k": "delete", "s": "1"},
    {"k": "delete"},
    {"k": "react", "s": 1, "emoji": None},
    {"k": "react", "s": 99, "emoji": "\x00"},
    {"k": "deleted"},
]

#: What may come of a request with one odd value: not everything odd is wrong.
FINE = ("ok", "ack", "conv", "heads", "page", "states")
REFUSED = (
    "bad_request",
    "not_found",
    "forbidden",
    "too_large",
    "unsupported",
    "unauthenticated",
    "conversation_full",
    "resend",
    "cid_old",
    "cid_used",
)


@pytest.mark.parametrize("kind", range(18))
async def test_every_odd_value_in_every_field_gets_a_typed_answer(town: Town, kind: int) -> None:
    mallory = await town.person("mallory")
    socket = await town.socket(mallory)
    c = await group(socket, title="Mine")
    right = requests(c, mallory)[kind]
    asked = 0
    for field in [name for name in right if name != "t"]:
        for wrong in WRONG:
            answer = await ask_odd(socket, {**right, field: wrong})
            assert answer["t"] in FINE or answer["code"] in REFUSED, (field, wrong, answer)
            asked += 1
        missing = {name: value for name, value in right.items() if name != field}
        answer = await ask_odd(socket, missing)
        assert answer["t"] in FINE or answer["code"] in REFUSED, (field, answer)
    assert asked >= len(WRONG)
    assert (await socket.ask("conv", c=c))["t"] in ("conv", "err")


async def ask_odd(socket: Socket, content: Frame) -> Frame:
    """The answer to a request with something odd in it."""
    fields = dict(content)
    t = fields.pop("t")
    return await socket.ask(t, **fields)


@pytest.mark.parametrize("notice", ["recv", "read", "typing"])
async def test_odd_values_in_notices_change_nothing(town: Town, notice: str) -> None:
    mallory = await town.person("mallory")
    socket = await town.socket(mallory)
    c = await group(socket, title="Mine")
    for wrong in WRONG:
        await socket.send({"t": notice, "c": wrong, "s": 1}, {"t": notice, "c": c, "s": wrong})
    await socket.send({"t": notice}, {"t": notice, "c": c, "s": 2**53 - 1})
    await socket.settled()
    members = (await socket.ask("conv", c=c))["members"]
    assert [(m["recv"] <= 1, m["read"] <= 1) for m in members] == [(True, True)]
    errors = [f["code"] for f in socket.frames if f["t"] == "err"]
    assert set(errors) <= {"bad_request", "not_found"}


async def test_two_requests_of_one_number_do_not_mix_up(town: Town) -> None:
    mallory = await town.person("mallory")
    socket = await town.socket(mallory)
    c = await group(socket, title="Mine")
    await socket.send({"t": "conv", "id": 77, "c": c}, {"t": "hist", "id": 77, "c": c})
    kinds = {(await socket.answer_to(77))["t"], (await socket.answer_to(77))["t"]}
    assert kinds in ({"conv", "page"}, {"conv", "err"})
