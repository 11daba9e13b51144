"""Bytes that break WebSocket or come in odd pieces; first frames that are no hello."""

from __future__ import annotations

import json
import time

import pytest
from tests.support.raw_ws import BINARY, CLOSE, PING, frame, text
from tests.support.town import Pair, Town, text_of
from tests.support.ws_client import Frame

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("unharmed")]

MIB = 1 << 20


# --- pieces -------------------------------------------------------------------------------------


async def test_every_split_of_every_frame_reads_the_same(town: Town, honest: Pair) -> None:
    mallory = await town.person("mallory")
    socket = await town.raw_person(mallory)
    pieces = [
        ping_of(0),  # the short header
        ping_of(200),  # the header with two bytes of length
        ping_of(70_000),  # the header with eight
        frame(b"beat", PING),
        frame(b'{"t":"pi', fin=False) + frame(b'ng"}', 0),
    ]
    for whole in pieces:
        # Beyond the header only some: every place of a payload is like every other.
        places = [n for n in range(1, len(whole)) if n < 24 or n > len(whole) - 8 or n % 9973 == 0]
        for place in places:
            await socket.write(whole[:place])
            await honest.ann.settled()  # the node has read the first piece
            await socket.write(whole[place:])
            await socket.write(text({"t": "ping"}))
            await socket.expect("pong")
            if whole[0] & 0x0F != PING:
                await socket.expect("pong")


def ping_of(size: int) -> bytes:
    """Our ping in a message of about this many bytes."""
    return frame(json.dumps({"t": "ping", "x": "x" * size}).encode())


async def test_a_conversation_byte_by_byte_is_a_conversation(town: Town, honest: Pair) -> None:
    ann, ben = await town.people("ann", "ben")
    ben_ws = await town.socket(ben)
    socket = await town.raw_ws()
    said = {"t": "send", "id": 1, "to": ben.user, "cid": 1, "prev": 0}
    for byte in text(ann.hello()) + text({**said, "b": {"k": "text", "text": "drop by drop"}}):
        await socket.write(bytes((byte,)))
        if byte % 16 == 0:
            await honest.ann.settled()
    ack = await socket.expect("ack")
    assert text_of(await ben_ws.expect("msg", s=ack["s"])) == "drop by drop"


async def test_many_messages_in_one_write_are_handled_in_order(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    socket = await town.raw_person(ann)
    said = {"t": "send", "to": ben.user}
    await socket.write(
        b"".join(
            text(
                {
                    **said,
                    "id": n,
                    "cid": n,
                    "prev": n - 1,
                    "b": {"k": "text", "text": f"line {n}"},
                }
            )
            for n in range(1, 17)
        )
    )
    assert [(await socket.expect("ack", re=n))["s"] for n in range(1, 17)] == list(range(2, 18))


# --- broken WebSocket ---------------------------------------------------------------------------

BROKEN: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "unmasked": (frame(b'{"t":"ping"}', masked=False), (1002,)),
    "reserved bits": (frame(b'{"t":"ping"}', reserved=4), (1002,)),
    "unknown opcode": (frame(b"x", 3), (1002,)),
    "unknown control opcode": (frame(b"x", 11), (1002,)),
    "long ping": (frame(b"x" * 126, PING), (1002,)),
    "fragmented ping": (frame(b"x", PING, fin=False), (1002,)),
    "continuation of nothing": (frame(b"x", 0), (1002,)),
    "a message within a message": (frame(b"{", fin=False) + frame(b"{}"), (1002,)),
    "close of one byte": (frame(b"x", CLOSE), (1002,)),
    "close with a code of nobody": (frame((999).to_bytes(2, "big"), CLOSE), (1002,)),
    "close with a reason that is no utf-8": (frame(b"\x03\xe8\xff\xfe", CLOSE), (1002, 1007)),
    "text that is no utf-8": (frame(b'{"t":"\xff\xfe"}'), (1007,)),
    "text with a surrogate in utf-8": (frame(b'{"t":"\xed\xa0\x80"}'), (1007,)),
    "text that ends in half a character": (frame(b'{"t":"\xe2\x82'), (1007,)),
    "two mebibytes": (frame(b'"' + b"x" * (2 * MIB) + b'"'), (1009,)),
    "a length of two exbibytes": (frame(b"x", length=1 << 61), (1009, 1002)),
    "two mebibytes in pieces": (
        frame(b'"' + b"x" * MIB, fin=False) + frame(b"x" * MIB, 0),
        (1009,),
    ),
    "binary where text belongs": (frame(b"\x81\xa1t\xa4ping", BINARY), (1003, 4400)),
    "http again": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", (1002,)),
    "zeros": (b"\0" * 4096, (1002,)),
    "noise": (bytes(range(255, 0, -1)) * 20, (1002,)),
}


@pytest.mark.parametrize(("data", "codes"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("hello", [True, False], ids=["signed in", "before hello"])
async def test_what_is_no_websocket_message_ends_the_connection_with_a_code(
    town: Town, data: bytes, codes: tuple[int, ...], hello: bool
) -> None:
    if hello:
        socket = await town.raw_person(await town.person("mallory"))
    else:
        socket = await town.raw_ws()
    await socket.write(data)
    assert await socket.close_code() in codes


async def test_a_connection_that_ends_in_the_middle_of_a_frame_leaves_nothing(
    town: Town,
) -> None:
    mallory, ben = await town.people("mallory", "ben")
    whole = text(
        {
            "t": "send",
            "id": 1,
            "to": ben.user,
            "cid": 1,
            "prev": 0,
            "b": {"k": "text", "text": "half"},
        }
    )
    for place in (1, 3, 9, len(whole) - 1):
        socket = await town.raw_person(mallory)
        await socket.write(whole[:place])
        socket.close()
    ws = await town.socket(mallory)
    assert (await ws.post(ben.user, 1, "whole"))["s"] == 2


@pytest.mark.parametrize(
    ("headers", "statuses"),
    [
        ({"Origin": "https://evil.example"}, (403,)),
        ({"Origin": "null"}, (403,)),
        ({"Sec_WebSocket_Protocol": "hubbub.v9"}, (101, 400)),
        ({"Sec_WebSocket_Version": "12"}, (426, 400)),
        ({"Sec_WebSocket_Key": "short"}, (400,)),
        ({"Upgrade": "h2c"}, (400, 404, 426)),
    ],
    ids=["foreign origin", "origin of nowhere", "subprotocol", "version", "key", "other upgrade"],
)
async def test_a_wrong_handshake_is_refused(
    town: Town, headers: dict[str, str], statuses: tuple[int, ...]
) -> None:
    socket = await town.raw_ws(**headers)
    assert socket.status in statuses
    if socket.status == 101:
        # Without a subprotocol that both know nothing can be said.
        await socket.write(frame(b"?"))
        assert await socket.close_code() in (1002, 4400)


async def test_own_origin_and_no_origin_are_welcome(town: Town) -> None:
    assert (await town.raw_ws(Origin=town.base)).status == 101
    assert (await town.raw_ws()).status == 101


async def test_other_paths_are_no_websocket(town: Town) -> None:
    assert (await town.raw_ws("/wsx")).status in (400, 403, 404)


@pytest.mark.parametrize(
    "noise",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, b"\0" * 4000, b"GARBAGE\r\n\r\n"],
    ids=["tls", "zeros", "words"],
)
async def test_what_is_no_http_is_hung_up_on(town: Town, noise: bytes) -> None:
    socket = await town.raw()
    await socket.write(noise)
    answer = await socket.ended()
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


# --- hello --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first",
    [
        {"t": "ping"},
        {"t": "sync", "id": 1, "lv": 0},
        {"t": "send", "id": 1, "c": "c", "cid": 1, "prev": 0, "b": {"k": "text", "text": "x"}},
        {"t": "auth", "id": 1, "token": "t"},
        {"t": "nonsense", "id": 1},
        {"t": "hello"},
        {"t": "hello", "v": 1},
        {"t": "hello", "v": 2, "token": "t", "device": "d"},
        {"t": "hello", "v": "1", "token": "t", "device": "d"},
        {"t": "hello", "v": 1, "token": 5, "device": "d"},
        {"t": "hello", "v": 1, "token": "t" * 10_000, "device": "d"},
        {"t": "hello", "v": 1, "token": "t", "device": "d", "inst": "x" * 10_000},
    ],
    ids=lambda first: json.dumps(first)[:40],
)
async def test_a_first_frame_that_is_no_good_hello_closes_4400(town: Town, first: Frame) -> None:
    socket = await town.stranger()
    await socket.send(first)
    assert await socket.close_code() == 4400


async def test_nothing_is_done_of_a_batch_that_begins_before_hello(town: Town) -> None:
    mallory, ben = await town.people("mallory", "ben")
    send = {"t": "send", "id": 1, "to": ben.user, "cid": 1, "prev": 0}
    body = {"k": "text", "text": "too early"}
    socket = await town.stranger()
    await socket.send({**send, "b": body}, mallory.hello())
    assert await socket.close_code() == 4400
    ws = await town.socket(mallory)
    assert (await ws.post(ben.user, 1, "in time"))["s"] == 2


async def test_hello_and_requests_in_one_batch_are_done_in_order(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    socket = await town.stranger()
    send = {"t": "send", "id": 1, "to": ben.user, "cid": 1, "prev": 0}
    await socket.send(ann.hello(), {**send, "b": {"k": "text", "text": "at once"}})
    await socket.expect("welcome")
    assert (await socket.answer_to(1))["t"] == "ack"


async def test_a_second_hello_changes_nobody(town: Town) -> None:
    mallory, ben = await town.people("mallory", "ben")
    socket = await town.socket(mallory)
    await socket.send(ben.hello())
    refused = await socket.until(lambda f: f["t"] == "err")
    assert refused["code"] == "bad_request"
    ack = await socket.post(ben.user, 1, "who am I?")
    ben_ws = await town.socket(ben)
    page = await ben_ws.ask("hist", c=ack["c"])
    assert page["msgs"][-1]["from"] == mallory.user


@pytest.mark.slow
async def test_a_connection_that_says_nothing_is_closed_4408_and_half_a_hello_is_nothing(
    town: Town,
) -> None:
    mallory = await town.person("mallory")
    silent, half = await town.raw_ws(), await town.raw_ws()
    begun = time.monotonic()
    await half.write(text(mallory.hello())[:-1])
    assert await silent.close_code() == 4408
    assert await half.close_code() == 4408
    assert 3 < time.monotonic() - begun < 12
