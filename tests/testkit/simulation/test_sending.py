"""A client's mutations, and what becomes of them."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.testkit.simulation.puppet import CONV, Puppet, Wire, with_puppet


def _ack(wire: Wire, s: int, **fields: Any) -> None:
    sent = wire.last("send")
    ack = {"t": "ack", "re": sent["id"], "c": CONV, "cid": sent["cid"], "s": s, "ts": 9}
    wire.say({**ack, "dup": False, **fields})


def _err(wire: Wire, code: str, **fields: Any) -> None:
    wire.say({"t": "err", "re": wire.last("send")["id"], "code": code, "msg": "", **fields})


def test_an_ack_is_the_arrival_of_what_was_sent() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        item = puppet.text("mine")
        _ack(wire, 1)
        assert (item.fate, item.seq, item.ts) == ("acked", 1, 9)
        face = puppet.client.copy(CONV).face(1)
        assert face is not None and face[0].text == "mine"

    with_puppet(work)


def test_without_an_answer_it_is_sent_again_after_ten_seconds() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        puppet.text()
        await asyncio.sleep(9)
        assert wire.count("send") == 1
        await asyncio.sleep(7)
        assert wire.count("send") == 2
        assert len(puppet.client.silences) == 1

    with_puppet(work)


def test_it_goes_back_to_what_is_missing_and_waits_when_it_is_told_to() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        puppet.text()
        _err(wire, "resend", last=4)
        assert (wire.count("send"), wire.last("send")["prev"]) == (2, 4)
        _err(wire, "unavailable", retry=700)
        await asyncio.sleep(0.6)
        assert wire.count("send") == 2
        await asyncio.sleep(0.2)
        assert wire.count("send") == 3

    with_puppet(work)


def test_a_definite_refusal_is_final_and_internal_is_anybodys_guess() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        refused = puppet.text()
        _err(wire, "forbidden")
        unknown = puppet.text()
        _err(wire, "internal")
        assert (refused.fate, unknown.fate) == ("refused", "maybe")
        assert puppet.client.open_items == 0

    with_puppet(work)


def test_on_a_new_connection_everything_open_is_sent_again() -> None:
    async def work(puppet: Puppet) -> None:
        await puppet.welcome()
        for _ in range(3):
            puppet.text()
        puppet.client.hang_up("test")
        wire = await puppet.welcome()
        sends = [(f["cid"], f["prev"]) for f in wire.sent if f["t"] == "send"]
        assert sends == [(1, 0), (2, 1), (3, 2)]

    with_puppet(work)


def test_answers_that_no_honest_server_gives_are_faults() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        puppet.text()
        _ack(wire, 1)
        wire.say({"t": "ok", "re": 999})
        wire.say({"t": "err", "re": 999, "code": "not_found", "msg": ""})
        puppet.text()
        _err(wire, "resend", last=0)
        _err(wire, "cid_used", last=2)
        _ack(wire, 2, c="g_other")
        said = puppet.client.faults
        assert len(said) == 5
        assert "resend after 0, 1 was acknowledged" in said[2]
        assert "an honest one" in said[3]
        assert "an ack of something else" in said[4]

    with_puppet(work)


def test_one_mutation_has_one_place() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        puppet.text()
        first = wire.last("send")["id"]
        await asyncio.sleep(11)
        _ack(wire, 1)
        wire.say({"t": "ack", "re": first, "c": CONV, "cid": 1, "s": 2, "ts": 9, "dup": True})
        assert puppet.client.faults == [f"{CONV} cid=1 was acknowledged as 1 and as 2"]

    with_puppet(work)


def test_a_text_and_its_deletion_are_mutations_of_one_chain() -> None:
    async def work(puppet: Puppet) -> None:
        wire = await puppet.welcome()
        puppet.client.say(CONV, "mine")
        assert wire.last("send")["b"] == {"k": "text", "text": "mine"}
        _ack(wire, 1)
        deletion = puppet.client.delete(CONV, 1)
        sent = wire.last("send")
        assert (sent["b"], sent["prev"]) == ({"k": "delete", "s": 1}, 1)
        _ack(wire, 2)
        assert (deletion.fate, deletion.content) == ("acked", "1")

    with_puppet(work)
