"""What becomes of a message: edited, deleted, reacted to, replied to; and who is typing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.content import Projections, stored
from tests.support.home import home
from tests.support.node import Node, running
from tests.support.town import Town, codes, group, text_of
from tests.support.ws_client import (
    PATIENCE_S,
    Frame,
    Person,
    Socket,
    sign_in,
    whole_list,
    whole_log,
)

from hubbub.config.ids import ConvId

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "a secret that is to be gone"
SECOND = "another secret, also to be gone"


async def do(socket: Socket, c: str, cid: int, k: str, **body: Any) -> Frame:
    """Send a body of this kind; its ack or err."""
    return await socket.ask("send", c=c, cid=cid, prev=cid - 1, b={"k": k, **body})


async def at(socket: Socket, c: str, s: int) -> Frame:
    """The one message at a seq, whole."""
    found: list[Frame] = (await socket.ask("hist", c=c, at=s))["msgs"]
    (message,) = found
    return message


async def test_an_edit_reaches_every_device_and_every_page(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    phone = await town.device(ann)
    ann_ws, phone_ws, ben_ws = await town.sockets(ann, phone, ben)
    c = (await ann_ws.post(ben.user, 1, "frist"))["c"]
    edited = await do(ann_ws, c, 2, "edit", s=2, text="first")
    assert (edited["t"], edited["s"]) == ("ack", 3)
    for socket in (phone_ws, ben_ws):
        told = await socket.expect("msg", s=3)
        assert (told["b"], told["from"]) == ({"k": "edit", "s": 2, "text": "first"}, ann.user)
    _, text, edit = await whole_log(ben_ws, c)
    assert (text["b"], text["edited"]) == ({"k": "text", "text": "first"}, True)
    assert (edit["s"], edit["b"]["k"], "edited" in edit) == (3, "edit", False)
    assert await at(ben_ws, c, 2) == text
    again = await do(ann_ws, c, 2, "edit", s=2, text="first")
    assert (again["dup"], again["s"]) == (True, 3)
    # The phone's own chain is another one.
    assert (await do(phone_ws, c, 1, "edit", s=2, text="from the phone"))["s"] == 4
    assert text_of(await at(ann_ws, c, 2)) == "from the phone"
    (line,) = (await whole_list(ben_ws))["convs"]
    assert (line["head"], line["n"], line["last"]["s"]) == (4, 1, 2)
    async with asyncio.timeout(PATIENCE_S):
        # The list is read from the store, which may show an edit a moment later (decision 0008).
        while text_of(line["last"]) != "from the phone":
            (line,) = (await whole_list(ben_ws))["convs"]


async def test_reactions_are_one_a_person_and_can_be_taken_back(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = (await ann_ws.post(ben.user, 1, "good news"))["c"]
    await do(ben_ws, c, 1, "react", s=2, emoji="🎉")
    assert (await ann_ws.expect("msg", s=3))["b"] == {"k": "react", "s": 2, "emoji": "🎉"}
    await do(ann_ws, c, 2, "react", s=2, emoji="🎉")
    assert (await at(ann_ws, c, 2))["reactions"] == {"🎉": [ben.user, ann.user]}
    await do(ben_ws, c, 2, "react", s=2, emoji="❤️")
    assert (await at(ann_ws, c, 2))["reactions"] == {"🎉": [ann.user], "❤️": [ben.user]}
    await do(ben_ws, c, 3, "react", s=2, emoji="")
    message = await at(ben_ws, c, 2)
    assert message["reactions"] == {"🎉": [ann.user]}
    assert "edited" not in message
    wrong = [await do(ben_ws, c, 4, "react", s=2, emoji=e) for e in ("no", "\0", "👍" * 65)]
    assert codes(wrong) == ["bad_request", "bad_request", "too_large"]


def files(data: Path) -> Iterator[bytes]:
    for file in data.iterdir():
        if file.is_file():
            yield file.read_bytes()


async def test_a_deleted_message_is_a_tombstone_on_every_path_and_its_words_leave_the_store(
    tmp_path: Path,
) -> None:
    async with running(tmp_path / "data", "--no-limits") as node, Town(node.base) as town:
        ann, ben = await town.people("ann", "ben")
        ann_ws, ben_ws = await town.sockets(ann, ben)
        c = (await ann_ws.post(ben.user, 1, SECRET))["c"]
        await do(ann_ws, c, 2, "edit", s=2, text=SECOND)
        await do(ben_ws, c, 1, "react", s=2, emoji="👍")
        tags = [await fetch(ben, f"{c}/messages?after=0"), await fetch(ben, f"{c}/messages/3")]
        assert [status for status, _, _ in tags] == [200, 200]
        assert (await do(ann_ws, c, 3, "delete", s=2))["s"] == 5
        assert (await ben_ws.expect("msg", s=5))["b"] == {"k": "delete", "s": 2}
        log = await whole_log(ben_ws, c)
        assert [m["b"] for m in log[1:]] == [
            {"k": "deleted"},
            {"k": "react", "s": 2, "emoji": "👍"},
            {"k": "delete", "s": 2},
        ]
        shown = [
            log,
            await at(ben_ws, c, 2),
            await whole_list(ben_ws),
            [await fetch(ben, f"{c}/messages?after=0"), await fetch(ben, f"{c}/messages/3")],
            (await ben.http.get("/v1/conversations")).text,
        ]
        for path in shown:
            assert SECRET not in str(path) and SECOND not in str(path)
        assert "reactions" not in log[1] and "edited" not in log[1]
        # Whoever asks with what it has is told that this has changed.
        for (_, tag, _), path, status in zip(
            tags, ("messages?after=0", "messages/3"), (200, 404), strict=True
        ):
            again = await ben.http.get(
                f"/v1/conversations/{c}/{path}", headers={"If-None-Match": tag}
            )
            assert again.status_code == status
        assert codes([await ben_ws.ask("hist", c=c, at=3)]) == ["not_found"]
        (line,) = (await whole_list(ben_ws))["convs"]
        assert (line["n"], line["last"]["b"]) == (1, {"k": "deleted"})
        await node.stop()
        for content in files(node.data):
            assert SECRET.encode() not in content and SECOND.encode() not in content


async def fetch(person: Person, path: str) -> tuple[int, str, str]:
    """(status, ETag, text) of something of a conversation's, by HTTP."""
    answer = await person.http.get(f"/v1/conversations/{path}")
    return answer.status_code, answer.headers.get("etag", ""), answer.text


async def test_a_change_by_http_is_one_like_any_other(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = (await ann_ws.post(ben.user, 1, "by socket"))["c"]

    async def post(person: Person, cid: int, **body: Any) -> tuple[int, Frame]:
        answer = await person.http.post(
            f"/v1/conversations/{c}/messages", json={"cid": cid, "prev": cid - 1, "b": body}
        )
        return answer.status_code, answer.json()

    status, ack = await post(ann, 2, k="edit", s=2, text="by http")
    assert (status, ack["s"]) == (201, 3)
    assert (await ben_ws.expect("msg", s=3))["b"]["text"] == "by http"
    assert (await post(ann, 2, k="edit", s=2, text="by http"))[0] == 200
    assert (await post(ben, 1, k="react", s=2, emoji="👍"))[0] == 201
    page = (await ben.http.get(f"/v1/conversations/{c}/messages?after=1")).json()
    assert page["msgs"][0]["edited"] is True
    assert page["msgs"][0]["reactions"] == {"👍": [ben.user]}
    for status, code, body in (
        (403, "forbidden", {"k": "edit", "s": 2, "text": "mine"}),
        (403, "forbidden", {"k": "delete", "s": 2}),
        (404, "not_found", {"k": "delete", "s": 99}),
        (400, "bad_request", {"k": "delete", "s": 3}),
        (413, "too_large", {"k": "react", "s": 2, "emoji": "👍" * 65}),
    ):
        got, refused = await post(ben, 2, **body)
        assert (got, refused["code"]) == (status, code)
    assert (await post(ann, 3, k="delete", s=2))[0] == 201
    assert await fetch(ben, f"{c}/messages/2") == await fetch(ann, f"{c}/messages/2")
    assert '"deleted"' in (await fetch(ben, f"{c}/messages/2"))[2]


async def test_in_a_group_the_staff_deletes_what_others_said_and_nobody_edits_it(
    town: Town,
) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws, cleo_ws = await town.sockets(ann, ben, cleo)
    c = await group(ann_ws, ben, cleo)
    assert (await ben_ws.post(c, 1, "rude"))["s"] == 2
    assert codes([await do(cleo_ws, c, 1, "delete", s=2)]) == ["forbidden"]
    assert codes([await do(ann_ws, c, 1, "edit", s=2, text="polite")]) == ["forbidden"]
    assert (await do(ann_ws, c, 1, "delete", s=2))["t"] == "ack"
    assert (await at(ben_ws, c, 2))["b"] == {"k": "deleted"}
    for socket, k, more in (
        (ben_ws, "edit", {"text": "rude again"}),
        (ben_ws, "delete", {}),
        (cleo_ws, "react", {"emoji": "👍"}),
    ):
        cid = 2 if socket is ben_ws else 1
        assert codes([await do(socket, c, cid, k, s=2, **more)]) == ["not_found"]
    # What was refused used up nothing.
    assert (await ben_ws.post(c, 2, "sorry"))["t"] == "ack"


async def test_one_who_was_removed_sees_no_later_words_but_that_some_are_gone(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = await group(ann_ws, ben)
    for n in (1, 2):
        await ann_ws.post(c, n, f"said {n}")
    assert (await ann_ws.ask("kick", c=c, users=[ben.user], cid=3, prev=2))["t"] == "ok"
    assert (await do(ann_ws, c, 4, "edit", s=2, text=SECRET))["t"] == "ack"
    assert (await do(ann_ws, c, 5, "delete", s=3))["t"] == "ack"
    seen = await whole_log(ben_ws, c)
    assert [m["b"] for m in seen[1:3]] == [{"k": "text", "text": "said 1"}, {"k": "deleted"}]
    assert "edited" not in seen[1]
    await ben_ws.settled()
    by_http = await fetch(ben, f"{c}/messages?after=0")
    assert SECRET not in str((ben_ws.frames, by_http))
    assert codes([await do(ben_ws, c, 1, "react", s=2, emoji="👍")]) == ["forbidden"]


async def test_a_crash_between_a_deletion_and_its_erasure_is_made_good_at_the_next_start(
    tmp_path: Path,
) -> None:
    backup = tmp_path / "restored"
    backup.mkdir()
    async with home(tmp_path / "data") as first, Town(first.base) as town:
        ann, ben = await town.people("ann", "ben")
        name, store = ann.name, first.node.chat.store
        ann_ws, ben_ws = await town.sockets(ann, ben)
        c = (await ann_ws.post(ben.user, 1, SECRET))["c"]
        await do(ann_ws, c, 2, "edit", s=2, text=SECOND)
        await do(ann_ws, c, 3, "react", s=2, emoji="👍")
        Projections(store).lose()
        assert (await do(ann_ws, c, 4, "delete", s=2))["t"] == "ack"
        kept = await stored(store, ConvId(c))
        assert [SECRET.encode() in m.entry.body for m in kept] == [False, True, False, False, False]
        # Nobody sees the half of it.
        for _ in range(2):
            log, listed = await whole_log(ben_ws, c), await whole_list(ben_ws)
            for words in (SECRET, SECOND):
                assert words not in str((log, listed))
            first.crash(f"conv:{c}")
        await store.backup(backup / "hubbub.db")
    for data in (tmp_path / "data", backup):
        async with home(data) as again:
            store = again.node.chat.store
            async with asyncio.timeout(PATIENCE_S):
                while await store.unfinished():
                    await again.turns(1)
            assert [m.entry.body for m in (await stored(store, ConvId(c)))[1:3]] == [b"", b""]
            await store.backup(data / "copy.db")
            person = await sign_in(again.base, name)
            socket = await person.socket()
            assert (await at(socket, c, 2))["b"] == {"k": "deleted"}
            await socket.close()
            await person.close()
        for content in files(data):
            assert SECRET.encode() not in content and SECOND.encode() not in content


async def test_a_reply_goes_on_naming_its_message_when_either_is_changed(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = (await ann_ws.post(ben.user, 1, "a question"))["c"]
    assert (await do(ben_ws, c, 1, "text", text="an anwser", re_s=2))["s"] == 3
    assert (await ann_ws.expect("msg", s=3))["b"]["re_s"] == 2
    await do(ben_ws, c, 2, "edit", s=3, text="an answer")
    await do(ann_ws, c, 2, "delete", s=2)
    assert (await at(ann_ws, c, 3))["b"] == {"k": "text", "text": "an answer", "re_s": 2}
    assert codes([await do(ann_ws, c, 3, "text", text="x", re_s=99)]) == ["bad_request"]


async def test_a_long_edit_comes_cut_to_who_asks_for_it_and_whole_by_its_seq(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    ben_ws = await town.socket(ben, cut=4)
    c = (await ann_ws.post(ben.user, 1, "short"))["c"]
    await do(ann_ws, c, 2, "edit", s=2, text="x" * 100_000)
    told = await ben_ws.expect("msg", s=3)
    assert (told["b"]["text"], told["cut"], told["len"]) == ("xxxx", True, 100_000)
    for s in (2, 3):
        assert (await at(ben_ws, c, s))["b"]["text"] == "x" * 100_000
    assert codes([await do(ann_ws, c, 3, "edit", s=2, text="x" * 100_001)]) == ["too_large"]


async def test_who_types_is_told_to_the_others_who_watch(town: Town, node: Node) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    phone = await town.device(ann)
    ann_ws, phone_ws, ben_ws, cleo_ws = await town.sockets(ann, phone, ben, cleo)
    c = await group(ann_ws, ben, cleo)
    for socket in (ann_ws, phone_ws, ben_ws):
        await socket.ask("watch", users=[], convs=[c])
    for _ in range(3):
        await ann_ws.send({"t": "typing", "c": c})
    assert await ben_ws.expect("typing") == {"t": "typing", "c": c, "u": ann.user}
    ack = await ann_ws.post(c, 1, "done")
    for socket in (phone_ws, ben_ws, cleo_ws):
        await socket.expect("msg", s=ack["s"])
        await socket.settled()
        assert [f for f in socket.frames if f["t"] == "typing"] == []
    assert len(await whole_log(ben_ws, c)) == 2
