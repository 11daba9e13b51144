"""Promises, copies and lists against the logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
from tests.testkit.simulation.lab import entry, in_world

from hubbub.storage.memory_logs import Log
from hubbub.storage.records import Entry
from hubbub.testkit.simulation.chain import Item
from hubbub.testkit.simulation.checker import (
    Findings,
    check_copies,
    check_cursors,
    check_lists,
    check_log,
    check_promises,
    items_of,
)
from hubbub.testkit.simulation.client import Client
from hubbub.testkit.simulation.copy import Frame
from hubbub.testkit.simulation.model import Story, story_of
from hubbub.testkit.simulation.world import World
from hubbub.transport.wire import bodies, frames

CONV = "g_a"


def _send(number: int, cid: int, prev: int) -> frames.Request:
    return frames.Send(id=number, c=CONV, cid=cid, prev=prev, b=bodies.Text(text="hi"))


def _log(client: Client, *more: Entry, text: str = "hi") -> Story:
    users = [client.user, "u_other"]
    created = msgspec.msgpack.encode({"ev": "created", "users": users, "title": "Team"})
    said = msgspec.msgpack.encode({"text": text})
    first = entry(1, "system", created, client.user)
    second = entry(2, "text", said, client.user, device=client.device, cid=1, count=1)
    return story_of(CONV, Log([first, second, *more]))


def _msg(story: Story, seq: int) -> Frame:
    line = story.line(seq)
    body: Frame = {"k": "system"} if seq == 1 else {"k": "text", "text": story.bodies[seq]["text"]}
    return {"s": seq, "from": line.sender, "dev": line.device, "cid": line.cid, "ts": line.ts,
            "b": body}  # fmt: skip


def _line(**fields: Any) -> Frame:
    return {"c": CONV, "kind": "group", "title": "Team", "role": "owner", "head": 2, "n": 1,
            "nread": 0, "read": 0, "mine": 1, **fields}  # fmt: skip


def _rules(world: World, story: Story) -> set[str]:
    findings, client = Findings(), world.clients[0]
    stories = {CONV: story}
    check_log(story, findings)
    check_promises([client], stories, findings)
    check_copies([client], stories, findings)
    check_lists([client], stories, findings)
    check_cursors([client], stories, findings)
    return {violation.rule for violation in findings.found}


def _with(prepare: Callable[[Client, Item], Story | None]) -> set[str]:
    """What is found after a client that has everything was changed a little."""

    async def work(world: World) -> set[str]:
        client = world.clients[0]
        client.phase = "on"
        item = Item("text", "hi", _send, 0.0)
        client.chain(CONV).add(item)
        client.chain(CONV).acked(item)
        item.seq, item.ts = 2, 2
        story = _log(client)
        for seq in (1, 2):
            client.copy(CONV).take(_msg(story, seq))
        client.heads[CONV] = _line()
        changed = prepare(client, item)
        found = _rules(world, changed or story)
        client.phase = "off"
        return found

    return in_world(work)


def test_a_client_that_has_everything_has_nothing_to_complain_of() -> None:
    assert _with(lambda client, item: None) == set()


def test_an_ack_for_what_is_not_on_record_is_found() -> None:
    def prepare(client: Client, item: Item) -> None:
        item.cids[-1] = 9

    assert {"acknowledged", "from nowhere"} <= _with(prepare)


def test_an_ack_of_another_content_or_seq_is_found() -> None:
    assert "content" in _with(lambda client, item: _log(client, text="bye"))

    def renamed(client: Client, item: Item) -> Story:
        story = _log(client)
        second = story.entries[1]
        title = msgspec.msgpack.encode({"ev": "renamed", "title": "hi"})
        entries = [story.entries[0], replace(second, kind="system", body=title)]
        return story_of(CONV, Log(entries))

    assert {"content", "log"} <= _with(renamed)

    def prepare(client: Client, item: Item) -> None:
        item.seq = 1

    assert _with(prepare) == {"acknowledged"}


def test_a_refusal_of_what_is_on_record_is_found_and_one_of_a_member() -> None:
    def refused(client: Client, item: Item) -> None:
        item.fate, item.code = "refused", "forbidden"

    assert _with(refused) == {"refused"}

    def member(client: Client, item: Item) -> None:
        other = Item("text", "x", _send, 0.0, certain=True)
        client.chain(CONV).add(other)
        client.chain(CONV).refused(other, "not_found")

    assert _with(member) == {"member refused"}


def test_what_has_no_answer_and_what_stands_twice_are_found() -> None:
    def unanswered(client: Client, item: Item) -> None:
        client.chain(CONV).add(Item("text", "x", _send, 0.0))

    assert _with(unanswered) == {"unanswered"}

    def doubled(client: Client, item: Item) -> Story:
        item.fate = "maybe"
        again = entry(3, "text", b"", client.user, device=client.device, cid=1, count=2)
        return _log(client, again)

    assert {"doubled", "device order"} <= _with(doubled)


def test_what_a_client_lacks_is_found_and_what_it_must_not_have() -> None:
    def lacks(client: Client, item: Item) -> None:
        del client.copies[CONV]

    assert _with(lacks) == {"missing"}

    def too_much(client: Client, item: Item) -> None:
        client.secrets["g_other", 1] = {"secret"}

    assert _with(too_much) == {"saw too much"}

    def at_fault(client: Client, item: Item) -> None:
        client.faults.append("something odd")

    assert _with(at_fault) == {"client"}


def test_a_changed_message_and_a_text_that_looks_otherwise_are_found() -> None:
    def changed(client: Client, item: Item) -> None:
        client.copy(CONV).take({**_msg(_log(client), 2), "ts": 77})

    assert _with(changed) == {"changed"}

    def folded(client: Client, item: Item) -> None:
        message = _msg(_log(client), 2)
        client.copy(CONV).take({**message, "b": {"k": "text", "text": "no"}}, version=2)

    assert _with(folded) == {"folded"}


def test_a_list_that_says_what_is_not_so_is_found() -> None:
    for wrong in ({"head": 1}, {"n": 7}, {"title": "Crew"}, {"role": "member"}):

        def prepare(client: Client, item: Item, wrong: Frame = wrong) -> None:
            client.heads[CONV] = _line(**wrong)

        assert _with(prepare) == {"list"}

    def absent(client: Client, item: Item) -> None:
        del client.heads[CONV]

    assert _with(absent) == {"list"}


def test_a_cursor_a_count_and_a_chain_that_fell_back_are_found() -> None:
    def read(client: Client, item: Item) -> None:
        client.copy(CONV).read = 2

    assert _with(read) == {"cursor"}

    def counted(client: Client, item: Item) -> None:
        client.heads[CONV] = _line(nread=1)

    assert _with(counted) == {"unread"}

    def chained(client: Client, item: Item) -> None:
        client.heads[CONV] = _line(mine=0)

    assert _with(chained) == {"mine"}


def test_a_log_whose_time_epoch_or_secrets_are_wrong_is_found() -> None:
    def prepare(client: Client, item: Item) -> Story:
        kept = msgspec.msgpack.encode({"text": "x"})
        return _log(
            client,
            entry(3, "text", kept, client.user, ts=1, epoch=0, count=2),
            entry(4, "edit", kept, client.user, count=2, target=3),
            entry(5, "delete", b"", client.user, count=2, target=3),
        )

    assert {"ts", "epoch", "erased"} <= _with(prepare)


def test_what_was_forgotten_with_the_storage_is_remembered_here() -> None:
    def prepare(client: Client, item: Item) -> None:
        client.abandon()
        assert [found for _, found in items_of(client)] == [item]

    assert _with(prepare) == set()


def test_only_so_much_is_kept_of_a_disaster() -> None:
    findings = Findings(most=3)
    for n in range(9):
        findings.add("rule", f"says {n}", "name")
    assert [str(violation) for violation in findings.found] == [
        "[rule] says 0", "[rule] says 1", "[rule] says 2",
    ]  # fmt: skip
