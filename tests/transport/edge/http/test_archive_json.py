"""An archive as data."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from hubbub.config.ids import ConvId, DeviceId, UserId
from hubbub.storage.records import Account, Contact, Device, Membership
from hubbub.transport.edge.http.archive import Chapter, Circle, Opening, Part, Passage
from hubbub.transport.edge.http.archive_json import as_json
from hubbub.transport.wire import bodies, out_frames

ANN, BEN, CLEO = (UserId("u_" + letter * 20) for letter in "abc")
NASTY = '</script>"\\ \u202e \U0001f469\u200d\U0001f680 \x00 \u2028'


def opening() -> Opening:
    account = Account(ANN, "Ann", "ann", 5, "SECRET hash", about=NASTY)
    device = Device(DeviceId("v_1"), ANN, "phone", 1, 2, b"SECRET", b"SECRET")
    return Opening(9, account, [device])


def chapter(n: int, until: int | None = None) -> Chapter:
    conv = ConvId(f"g_{n}")
    row = Membership(ANN, conv, "group", 1, 1, "Tea", "owner", None, 1, until)
    return Chapter(row, f"Tea {n}")


def passage(*seqs: int) -> Passage:
    messages = [
        out_frames.Msg(c="g", s=s, from_=ANN, dev="v", cid=s, ts=s, b=bodies.Text(text=NASTY))
        for s in seqs
    ]
    return Passage(messages, {ANN: "Ann"} if seqs else {})


async def written(parts: Sequence[Part]) -> Any:
    async def told() -> AsyncIterator[Part]:
        for part in parts:
            yield part

    data = b"".join([piece async for piece in as_json(told())])
    assert b"SECRET" not in data
    return json.loads(data)


async def test_an_account_without_conversations_is_whole() -> None:
    data = await written([opening()])
    assert (data["contacts"], data["conversations"]) == ([], [])
    assert data["made"] == 9
    assert (data["profile"]["name"], data["profile"]["about"]) == ("Ann", NASTY)
    assert (data["profile"]["presence"], data["profile"]["write"]) == ("fellows", "everyone")
    assert data["profile"]["findable"] is True
    assert data["devices"] == [{"id": "v_1", "label": "phone", "created": 1, "seen": 2}]


@pytest.mark.parametrize("followed", [False, True])
async def test_people_come_in_whatever_pages(followed: bool) -> None:
    friend = Contact(ANN, BEN, 1, mine=True, theirs=True)
    pest = Contact(ANN, CLEO, 2, blocked=True)
    names: dict[str, str] = {BEN: NASTY, CLEO: ""}
    rest: list[Part] = [chapter(1), passage(1)] if followed else []
    shown = [
        {"id": BEN, "name": NASTY, "state": "mutual", "blocked": False},
        {"id": CLEO, "name": "", "state": None, "blocked": True},
    ]
    for pages in ([[friend, pest]], [[friend], [pest]]):
        data = await written([opening(), *(Circle(page, names) for page in pages), *rest])
        assert data["contacts"] == shown
        assert len(data["conversations"]) == followed


async def test_a_muted_conversation_and_a_request_say_so() -> None:
    one = chapter(1)
    other = Chapter(replace(one.row, request=True, mute=7), "")
    first, second = (await written([opening(), one, other]))["conversations"]
    assert (first["request"], first["mute"]) == (False, 0)
    assert (second["request"], second["mute"]) == (True, 7)


@pytest.mark.parametrize(
    "pages", [[], [[]], [[1]], [[1, 2], [3]], [[], [1], [], [2, 3]], [[1], []]]
)
async def test_messages_come_in_whatever_pages(pages: list[list[int]]) -> None:
    told = [passage(*page) for page in pages]
    data = await written([opening(), chapter(1), *told, chapter(2, 7), *told])
    one, two = data["conversations"]
    seqs = [seq for page in pages for seq in page]
    for each in (one, two):
        assert [m["s"] for m in each["messages"]] == seqs
        assert each["people"] == ({ANN: "Ann"} if seqs else {})
    assert (one["c"], one["title"], one["left"]) == ("g_1", "Tea 1", False)
    assert (two["c"], two["title"], two["left"]) == ("g_2", "Tea 2", True)


async def test_a_message_is_as_on_the_socket_without_what_repeats() -> None:
    data = await written([opening(), chapter(1), passage(4)])
    (message,) = data["conversations"][0]["messages"]
    assert message == {
        "s": 4,
        "from": ANN,
        "dev": "v",
        "cid": 4,
        "ts": 4,
        "b": {"k": "text", "text": NASTY},
    }
