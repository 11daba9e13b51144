"""An account that goes from a real node, and stays gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.support.node import running
from tests.support.town import Town, group, text_of
from tests.support.ws_client import PASSWORD, PATIENCE_S, Frame, Person, sign_up, whole_log

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def delete(person: Person) -> None:
    answer = await person.http.request("DELETE", "/v1/me", json={"password": PASSWORD})
    assert answer.status_code == 204, answer.text


async def until(look: Callable[[], Awaitable[object]]) -> None:
    """Ask until it is so: it follows in a moment."""
    async with asyncio.timeout(PATIENCE_S):
        while not await look():
            continue


async def sheet(person: Person, c: str) -> dict[str, str]:
    """{user: role} of a group."""
    answer = (await person.http.get(f"/v1/conversations/{c}")).json()
    return {m["u"]: m["role"] for m in answer["members"]}


async def test_everybody_sees_the_account_go_and_its_messages_stay(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    tablet = await town.device(ann)
    ann_ws, ben_ws, tablet_ws = await town.sockets(ann, ben, tablet)
    c = await group(ann_ws, ben, cleo, title="Tea")
    said = await ann_ws.post(c, 1, "I was here")
    direct = (await ann_ws.post(ben.user, 1, "between us"))["c"]
    await delete(ann)
    for ws in (ann_ws, tablet_ws):
        assert await ws.close_code() == 4403
    left = await ben_ws.expect("msg", c=c, s=said["s"] + 1)
    assert left["b"] == {"k": "system", "ev": "left", "users": [ann.user]}
    await ben_ws.expect("msg", c=direct, s=3)
    assert await sheet(ben, c) == {ben.user: "owner", cleo.user: "member"}
    assert text_of((await whole_log(ben_ws, c))[1]) == "I was here"

    async def nobody() -> bool:
        return (await ben.http.get(f"/v1/users/{ann.user}")).status_code == 404

    await until(nobody)
    lines: list[Frame] = (await ben.http.get("/v1/conversations")).json()["convs"]
    (line,) = [each for each in lines if each["c"] == direct]
    assert (line["title"], line["u"]) == ("", ann.user)
    refused = await ben_ws.post(direct, 1, "Ann?")
    assert refused["code"] == "forbidden"
    assert (await ben_ws.ask("send", to=ann.user, cid=1, prev=0, b={"k": "text", "text": "?"}))[
        "code"
    ] == "not_found"
    assert (await ann.http.get("/v1/me")).status_code == 401
    login = await ben.http.post("/v1/login", json={"name": ann.name, "password": PASSWORD})
    assert login.status_code == 401


async def test_nobody_keeps_a_deleted_account_as_a_contact_or_blocked(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws, cleo_ws = await town.sockets(ann, ben, cleo)
    assert (await ben_ws.ask("contact", cid=1, prev=0, u=ann.user, do="request"))["t"] == "ok"
    assert (await ann_ws.ask("contact", cid=1, prev=0, u=ben.user, do="accept"))["t"] == "ok"
    assert (await cleo_ws.ask("block", cid=1, prev=0, u=ann.user))["t"] == "ok"

    async def lists() -> list[list[str]]:
        contacts = (await ben.http.get("/v1/contacts")).json()["contacts"]
        blocks = (await cleo.http.get("/v1/blocks")).json()["blocks"]
        return [[each["id"] for each in contacts], [each["id"] for each in blocks]]

    async def known() -> bool:
        return await lists() == [[ann.user], [ann.user]]

    async def kept() -> list[Frame]:
        """The rows themselves, whoever is behind them."""
        exports = [(await each.http.get("/v1/me/export")).json() for each in (ben, cleo)]
        return [row for export in exports for row in export["contacts"]]

    await until(known)
    assert len(await kept()) == 2
    await delete(ann)
    assert await lists() == [[], []]

    async def forgotten() -> bool:
        return await kept() == []

    await until(forgotten)


async def test_killed_half_way_it_ends_all_the_same_and_nothing_is_left(tmp_path: Path) -> None:
    about, label = "SECRET about me", "SECRET device"
    async with running(tmp_path / "data", "--no-limits") as node:
        people = [await sign_up(node.base, name) for name in ("Secretname", "Benjamin")]
        ann, ben = people
        await ann.http.patch("/v1/me", json={"about": about, "display": "SECRET display"})
        await ann.http.patch(f"/v1/devices/{ann.device}", json={"label": label})
        ws = await ann.socket()
        groups = [await group(ws, ben, cid=n, title=f"no. {n}") for n in range(1, 16)]
        await ws.post(groups[0], 1, "SECRET no more: this stays")
        await ws.close()
        await delete(ann)
        await node.restart()

        async def gone() -> bool:
            found = [await sheet(ben, c) for c in groups]
            return found == [{ben.user: "owner"}] * len(groups)

        async def forgotten() -> bool:
            return (await ben.http.get(f"/v1/users/{ann.user}")).status_code == 404

        await until(gone)
        await until(forgotten)
        again = {"name": "SECRETNAME", "password": PASSWORD}
        assert (await ben.http.post("/v1/register", json=again)).status_code == 409
        for person in people:
            await person.close()
        await node.stop()
        kept = b"".join(path.read_bytes() for path in node.data.rglob("*") if path.is_file())
        assert b"this stays" in kept and b"Benjamin" in kept
        for secret in (about, label, "SECRET display", "Secretname", "secretname"):
            assert secret.encode() not in kept, secret
        assert node.logged([PASSWORD, about, label, "Secretname"]) == []
