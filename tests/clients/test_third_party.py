"""Clients that others made: aiohttp in Python, `ws` in Node. They chat with each other and us."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest
from tests.support.town import Town, group
from tests.support.ws_client import Frame, Person, frames_of, whole_log

HERE = Path(__file__).parent
LINES = 8

Heard = list[tuple[int, str, str]]


async def node_chats(person: Person, c: str, lines: list[str], until: int) -> Heard:
    """A chat by `ws`; what it heard."""
    asked = {
        "url": person.base.replace("http", "ws", 1) + "/ws",
        "hello": {**person.hello(client="ws"), "me": person.user},
        "c": c,
        "lines": lines,
        "until": until,
    }
    process = await asyncio.create_subprocess_exec(
        "node",
        str(HERE / "chat.mjs"),
        json.dumps(asked),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(40):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, err.decode()
    return [(s, sender, text) for s, sender, text in json.loads(out)]


def words_of(frame: Frame) -> str:
    """The text of a `msg`; "" for what the server told."""
    return str(frame["b"].get("text", ""))


class AiohttpChat:
    """A chat by aiohttp, which pings the server and offers to compress.

    Attributes:
        heard: {seq: (seq, sender, text)}.
    """

    def __init__(self, person: Person, c: str, lines: list[str]) -> None:
        self.person = person
        self.heard: dict[int, tuple[int, str, str]] = {}
        self._c = c
        self._lines = lines
        self._said = 0

    async def run(self, until: int) -> Heard:
        """Say the lines and hear everybody's; what it heard."""
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(
                self.person.base + "/ws", protocols=["hubbub.v1.json"], heartbeat=0.5, compress=15
            ) as ws,
        ):
            assert ws.protocol == "hubbub.v1.json"
            await ws.send_json(self.person.hello(client="aiohttp"))
            async with asyncio.timeout(40):
                while len(self.heard) < until:
                    for frame in frames_of(await ws.receive_json()):
                        await self._take(ws, frame)
            await ws.close()
            assert ws.close_code == 1000
        return sorted(self.heard.values())

    async def _take(self, ws: aiohttp.ClientWebSocketResponse, frame: Frame) -> None:
        match frame["t"]:
            case "welcome":
                ask = {"t": "hist", "id": 1000, "c": self._c, "after": 0, "limit": 200}
                await ws.send_json(ask)
            case "page":
                page: list[Frame] = frame["msgs"]
                for m in page:
                    if m["s"] not in self.heard:
                        self._hear(m["s"], m["from"], words_of(m))
                await self._say_next(ws)
            case "ack":
                self._hear(frame["s"], self.person.user, self._lines[int(frame["cid"]) - 1])
                await self._say_next(ws)
            case "msg":
                self._hear(frame["s"], frame["from"], words_of(frame))
            case other:
                raise AssertionError(f"{other}: {frame}")

    async def _say_next(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        if self._said < len(self._lines):
            self._said += 1
            body = {"k": "text", "text": self._lines[self._said - 1]}
            place = {"c": self._c, "cid": self._said, "prev": self._said - 1}
            await ws.send_json({"t": "send", "id": self._said, **place, "b": body})

    def _hear(self, s: int, sender: str, text: str) -> None:
        assert s not in self.heard, f"{s} came twice"
        self.heard[s] = (s, sender, text)


@pytest.mark.slow
async def test_clients_of_other_makers_chat_in_a_group(town: Town, npm_packages: None) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ours = await town.socket(ann)
    c = await group(ours, ben, cleo)
    words = [f"line {n}: ünïcödé 汉字 👍" for n in range(LINES)]
    until = 1 + 3 * LINES

    async def we_chat() -> Heard:
        for n, text in enumerate(words, 1):
            assert (await ours.post(c, n, text))["t"] == "ack"
        await ours.until(lambda f: f["t"] == "msg" and f["s"] >= until - LINES)
        return []

    by_node, by_aiohttp, _ = await asyncio.gather(
        node_chats(ben, c, words, until), AiohttpChat(cleo, c, words).run(until), we_chat()
    )
    log = [(m["s"], m["from"], words_of(m)) for m in await whole_log(ours, c)]
    assert by_node == log
    assert by_aiohttp == log
    assert len(log) == until
    for person in (ann, ben, cleo):
        assert [text for _, sender, text in log[1:] if sender == person.user] == words
