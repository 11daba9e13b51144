"""The same conversations by HTTP: sending with the same idempotence, reading with validators."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.town import Town, group, text_of
from tests.support.ws_client import Person, whole_log

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def post(person: Person, c: str, cid: int, prev: int, words: str) -> Any:
    """Send a text by HTTP; (status, body)."""
    answer = await person.http.post(
        f"/v1/conversations/{c}/messages",
        json={"cid": cid, "prev": prev, "b": {"k": "text", "text": words}},
    )
    return answer.status_code, answer.json()


async def test_a_send_by_http_is_acknowledged_like_one_by_websocket_and_reaches_everybody(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = await group(ann_ws, ben)
    status, ack = await post(ann, c, 1, 0, "by http")
    assert status in (200, 201)
    assert (ack["c"], ack["cid"], ack["s"], ack["dup"]) == (c, 1, 2, False)
    assert text_of(await ben_ws.expect("msg", s=2)) == "by http"
    # The device's own socket did not send it, so it gets it too.
    assert text_of(await ann_ws.expect("msg", s=2)) == "by http"


async def test_http_and_websocket_share_a_devices_chain(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws, ben)
    _, first = await post(ann, c, 1, 0, "by http")
    again = await ann_ws.post(c, 1, "by http")
    assert again["dup"] and again["s"] == first["s"]
    assert (await ann_ws.post(c, 2, "by websocket"))["s"] == first["s"] + 1
    status, repeated = await post(ann, c, 2, 1, "by websocket")
    assert status in (200, 201) and repeated["dup"] and repeated["s"] == first["s"] + 1
    status, hole = await post(ann, c, 4, 3, "three is missing")
    assert status == 409 and (hole["code"], hole["last"]) == ("resend", 2)
    status, used = await post(ann, c, 2, 1, "else")
    assert (used["code"], used["last"]) == ("cid_used", 2)
    log = await whole_log(ann_ws, c)
    assert [m["cid"] for m in log] == [0, 1, 2]


async def test_the_same_send_many_times_at_once_is_committed_once(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws, ben)
    answers = await asyncio.gather(*(post(ann, c, 1, 0, "once") for _ in range(12)))
    assert {ack["s"] for _, ack in answers} == {2}
    assert len(await whole_log(ann_ws, c)) == 2


async def test_pages_and_lists_are_the_same_by_http(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws, ben, title="Same")
    for n in range(1, 6):
        await ann_ws.post(c, n, f"line {n}")
    page = await ben.http.get(f"/v1/conversations/{c}/messages", params={"after": 2, "limit": 2})
    ben_ws = await town.socket(ben)
    by_socket = await ben_ws.ask("hist", c=c, after=2, limit=2)
    assert page.json()["msgs"] == by_socket["msgs"]
    one = await ben.http.get(f"/v1/conversations/{c}/messages/4")
    assert text_of(one.json().get("msg", one.json())) == "line 3"
    listed = (await ben.http.get("/v1/conversations")).json()
    assert [line["title"] for line in listed["convs"]] == ["Same"]


async def test_a_page_is_revalidated_and_changes_when_the_log_does(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws, ben)
    url = f"/v1/conversations/{c}/messages"
    first = await ben.http.get(url, params={"after": 0})
    tag = first.headers["etag"]
    assert "private" in first.headers["cache-control"]
    same = await ben.http.get(url, params={"after": 0}, headers={"If-None-Match": tag})
    assert same.status_code == 304 and not same.content
    await ann_ws.post(c, 1, "news")
    changed = await ben.http.get(url, params={"after": 0}, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert text_of(changed.json()["msgs"][-1]) == "news"


async def test_groups_are_made_and_changed_by_http(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ben_ws = await town.socket(ben)
    body = {"cid": 1, "prev": 0, "title": "By http", "members": [ben.user]}
    made = await ann.http.post("/v1/conversations", json=body)
    assert made.status_code in (200, 201), made.text
    c = made.json()["c"]
    again = await ann.http.post("/v1/conversations", json=body)
    assert again.json()["c"] == c
    assert (await ben_ws.expect("msg", c=c, s=1))["b"]["ev"] == "created"
    url = f"/v1/conversations/{c}"
    added = await ann.http.post(f"{url}/members", json={"cid": 1, "prev": 0, "users": [cleo.user]})
    assert added.is_success, added.text
    renamed = await ann.http.patch(url, json={"cid": 2, "prev": 1, "title": "Else"})
    assert renamed.is_success, renamed.text
    gone = await ann.http.delete(f"{url}/members/{cleo.user}", params={"cid": 3, "prev": 2})
    assert gone.is_success, gone.text
    seen = (await ben.http.get(url)).json()
    assert seen["title"] == "Else" and {m["u"] for m in seen["members"]} == {ann.user, ben.user}
    left = await ben.http.post(f"{url}/leave", json={"cid": 1, "prev": 0})
    assert left.is_success, left.text
    assert (await ben.http.get(url)).status_code in (403, 404)


async def test_the_limits_are_the_same_by_http(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws, ben)
    status, refused = await post(ann, c, 1, 0, "x" * 100_001)
    assert status == 413 and refused["code"] == "too_large" and "100,000" in refused["msg"]
    status, ack = await post(ann, c, 1, 0, "𝔘" * 100_000)
    assert ack["s"] == 2
    page = (await ben.http.get(f"/v1/conversations/{c}/messages", params={"after": 1})).json()
    assert text_of(page["msgs"][0]) == "𝔘" * 100_000
