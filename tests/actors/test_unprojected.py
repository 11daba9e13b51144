"""Between a change's commit and its projection: nobody sees a half, and nothing is missed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.chat import Chat, chatting
from tests.support.clock import ManualClock
from tests.support.content import Projections, pair, seen, send, stored

from hubbub.actors.answers import Acked, Delivery
from hubbub.actors.bodies import Content, Delete, Edit, React, Text, encode_body
from hubbub.actors.conversation import RETELL_S
from hubbub.actors.requests import SendRequest
from hubbub.actors.unprojected import unprojected
from hubbub.config.errors import (
    OutcomeUnknownError,
    StoreError,
    StoreRetryableError,
    UnavailableError,
)
from hubbub.config.ids import ConvId, shard_of
from hubbub.config.limits import Limits
from hubbub.storage.contract import Done
from hubbub.storage.memory import MemoryStore
from hubbub.storage.memory_faults import FailNext, LoseNext, UnknownNext
from hubbub.storage.records import Activation, Entry, Projection, Snapshot
from hubbub.transport.wire import bodies as wire

GONE = wire.Deleted()


async def crash(chat: Chat, conv: ConvId) -> None:
    ref = chat.system.lookup(f"conv:{conv}")
    assert ref is not None
    chat.system.kill(ref)
    await chat.settle()


def bodies(shown: list[dict[str, Any]]) -> list[Any]:
    return [message["b"] for message in shown[1:]]


async def test_what_later_entries_make_of_a_text_is_told_and_shown() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        assert isinstance(await send(chat, one, conv, 2, Edit(2, "second")), Acked)
        assert isinstance(await send(chat, other, conv, 1, React(2, "👍")), Acked)
        assert [d.body for d in other.heard(Delivery)[1:]] == [Text("first"), Edit(2, "second")]
        assert [d.body for d in one.heard(Delivery)[1:]] == [React(2, "👍")]
        shown = {
            "s": 2,
            "b": wire.Text(text="second"),
            "edited": True,
            "reactions": {"👍": [other.user]},
        }
        assert (await seen(chat, other, conv))[1] == shown
        assert isinstance(await send(chat, one, conv, 3, Delete(2)), Acked)
        assert bodies(await seen(chat, other, conv)) == [
            GONE,
            wire.React(s=2, emoji="👍"),
            wire.Delete(s=2),
        ]
        assert [m.entry.body for m in (await stored(chat.store, conv))[1:3]] == [b"", b""]
        assert await chat.store.unfinished() == []
        assert await chat.store.head(conv) == (5, 1)


async def test_a_page_read_between_commit_and_projection_shows_no_deleted_word() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        await send(chat, one, conv, 2, Edit(2, "second"))
        Projections(chat.store).lose()
        await send(chat, one, conv, 3, Delete(2))
        assert b"second" in (await stored(chat.store, conv))[2].entry.body
        for device in (one, other):
            assert bodies(await seen(chat, device, conv)) == [GONE, wire.Delete(s=2)]
        assert await chat.store.unfinished() == [conv]


@pytest.mark.parametrize(
    "error", [StoreRetryableError("disk full"), OutcomeUnknownError("i/o"), None]
)
async def test_the_store_is_told_again_until_it_has_it(error: StoreError | None) -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, other, conv = await pair(chat)
        projections = Projections(chat.store)

        def fail(_: ConvId, epoch: int, projection: Projection, done: Done) -> None:
            if error is not None:
                asyncio.get_running_loop().call_soon(done, error)

        projections.instead = fail
        await send(chat, one, conv, 2, Delete(2))
        for _ in range(2):
            clock.advance(6)
            await chat.settle()
        assert len(projections.asked) == 3
        assert b"first" in (await stored(chat.store, conv))[1].entry.body
        projections.go_on()
        clock.advance(6)
        await chat.settle()
        assert (await stored(chat.store, conv))[1].entry.body == b""
        assert await chat.store.unfinished() == []
        clock.advance(60)
        await chat.settle()
        assert len(projections.asked) == 4
        assert other.texts() == ["first"]


async def test_a_group_that_fails_behind_a_lost_projection_takes_nothing_along() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        projections = Projections(chat.store)
        projections.lose()
        await send(chat, one, conv, 2, Edit(2, "second"))
        projections.go_on()
        chat.store.faults.append(LoseNext())
        assert isinstance(await one.post(conv, 3, "text"), UnavailableError)
        assert isinstance(await one.post(conv, 3, "text"), Acked)
        assert (await stored(chat.store, conv))[1].projection == Projection(
            2, 3, encode_body(Text("second"))
        )
        assert other.texts() == ["first", "text"]


async def test_a_new_epoch_is_taken_when_the_store_refuses_the_old_ones_projection() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, _, conv = await pair(chat)
        projections = Projections(chat.store)
        projections.lose()
        await send(chat, one, conv, 2, Delete(2))
        await chat.store.claim(shard_of(conv))
        projections.go_on()
        clock.advance(6)
        await chat.settle()
        assert (await stored(chat.store, conv))[1].entry.body == b""
        assert isinstance(await one.post(conv, 3, "goes on"), Acked)


# --- after a crash ------------------------------------------------------------------------------


@pytest.mark.parametrize("snapshot_every", [256, 2])
async def test_a_crash_between_commit_and_projection_is_made_good_by_the_next_activation(
    snapshot_every: int,
) -> None:
    async with chatting(Limits(snapshot_every=snapshot_every)) as chat:
        one, other, conv = await pair(chat)
        await one.post(conv, 2, "other")
        projections = Projections(chat.store)
        projections.lose()
        changes: list[Content] = [Edit(2, "2nd"), Edit(3, "3rd"), Delete(2)]
        for cid, body in enumerate(changes, 3):
            assert isinstance(await send(chat, one, conv, cid, body), Acked)
        assert isinstance(await send(chat, other, conv, 1, React(3, "👍")), Acked)
        assert isinstance(await one.post(conv, 6, "more"), Acked)
        projections.go_on()
        projections.asked.clear()
        await crash(chat, conv)
        third = Projection(3, 7, encode_body(Text("3rd")), reactions={"👍": [other.user]})
        assert isinstance(await send(chat, other, conv, 2, React(8, "👍")), Acked)
        assert projections.asked[:2] == [Projection(2, 6, deleted=True), third]
        kept = await stored(chat.store, conv)
        assert [m.entry.body for m in kept if m.entry.seq in (2, 4)] == [b"", b""]
        assert kept[2].projection == third
        assert await chat.store.unfinished() == []


async def test_a_crash_of_the_projection_with_its_outcome_unknown_is_made_good() -> None:
    for fault in (FailNext, LoseNext, UnknownNext):
        async with chatting() as chat:
            one, other, conv = await pair(chat)
            projections = Projections(chat.store)
            projections.before = lambda fault=fault, chat=chat: chat.store.faults.append(fault())
            await send(chat, one, conv, 2, Delete(2))
            projections.before = None
            await crash(chat, conv)
            assert bodies(await seen(chat, other, conv)) == [GONE, wire.Delete(s=2)]
            await chat.settle()
            assert (await stored(chat.store, conv))[1].entry.body == b""
            assert await chat.store.unfinished() == []


async def test_a_retry_of_what_was_erased_gets_its_ack_after_a_crash() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        await send(chat, one, conv, 2, Delete(2))
        await crash(chat, conv)
        again = await one.post(conv, 1, "first")
        assert isinstance(again, Acked)
        assert (again.seq, again.dup) == (2, True)
        assert other.texts() == ["first"]


async def test_the_sends_behind_a_change_stay_in_order_while_its_text_is_read() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        said: list[Content] = [
            Edit(2, "second"),
            Text("a"),
            React(2, "👍"),
            Text("b"),
            Delete(2),
            Text("c"),
        ]
        for cid, body in enumerate(said, 2):
            asked = SendRequest(chat.next_id(), conv, None, cid, cid - 1, body)
            chat.system.tell(one.session, asked)
        await chat.settle()
        assert [d.body for d in other.heard(Delivery)[2:]] == said
        acks = [a for _, a in one.outbox.answers if isinstance(a, Acked)]
        assert [ack.cid for ack in acks] == list(range(1, 8))


async def test_a_text_that_cannot_be_read_makes_its_change_unavailable_and_no_more() -> None:
    async with chatting() as chat:
        one, other, conv = await pair(chat)
        page = chat.store.page

        async def unreadable(*given: Any, **more: Any) -> Any:
            raise StoreRetryableError("not just now")

        chat.store.page = unreadable  # type: ignore[method-assign]  # for one read
        assert isinstance(await send(chat, one, conv, 2, Delete(2)), UnavailableError)
        chat.store.page = page  # type: ignore[method-assign]  # as it was
        assert isinstance(await send(chat, one, conv, 2, Delete(2)), Acked)
        assert len(other.heard(Delivery)) == 3


# --- what is looked for -------------------------------------------------------------------------


async def test_only_what_the_store_lacks_is_found_and_every_tombstone() -> None:
    store = MemoryStore()
    await store.open()
    conv = ConvId("g_x")
    epoch = await store.claim(shard_of(conv))

    def entry(seq: int, body: Any, kind: str, target: int = 0) -> Entry:
        return Entry(seq, epoch, "v", seq, "u", seq, kind, encode_body(body), 1, target)

    log = [
        entry(1, Text("a"), "text"),
        entry(2, Text("b"), "text"),
        entry(3, Text("c"), "text"),
        entry(4, Edit(1, "a2"), "edit", 1),
        entry(5, Edit(2, "b2"), "edit", 2),
        entry(6, Delete(3), "delete", 3),
    ]
    store.append(conv, epoch, log, lambda error: None)
    edited, gone = Projection(1, 4, encode_body(Text("a2"))), Projection(3, 6, deleted=True)
    store.put_projection(conv, epoch, edited, lambda error: None)
    store.put_projection(conv, epoch, gone, lambda error: None)
    found = await store.activate(conv, epoch)
    missing = Projection(2, 5, encode_body(Text("b2")))
    assert await unprojected(store, conv, 0, found) == [missing, gone]
    behind = Activation(Snapshot(5, b"", {}), found.tail[5:], {})
    assert await unprojected(store, conv, 4, behind) == [missing, gone]
    assert await unprojected(store, conv, 5, behind) == [gone]
    assert await unprojected(store, conv, 6, Activation(Snapshot(6, b"", {}), [], {})) == []
    await store.close()


async def test_a_log_that_cannot_be_read_when_it_is_woken_is_tried_again_by_itself() -> None:
    clock = ManualClock()
    async with chatting(clock=clock) as chat:
        one, _, conv = await pair(chat)
        epoch = await chat.cluster.epoch(shard_of(conv))
        head, _count = await chat.store.head(conv)
        await crash(chat, conv)
        gone = Delete(head)
        entry = Entry(
            head + 1, epoch, one.device, 9, one.user, 1, "delete", encode_body(gone), 1, head
        )
        chat.store.append(conv, epoch, [entry], lambda error: None, unfinished=True)
        await chat.settle()
        activate = chat.store.activate

        async def broken(*_: Any) -> Activation:
            raise StoreRetryableError("a fault was asked for")

        vars(chat.store)["activate"] = broken
        assert isinstance(
            await one.ask(SendRequest(7, conv, None, 1, 0, Text("x"))), UnavailableError
        )
        vars(chat.store)["activate"] = activate
        clock.advance(RETELL_S)
        await chat.settle()
        (message,) = await chat.store.page(conv, head, head, limit=1, max_bytes=0)
        assert message.projection is not None
        assert message.projection.deleted
        assert await chat.store.unfinished() == []
