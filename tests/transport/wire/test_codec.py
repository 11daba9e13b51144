"""The codec: every frame there and back, and whatever a hostile client can think of."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.transport.wire.bodies import Text
from hubbub.transport.wire.codec import (
    BATCH_LIMIT,
    CODECS,
    Broken,
    Codec,
    FrameError,
    JsonCodec,
    MsgpackCodec,
)
from hubbub.transport.wire.frames import Hello, InFrame, Ping, Read, Send, Sync, Watch
from hubbub.transport.wire.out_frames import Ack, Err, Msg, Welcome

JSON = JsonCodec()
MSGPACK = MsgpackCodec()

both = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.subprotocol)


def pack(codec: Codec, value: Any) -> bytes:
    return msgspec.msgpack.encode(value) if codec.binary else msgspec.json.encode(value)


def unpack(codec: Codec, data: bytes) -> Any:
    return msgspec.msgpack.decode(data) if codec.binary else json.loads(data)


def send(text: str = "Hello", **changes: Any) -> dict[str, Any]:
    fields = {
        "t": "send",
        "id": 3,
        "c": "g_x",
        "cid": 7,
        "prev": 6,
        "b": {"k": "text", "text": text},
    }
    return fields | changes


def broken(codec: Codec, value: Any) -> Broken:
    [found] = codec.decode(pack(codec, value))
    assert isinstance(found, Broken)
    return found


@both
def test_a_frame_is_decoded_into_its_struct(codec: Codec) -> None:
    assert codec.decode(pack(codec, send())) == [
        Send(id=3, c="g_x", cid=7, prev=6, b=Text(text="Hello"))
    ]


@both
def test_a_batch_is_decoded_in_order(codec: Codec) -> None:
    frames = [{"t": "ping"}, {"t": "sync", "id": 1, "lv": 5}, {"t": "read", "c": "g", "s": 2}]
    assert codec.decode(pack(codec, frames)) == [
        Ping(),
        Sync(id=1, lv=5),
        Read(c="g", s=2),
    ]


@both
def test_an_empty_batch_holds_no_frame(codec: Codec) -> None:
    assert codec.decode(pack(codec, [])) == []


@both
def test_one_broken_frame_leaves_the_rest_of_its_batch_alone(codec: Codec) -> None:
    ping, wrong, sync = codec.decode(
        pack(codec, [{"t": "ping"}, {"t": "sync", "id": 4, "lv": "x"}, {"t": "sync", "id": 5}])
    )
    assert (ping, sync) == (Ping(), Sync(id=5))
    assert isinstance(wrong, Broken)
    assert wrong.re == 4


@both
def test_unknown_fields_are_ignored(codec: Codec) -> None:
    assert codec.decode(pack(codec, {"t": "ping", "later": {"a": [1]}})) == [Ping()]


@both
def test_an_unknown_type_is_unsupported_and_keeps_its_id(codec: Codec) -> None:
    found = broken(codec, {"t": "teleport", "id": 9, "u": "u_x"})
    assert (found.re, found.refusal.code) == (9, "unsupported")


@both
def test_an_unknown_kind_of_body_is_unsupported(codec: Codec) -> None:
    found = broken(codec, send(b={"k": "file", "name": "x"}))
    assert (found.re, found.refusal.code) == (3, "unsupported")


@both
def test_a_body_that_only_the_server_writes_is_unsupported(codec: Codec) -> None:
    found = broken(codec, send(b={"k": "system", "ev": "joined"}))
    assert found.refusal.code == "unsupported"


@both
@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"cid": "7"}, "cid"),
        ({"cid": 0}, "cid"),
        ({"cid": 1 << 53}, "cid"),
        ({"prev": -1}, "prev"),
        ({"c": "x" * 65}, "c"),
        ({"b": None}, "b"),
        ({"b": {"k": "text"}}, "text"),
        ({"b": {"k": "text", "text": 5}}, "b.text"),
        ({"b": {"text": "x"}}, "k"),
    ],
)
def test_a_wrong_field_is_a_bad_request_that_names_it(
    codec: Codec, fields: dict[str, Any], named: str
) -> None:
    found = broken(codec, send(**fields))
    assert (found.re, found.refusal.code) == (3, "bad_request")
    assert named in found.refusal.text


@both
@pytest.mark.parametrize("wrong", [-1, 1.5, True, "3", None, 1 << 53, [3]])
def test_a_wrong_id_is_not_given_back(codec: Codec, wrong: Any) -> None:
    found = broken(codec, {"t": "sync", "id": wrong})
    assert (found.re, found.refusal.code) == (None, "bad_request")


@both
@pytest.mark.parametrize("kind", [{}, {"t": 5}, {"t": None}])
def test_a_frame_without_a_type_is_a_bad_request(codec: Codec, kind: dict[str, Any]) -> None:
    found = broken(codec, {"id": 2, **kind})
    assert (found.re, found.refusal.code) == (2, "bad_request")


@both
@pytest.mark.parametrize(
    "value",
    [
        {"t": "hello", "v": 1, "device": "v_x", "token": ["secret-secret"]},
        {"t": "hello", "v": "secret-secret", "device": "v_x", "token": "secret-secret"},
        {"t": "hello", "v": 1, "device": 5, "token": "secret-secret"},
        {"t": "secret-secret"},
        {"t": "send", "id": 1, "cid": 1, "prev": 0, "b": {"k": "secret-secret"}},
        {"t": "send", "id": 1, "cid": 1, "b": {"k": "text", "text": "secret-secret"}},
        {"t": "role", "id": 1, "c": "", "cid": 1, "prev": 0, "u": "", "role": "secret-secret"},
        {"t": "role", "id": 1, "c": "", "cid": 1, "prev": 0, "u": "", "role": "`secret-secret'"},
        {"t": "watch", "id": 1, "users": ["secret-secret" * 9]},
        {"t": "create", "id": 1, "cid": 1, "prev": 0, "title": {"secret-secret": 1}},
    ],
)
def test_a_refusal_never_repeats_what_was_sent(codec: Codec, value: Any) -> None:
    assert "secret" not in repr(broken(codec, value))


@both
@pytest.mark.parametrize("value", [5, "x", None, True, [5], [[{"t": "ping"}]], [None], 1.5])
def test_what_is_no_object_and_no_array_of_objects_is_a_frame_error(
    codec: Codec, value: Any
) -> None:
    with pytest.raises(FrameError):
        codec.decode(pack(codec, value))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{",
        b"{} {}",
        b'{"t":"ping"',
        b'{"t":"ping"} x',
        b'{"t":"ping",}',
        b"{'t':'ping'}",
        b"\xef\xbb\xbf{}",
        b"[{]",
        b'[{"t":"ping"}',
        b'{"t":"sync","id":"x","z":tru}',
        b"NaN",
        b'{"t":"ping","x":"\\ud800"}',
        b'{"t":"auth","id":1,"token":"\\ud800"}',
        b'{"t":"auth","id":1,"token":"\\udc00\\ud800"}',
        b'{"t":"auth","id":1,"token":"\\ud800x"}',
        b'{"t":"auth","id":1,"token":"\xff"}',
        b'{"t":"auth","id":1,"token":"\xed\xa0\x80"}',
        b'{"t":"ping","x":' + b"[" * 100_000,
        b'{"t":"ping","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"x":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_bytes_that_are_no_json_are_a_frame_error(data: bytes) -> None:
    with pytest.raises(FrameError):
        JSON.decode(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x81",
        b"\x81\xa1t\xa4pin",
        b"\x81\xa1t\xa4pingx",
        b"\x92\x81\xa1t\xa4ping",
        b"\x83\xa1t\xa4auth\xa2id\x01\xa5token\xa2\xff\xff",
        b"\x83\xa1t\xa4auth\xa2id\x01\xa5token\xa3\xed\xa0\x80",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\x82\xa1t\xa4ping\xa1x\xdd\x7f\xff\xff\xff",
        b"\x81\xa1t\xdb\xff\xff\xff\xff",
        b"\x82\x80\x01\xa1t\xa4ping",
        b"\x82\xa1t\xa4ping\xa1x" + b"\x91" * 100_000 + b"\x01",
        b"\x81\xa1x" * 100_000 + b"\x01",
        b"\xc7\x00\x05",
    ],
)
def test_bytes_that_are_no_msgpack_are_a_frame_error(data: bytes) -> None:
    with pytest.raises(FrameError):
        MSGPACK.decode(data)


def test_the_longest_text_comes_through_escaped_or_not() -> None:
    text = "\U0001f600" * 100_000
    for data in (json.dumps(send(text)).encode(), json.dumps(send(text), ensure_ascii=False)):
        raw = data if isinstance(data, bytes) else data.encode()
        [frame] = JSON.decode(raw)
        assert isinstance(frame, Send)
        assert isinstance(frame.b, Text)
        assert frame.b.text == text


@both
def test_a_batch_has_a_limit(codec: Codec) -> None:
    assert len(codec.decode(pack(codec, [{"t": "ping"}] * BATCH_LIMIT))) == BATCH_LIMIT
    with pytest.raises(FrameError):
        codec.decode(pack(codec, [{"t": "ping"}] * (BATCH_LIMIT + 1)))


def test_white_space_before_a_batch_is_harmless() -> None:
    assert JSON.decode(b' \n\t[{"t":"ping"}]') == [Ping()]


def test_json_is_written_unescaped() -> None:
    data = JSON.encode(Err(code="internal", msg="äöü € \U0001f600", re=3))
    assert data.decode() == '{"t":"err","code":"internal","msg":"äöü € \U0001f600","re":3}'


@both
def test_python_words_are_plain_on_the_wire(codec: Codec) -> None:
    msg = Msg(
        c="g", s=1, from_="u", dev="v", cid=1, ts=2, b=Text(text="x", re_s=1), cut=True, len_=9
    )
    assert unpack(codec, codec.encode(msg)) == {
        "t": "msg", "c": "g", "s": 1, "from": "u", "dev": "v", "cid": 1, "ts": 2,
        "b": {"k": "text", "text": "x", "re_s": 1}, "cut": True, "len": 9,
    }  # fmt: skip


@both
@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 1000, 70_000])
def test_a_batch_of_encoded_frames_is_an_array_of_them(codec: Codec, count: int) -> None:
    ack = Ack(re=1, c="g", cid=1, s=1, ts=1, dup=False)
    found = unpack(codec, codec.batch([codec.encode(ack)] * count))
    assert found == [msgspec.to_builtins(ack)] * count


@both
def test_the_token_and_the_text_are_in_no_repr(codec: Codec) -> None:
    hello = codec.decode(
        pack(codec, {"t": "hello", "v": 1, "token": "secret", "device": "v_x", "inst": "i"})
    )
    assert isinstance(hello[0], Hello)
    assert hello[0].token == "secret"
    assert "secret" not in repr(hello)
    assert "secret" not in repr(codec.decode(pack(codec, send("secret"))))
    assert "secret" not in repr(
        codec.decode(pack(codec, {"t": "auth", "id": 1, "token": "secret"}))
    )


# --- properties ---------------------------------------------------------------------------------

refs = st.text(max_size=64)
numbers = st.integers(0, (1 << 53) - 1)
in_frames: st.SearchStrategy[InFrame] = st.one_of(
    st.builds(Ping),
    st.builds(Sync, id=numbers, lv=numbers),
    st.builds(Read, c=refs, s=numbers),
    st.builds(Watch, id=numbers, users=st.lists(refs, max_size=5), convs=st.lists(refs)),
    st.builds(
        Send,
        id=numbers,
        c=st.none() | refs,
        to=st.none() | refs,
        cid=st.integers(1, (1 << 53) - 1),
        prev=numbers,
        b=st.builds(Text, text=st.text(), re_s=st.none() | st.integers(1, (1 << 53) - 1)),
    ),
)


@both
@given(frames=st.lists(in_frames, max_size=8))
@settings(max_examples=60)
def test_frames_come_back_as_they_were(codec: Codec, frames: list[InFrame]) -> None:
    whole = codec.batch([pack(codec, frame) for frame in frames])
    assert codec.decode(whole) == frames
    for frame in frames:
        assert codec.decode(pack(codec, frame)) == [frame]


@both
@given(data=st.binary(max_size=300))
@settings(max_examples=150)
def test_hostile_bytes_are_frames_or_a_frame_error(codec: Codec, data: bytes) -> None:
    _tame(codec, data)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_names = st.sampled_from(["t", "id", "c", "cid", "prev", "b", "k", "text", "users", "s", "v"])
_types = st.sampled_from(["send", "sync", "hello", "watch", "hist", "create", "role", "ping"])
_almost = st.dictionaries(_names, _values | _types, max_size=7).map(
    lambda fields: {"t": "send", **fields}
)


@both
@given(value=_almost | st.lists(_almost, max_size=4), cut=st.integers(0, 3), at=st.integers(0, 99))
@settings(max_examples=150)
def test_near_misses_are_frames_broken_ones_or_a_frame_error(
    codec: Codec, value: Any, cut: int, at: int
) -> None:
    try:
        data = bytearray(
            msgspec.msgpack.encode(value) if codec.binary else json.dumps(value).encode()
        )
    except OverflowError:
        return
    if cut == 1:
        del data[at % len(data) :]
    elif cut == 2:
        data[at % len(data)] ^= 0xFF
    _tame(codec, bytes(data))


def _tame(codec: Codec, data: bytes) -> None:
    try:
        found = codec.decode(data)
    except FrameError:
        return
    for frame in found:
        if isinstance(frame, Broken):
            assert frame.refusal.code in ("bad_request", "unsupported")
            frame.refusal.text.encode()
        elif isinstance(frame, Send) and isinstance(frame.b, Text):
            # Whatever got through can be stored and sent on.
            frame.b.text.encode()


@both
def test_a_welcome_carries_plain_numbers(codec: Codec) -> None:
    welcome = Welcome(
        user="u", device="v", node="n", now=1, hb=25, mine=3, limits={"text_chars": 100_000}
    )
    assert unpack(codec, codec.encode(welcome))["limits"] == {"text_chars": 100_000}
