"""A client's messages, gaps, pages and list."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.testkit.simulation.puppet import CONV, Frame, Puppet, Wire, head, msg, with_puppet

from hubbub.testkit.simulation.reading import Deletions


def _page(wire: Wire, *msgs: Frame, **fields: Any) -> None:
    asked = wire.last("hist")
    page = {"t": "page", "re": asked["id"], "c": CONV, "msgs": list(msgs), "more": False}
    wire.say({**page, **fields})


def _sync(wire: Wire, *lines: Any, **fields: Any) -> None:
    heads = {"t": "heads", "lv": 2, "convs": list(lines), "gone": [], "more": False, **fields}
    wire.say({**heads, "re": wire.last("sync")["id"]})


def test_a_gap_that_stands_for_a_second_is_read() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head()])
        wire.say(msg(1), msg(3))
        await asyncio.sleep(0.9)
        assert wire.count("hist") == 0
        await asyncio.sleep(0.2)
        assert wire.last("hist")["after"] == 1
        _page(wire, msg(2), msg(3), **{"from": 2, "to": 3, "head": 3})
        assert puppet.client.copy(CONV).last == 3

    with_puppet(work)


def test_what_is_behind_is_read_at_once_page_after_page() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        wire.say({"t": "behind", "convs": {CONV: 2}})
        assert wire.last("hist")["after"] == 0
        _page(wire, msg(1), more=True, **{"from": 1, "to": 1, "head": 2})
        assert wire.last("hist")["after"] == 1
        _page(wire, msg(2), **{"from": 2, "to": 2, "head": 2})
        assert (puppet.client.copy(CONV).last, wire.count("hist")) == (2, 2)

    with_puppet(work)


def test_what_came_is_told_of_once_a_second() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head()])
        wire.say(msg(1), msg(2))
        await asyncio.sleep(1.5)
        assert [f["s"] for f in wire.sent if f["t"] == "recv"] == [2]

    with_puppet(work)


def test_the_list_is_kept_and_read_again_when_it_moves() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head(head=0)])
        assert list(puppet.client.heads) == [CONV]
        wire.say({"t": "list", "lv": 2})
        await asyncio.sleep(0.5)
        assert wire.last("sync")["lv"] == 1
        _sync(wire, [CONV, 4, 3])
        line = puppet.client.heads[CONV]
        assert (line["head"], line["n"], puppet.client.lv) == (4, 3, 2)
        wire.say(msg(5, b={"k": "system", "ev": "left"}))
        await asyncio.sleep(0.5)
        _sync(wire, gone=[{"c": CONV, "until": 5}])
        assert (puppet.client.heads, puppet.client.gone) == ({}, {CONV: 5})

    with_puppet(work)


def test_what_the_last_connection_left_unread_is_read_after_the_sync() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        puppet.client.copy(CONV).wanted = 3
        puppet.client.sync()
        _sync(wire)
        assert wire.last("hist")["after"] == 0

    with_puppet(work)


def test_a_cursor_that_the_server_forgot_is_sent_again() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head()])
        copy = puppet.client.copy(CONV)
        copy.read = copy.recv_sent = 4
        puppet.client.sync_anew()
        assert wire.last("sync").get("lv", 0) == 0
        _sync(wire, head(read=3, recv=4))
        assert wire.last("read")["s"] == 4
        assert wire.count("recv") == 0

    with_puppet(work)


def test_a_refused_question_is_asked_again_or_is_a_fault() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head()])
        wire.say({"t": "behind", "convs": {CONV: 2}})
        refused = {"t": "err", "re": wire.last("hist")["id"], "msg": ""}
        wire.say({**refused, "code": "unavailable"})
        await asyncio.sleep(1.5)
        assert wire.count("hist") == 2
        wire.say({**refused, "re": wire.last("hist")["id"], "code": "not_found"})
        assert puppet.client.faults == [f"hist {CONV} was refused: not_found"]
        puppet.client.sync()
        wire.say({**refused, "re": wire.last("sync")["id"], "code": "unavailable"})
        await asyncio.sleep(0.5)
        assert wire.count("sync") == 3

    with_puppet(work)


def test_faults_of_a_server_are_noticed() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head()])
        wire.say(msg(1), msg(1))
        puppet.client.chain(CONV).committed = 3
        puppet.client.sync()
        _sync(wire, head(mine=2, head=1))
        wire.say({"t": "page", "re": 999, "c": CONV, "msgs": [], "more": False})
        assert puppet.client.faults == [
            f"{CONV} 1 was pushed twice on one connection",
            f"{CONV}: heads say mine=2, not 3",
            f"a page for nothing: {CONV}",
        ]

    with_puppet(work)


def test_what_was_acknowledged_after_the_list_was_asked_for_need_not_be_in_it() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head()])
        puppet.client.chain(CONV).committed = 3
        puppet.client.sync()
        puppet.client.chain(CONV).committed = 4
        _sync(wire, head(mine=3))
        assert puppet.client.faults == []

    with_puppet(work)


def test_a_text_that_everybody_knows_to_be_deleted_may_not_be_shown() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head()])
        wire.say(msg(1), msg(2, b={"k": "delete", "s": 1}))
        await asyncio.sleep(1)
        wire.say({"t": "behind", "convs": {CONV: 3}})
        _page(wire, msg(1, "secret"), **{"from": 1, "to": 3, "head": 3})
        assert puppet.client.faults == [f"{CONV} 1 is deleted, and 1 still shows it"]
        assert puppet.client.secrets[CONV, 1] == {"text 1", "secret"}

    with_puppet(work)


def test_a_deletion_counts_from_when_the_first_one_knew() -> None:
    deletions = Deletions()
    deletions.known("c", 1, 5.0)
    deletions.known("c", 1, 9.0)
    assert deletions.forbids("c", 1, 5.1)
    assert not deletions.forbids("c", 1, 5.0)
    assert not deletions.forbids("c", 2, 9.0)


def test_who_turns_to_an_earlier_message_asks_for_it_alone() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome(convs=[head()])
        wire.say(msg(1), msg(2))
        asked = puppet.client.look_back(CONV, 1)
        sent = wire.last("hist")
        assert (sent["id"], sent["after"], sent["limit"]) == (asked, 0, 1)
        _page(wire, msg(1), **{"from": 1, "to": 1, "head": 2})
        assert asked not in puppet.client.asked
        assert puppet.client.faults == []

    with_puppet(work)
