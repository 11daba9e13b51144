"""Taking everything away from a real node: what one may read, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.town import Town, group
from tests.support.ws_client import Frame, Person

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def taken(person: Person) -> Frame:
    """Everything of a person."""
    answer = await person.http.get("/v1/me/export")
    assert answer.status_code == 200
    data: Frame = answer.json()
    return data


async def test_one_takes_away_what_one_can_read_and_no_more(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    direct = (await ann_ws.post(ben.user, 1, "between us"))["c"]
    c = await group(ann_ws, ben, cleo, title="Tea")
    await ben_ws.post(c, 1, "before")
    assert (await ann_ws.ask("kick", c=c, cid=1, prev=0, users=[ben.user]))["t"] == "ok"
    await ann_ws.post(c, 2, "SECRET in between")
    assert (await ann_ws.ask("invite", c=c, cid=3, prev=2, users=[ben.user]))["t"] == "ok"
    await ann_ws.post(c, 4, "after")
    data = await taken(ben)
    by_id = {each["c"]: each for each in data["conversations"]}
    assert set(by_id) == {direct, c}
    assert by_id[direct]["title"] == ann.name
    assert by_id[c]["people"][ann.user] == ann.name
    for conv, each in by_id.items():
        url = f"/v1/conversations/{conv}/messages"
        read: list[Frame] = []
        more, after = True, 0
        while more:
            page = (await ben.http.get(url, params={"after": after, "limit": 2})).json()
            read += page["msgs"]
            more, after = page["more"], page["to"]
        expected = [{k: v for k, v in m.items() if k not in ("t", "c")} for m in read]
        assert each["messages"] == expected
    texts = [m["b"].get("text") for m in by_id[c]["messages"]]
    assert [text for text in texts if text] == ["before", "after"]
    html = (await ben.http.get("/v1/me/export?format=html")).text
    for text, there in (("between us", True), ("after", True), ("SECRET", False)):
        assert (text in html) == there
    assert data["contacts"] == []
    assert [d["id"] for d in data["devices"]] == [ben.device]
    assert ben.access not in str(data) and "argon2" not in str(data)


async def test_contacts_blocks_mutes_and_privacy_are_in_it(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = await group(ann_ws, ben, title="Tea")
    acts: tuple[tuple[str, dict[str, Any]], ...] = (
        ("contact", {"u": ben.user, "do": "request"}),
        ("block", {"u": cleo.user}),
        ("mute", {"c": c, "until": 4_000_000_000_000}),
    )
    # The group took the first place in this order.
    for cid, (t, fields) in enumerate(acts, 2):
        assert (await ann_ws.ask(t, cid=cid, prev=cid - 1, **fields))["t"] == "ok"
    assert (await ben_ws.ask("contact", cid=1, prev=0, u=ann.user, do="accept"))["t"] == "ok"
    assert (await ann.http.patch("/v1/me", json={"write": "contacts"})).status_code == 200

    data = await taken(ann)
    while {"id": ben.user, "name": ben.name, "state": "mutual", "blocked": False} not in data[
        "contacts"
    ]:
        data = await taken(ann)
    blocked = [each for each in data["contacts"] if each["blocked"]]
    assert blocked == [{"id": cleo.user, "name": cleo.name, "state": None, "blocked": True}]
    assert [(each["c"], each["mute"]) for each in data["conversations"] if each["mute"]] == [
        (c, 4_000_000_000_000)
    ]
    assert (data["profile"]["presence"], data["profile"]["write"]) == ("fellows", "contacts")
    html = (await ann.http.get("/v1/me/export?format=html")).text
    for words in (f"<bdi>{ben.name}</bdi>: contact", f"<bdi>{cleo.name}</bdi>: blocked", "Muted"):
        assert words in html, words


async def test_a_long_history_comes_whole(town: Town) -> None:
    ann = await town.person("ann")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws)
    said = [f"{n} " + "x" * 40_000 for n in range(30)]
    for cid, text in enumerate(said, 1):
        await ann_ws.post(c, cid, text)
    (each,) = (await taken(ann))["conversations"]
    assert [m["b"]["text"] for m in each["messages"][1:]] == said
