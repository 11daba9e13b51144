"""Sync and history from any cursor; unread counts; how far everybody got."""

from __future__ import annotations

import random

import pytest
from tests.support.town import Town, group, text_of
from tests.support.ws_client import (
    Socket,
    list_once,
    long_lines,
    short_lines,
    whole_list,
    whole_log,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def fill(socket: Socket, c: str, count: int, words: str = "line") -> None:
    """This many messages, sixteen at a time (the most that may be open)."""
    for first in range(1, count + 1, 16):
        numbers = range(first, min(first + 16, count + 1))
        await socket.send(
            *(
                {
                    "t": "send",
                    "id": 10_000 + n,
                    "c": c,
                    "cid": n,
                    "prev": n - 1,
                    "b": {"k": "text", "text": f"{words} {n}"},
                }
                for n in numbers
            )
        )
        for n in numbers:
            assert (await socket.answer_to(10_000 + n))["t"] == "ack"


async def test_pages_cover_the_log_from_any_cursor_in_both_directions(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = await group(ann_ws, ben)
    await fill(ann_ws, c, 60)
    log = await whole_log(ben_ws, c, limit=7)
    assert [m["s"] for m in log] == list(range(1, 62))
    chance = random.Random(1)
    for _ in range(40):
        cursor, limit = chance.randint(0, 65), chance.randint(1, 70)
        after = await ben_ws.ask("hist", c=c, after=cursor, limit=limit)
        assert after["msgs"] == [m for m in log if m["s"] > cursor][:limit]
        assert after["head"] == 61
        assert after["more"] == (cursor + limit < 61)
        before = await ben_ws.ask("hist", c=c, before=cursor, limit=limit)
        assert before["msgs"] == [m for m in log if m["s"] < cursor][-limit:]
        assert before["more"] == (min(cursor, 62) - 1 > limit)
    newest = await ben_ws.ask("hist", c=c, limit=5)
    assert newest["msgs"] == log[-5:]
    beyond = await ben_ws.ask("hist", c=c, after=10**15)
    assert beyond["msgs"] == [] and not beyond["more"]


async def test_a_page_is_bounded_in_bytes_but_always_holds_a_message(town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws = await town.socket(ann)
    c = await group(ann_ws, ben)
    for n in range(1, 5):
        assert (await ann_ws.post(c, n, "𝔘" * 100_000))["t"] == "ack"
    page = await ann_ws.ask("hist", c=c, after=1, limit=200)
    assert len(page["msgs"]) == 1 and page["more"] and page["to"] == 2
    assert len(await whole_log(ann_ws, c)) == 5


async def test_a_sync_from_a_version_tells_what_changed_and_the_rest_in_short(
    town: Town,
) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    old = await group(ann_ws, ben, title="old")
    ack = await ann_ws.post(old, 1, "hello")
    await ben_ws.expect("msg", s=ack["s"])
    first = await whole_list(ben_ws)
    assert [line["c"] for line in first["convs"]] == [old]
    new = await group(ann_ws, ben, cleo, cid=2, title="new")
    await ann_ws.post(old, 2, "again")
    second = await list_once(ben_ws, first["lv"], long_lines)
    assert short_lines(second) == [[old, ack["s"] + 1, 2]]
    assert [line["c"] for line in long_lines(second)] == [new]
    third = await whole_list(ben_ws, second["lv"])
    while long_lines(third):  # one that changed while the list was read comes whole once more
        third = await whole_list(ben_ws, third["lv"])
    assert third["gone"] == []
    assert {line[0] for line in short_lines(third)} == {old, new}


async def test_unread_is_what_was_said_by_others_since_reading_and_no_system_lines(
    town: Town,
) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = await group(ann_ws, ben)
    await fill(ann_ws, c, 5)
    await ann_ws.ask("rename", c=c, cid=6, prev=5, title="Renamed")
    await ann_ws.ask("invite", c=c, cid=7, prev=6, users=[cleo.user])
    ack = await ann_ws.post(c, 8, "sixth")
    await ben_ws.expect("msg", s=ack["s"])
    (line,) = (await whole_list(ben_ws))["convs"]
    assert line["n"] - line["nread"] == 6
    await ben_ws.send({"t": "read", "c": c, "s": 4})
    await ben_ws.expect("rcpt", c=c)
    # The cursor is written behind; a client that sees less sends it again.
    listed = await list_once(ben_ws, 0, lambda listed: listed["convs"][0]["read"] == 4)
    (line,) = listed["convs"]
    assert line["n"] - line["nread"] == 3


async def test_receipts_reach_those_who_watch_and_clear_unread_on_other_devices(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    phone = await town.device(ben)
    ann_ws, ben_ws, phone_ws = await town.sockets(ann, ben, phone)
    ack = await ann_ws.post(ben.user, 1, "seen?")
    c, s = ack["c"], ack["s"]
    accepted = await ben_ws.ask("contact", u=ann.user, do="accept", cid=1, prev=0)
    assert accepted["t"] == "ok"
    assert (await ann_ws.ask("watch", users=[], convs=[c]))["t"] == "ok"
    await ben_ws.send({"t": "recv", "c": c, "s": s})
    got = await ann_ws.until(lambda f: f["t"] == "rcpt" and f["recv"].get(ben.user) == s)
    assert got["read"].get(ben.user, 0) < s
    await ben_ws.send({"t": "read", "c": c, "s": s})
    await ann_ws.until(lambda f: f["t"] == "rcpt" and f["read"].get(ben.user) == s)
    cleared = await phone_ws.until(lambda f: f["t"] == "rcpt" and f["read"].get(ben.user) == s)
    assert cleared["c"] == c
    # A cursor never goes back, and never beyond the end.
    await ben_ws.send({"t": "read", "c": c, "s": 1}, {"t": "read", "c": c, "s": 10**12})
    more = await ann_ws.post(c, 2, "and this?")
    await ben_ws.expect("msg", s=more["s"])
    await ben_ws.send({"t": "read", "c": c, "s": more["s"]})
    await ann_ws.until(lambda f: f["t"] == "rcpt" and f["read"].get(ben.user) == more["s"])
    member = next(m for m in (await ann_ws.ask("conv", c=c))["members"] if m["u"] == ben.user)
    assert (member["recv"], member["read"]) == (more["s"], more["s"])


async def test_receipts_do_not_reach_those_who_do_not_watch(town: Town) -> None:
    ann, ben, cleo = await town.people("ann", "ben", "cleo")
    ann_ws, ben_ws, cleo_ws = await town.sockets(ann, ben, cleo)
    c = await group(ann_ws, ben, cleo)
    await ann_ws.ask("watch", users=[], convs=[c])
    ack = await ann_ws.post(c, 1, "seen?")
    await ben_ws.send({"t": "read", "c": c, "s": ack["s"]})
    await ann_ws.until(lambda f: f["t"] == "rcpt" and f["read"].get(ben.user) == ack["s"])
    await cleo_ws.settled()
    assert [f for f in cleo_ws.frames if f["t"] == "rcpt"] == []


async def test_a_reader_that_stops_reading_is_told_that_it_is_behind_and_catches_up(
    town: Town,
) -> None:
    ann, ben = await town.people("ann", "ben")
    ann_ws, ben_ws = await town.sockets(ann, ben)
    c = await group(ann_ws, ben)
    transport = ben_ws.ws.transport
    transport.pause_reading()
    big = "x" * 50_000
    # Far more than the queue of one socket (1 MB) and the buffers of the kernel hold.
    for n in range(1, 300):
        assert (await ann_ws.post(c, n, big))["t"] == "ack"
    last = await ann_ws.post(c, 300, "the end")
    transport.resume_reading()
    behind = await ben_ws.until(lambda f: f["t"] == "behind" and f["convs"].get(c) == last["s"])
    assert behind["convs"] == {c: last["s"]}
    pushed = [f["s"] for f in ben_ws.frames if f["t"] == "msg"]
    assert pushed == sorted(set(pushed)) and len(pushed) < 300
    log = await whole_log(ben_ws, c)
    assert [m["s"] for m in log] == list(range(1, last["s"] + 1))
    assert text_of(log[-1]) == "the end"
