"""What every store must do with logs."""

from __future__ import annotations

import asyncio

import pytest

from ...config.errors import (
    LowerViewError,
    OwnedError,
    SealedError,
    SeqMismatchError,
    StaleEpochError,
    StoreRefusedError,
)
from ...config.ids import shard_of
from ...storage.contract import Store
from ...storage.records import Activation, Cursors, Snapshot
from .hands import ALL, ANN, BOB, LAPTOP, PHONE, Log, Outcomes, conv_id, membership, texts

TEA = conv_id("tea")
#: A few of each script, odd ones among them; a store gives back code points, not looks.
SCRIPTS = (
    "Ωμέγα",
    "Привет",
    "שלום",
    "مرحبا",
    "नमस्ते",
    "ไทย",
    "한글",
    "漢字",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "é e\u0301",
    "\u202eabc\u202c",
    "𐍈𒀀𠀀",
    "\ufeff\ufffd\uffff\U0010ffff",
    "\x00\x01\x1b\x7f\x85\u2028",
    "'; DROP TABLE log; --<b>&amp;",
)


class LogsContract:
    """Mixed into a test class whose `store` fixture gives an open store."""

    async def test_entries_are_read_as_they_were_written(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        entries = [
            log.entry("hello", seq=1, dev=PHONE, sender=ANN, kind="text", cid=7, count=1),
            log.entry(b"", seq=2, dev="", sender="", kind="system", cid=0, count=1),
            log.entry(b"\x00\xff", seq=3, dev=LAPTOP, kind="edit", cid=2**62, count=1, target=1),
        ]
        await log.add(*entries)
        assert [message.entry for message in await log.read()] == entries
        assert all(message.projection is None for message in await log.read())
        assert await store.head(TEA) == (3, 1)

    async def test_an_empty_log_has_no_head_and_no_pages(self, store: Store) -> None:
        assert await store.head(TEA) == (0, 0)
        assert await store.page(TEA, 1, ALL, limit=10, max_bytes=ALL) == []
        epoch = await store.claim(shard_of(TEA))
        assert await store.activate(TEA, epoch) == Activation(None, [], {})

    async def test_outcomes_come_in_the_order_of_the_appends(self, store: Store) -> None:
        tea, cake = await Log.claim(store, TEA), await Log.claim(store, conv_id("cake"))
        outcomes = Outcomes()
        for n in range(1, 51):
            for name, log in (("tea", tea), ("cake", cake)):
                outcome = outcomes.hear(f"{name} {n}")
                store.append(log.conv, log.epoch, [log.entry(f"{n}", seq=n)], outcome)
        await outcomes.of("cake 50")
        assert [name for name, _ in outcomes.order if name.startswith("tea")] == [
            f"tea {n}" for n in range(1, 51)
        ]
        assert len(outcomes.order) == 100
        assert {error for _, error in outcomes.order} == {None}
        assert await tea.bodies() == [f"{n}".encode() for n in range(1, 51)]

    async def test_what_done_told_of_is_in_every_read_after(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        for n in range(1, 30):
            await log.say(f"{n}")
            head, page = await asyncio.gather(store.head(TEA), log.read(n, n))
            assert head == (n, n)
            assert texts(page) == [f"{n}"]

    async def test_a_group_is_stored_whole_or_not_at_all(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        first, _, third = log.entries("1", "2", "3")
        error = await log.outcome([first, third])
        assert isinstance(error, SeqMismatchError)
        assert (error.seq, error.expected) == (3, 2)
        assert await store.head(TEA) == (0, 0)

    @pytest.mark.parametrize("seq", [-1, 0, 1, 3, 2**70])
    async def test_a_seq_that_does_not_continue_the_log_is_refused(
        self, store: Store, seq: int
    ) -> None:
        log = await Log.claim(store, TEA)
        await log.say("1")
        error = await log.outcome([log.entry("x", seq=seq)])
        assert isinstance(error, SeqMismatchError)
        assert (error.seq, error.expected) == (seq, 2)
        await log.say("2")
        assert await log.bodies() == [b"1", b"2"]

    async def test_what_follows_a_refused_append_is_refused_too(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        outcomes = Outcomes()
        for n, seq in enumerate((1, 3, 4), 1):
            store.append(TEA, log.epoch, [log.entry("x", seq=seq)], outcomes.hear(f"{n}"))
        await outcomes.of("3")
        assert [name for name, _ in outcomes.order] == ["1", "2", "3"]
        assert [type(error) for _, error in outcomes.order] == [
            type(None),
            SeqMismatchError,
            SeqMismatchError,
        ]

    async def test_an_empty_append_is_durable_at_once_and_changes_nothing(
        self, store: Store
    ) -> None:
        log = await Log.claim(store, TEA)
        await log.add()
        assert await store.head(TEA) == (0, 0)

    @pytest.mark.parametrize("size", [1, 3, 4, 5, 16, 63, 64, 65, 255, 256, 257, 300, 1001, 2500])
    async def test_groups_of_any_size_are_stored(self, store: Store, size: int) -> None:
        log = await Log.claim(store, TEA)
        entries = await log.say(*(f"{n}" for n in range(size)))
        assert [message.entry for message in await log.read()] == entries

    # --- epochs ---------------------------------------------------------------------------------

    async def test_each_claim_gives_a_higher_epoch_of_that_shard_alone(self, store: Store) -> None:
        epochs = [await store.claim(5) for _ in range(4)]
        assert epochs == sorted(set(epochs))
        assert epochs[0] >= 1
        assert await store.claim(6) == epochs[0]

    @pytest.mark.parametrize("epoch", [0, 1])
    async def test_a_shard_that_nobody_claimed_takes_nothing(
        self, store: Store, epoch: int
    ) -> None:
        log = Log(store, TEA, epoch)
        error = await log.outcome([log.entry("x")])
        assert isinstance(error, StaleEpochError)
        assert (error.epoch, error.current) == (epoch, 0)
        with pytest.raises(StaleEpochError):
            await store.activate(TEA, epoch)

    async def test_an_owner_is_refused_once_somebody_else_claimed(self, store: Store) -> None:
        old = await Log.claim(store, TEA)
        await old.say("1")
        new = await Log.claim(store, TEA, head=1)
        error = await old.outcome([old.entry("2")])
        assert isinstance(error, StaleEpochError)
        assert (error.epoch, error.current) == (old.epoch, new.epoch)
        with pytest.raises(StaleEpochError):
            await store.activate(TEA, old.epoch)
        await new.say("2 of the new one")
        assert await new.bodies() == [b"1", b"2 of the new one"]

    # --- owners ---------------------------------------------------------------------------------

    async def test_an_owner_keeps_a_shard_from_others_until_it_releases_it(
        self, store: Store
    ) -> None:
        shard = shard_of(TEA)
        mine = Log(store, TEA, await store.claim(shard, owner="one", view=(1, 1)))
        await mine.say("1")
        with pytest.raises(OwnedError) as refused:
            await store.claim(shard, owner="two", view=(1, 2))
        assert refused.value.owner == "one"
        await store.release(shard, "two")
        await mine.say("2")
        await store.release(shard, "one")
        await store.release(shard, "one")
        assert isinstance(await mine.outcome([mine.entry("3")]), StaleEpochError)
        with pytest.raises(StaleEpochError):
            await store.activate(TEA, mine.epoch)
        epoch = await store.claim(shard, owner="two", view=(1, 2))
        assert epoch > mine.epoch
        await Log(store, TEA, epoch, 2).say("3 of the other")

    async def test_an_owner_can_claim_again_what_it_has(self, store: Store) -> None:
        first = await store.claim(5, owner="one", view=(1, 1))
        assert await store.claim(5, owner="one", view=(1, 1)) > first

    async def test_a_lower_view_claims_nothing_a_higher_one_had(self, store: Store) -> None:
        await store.claim(5, owner="one", view=(2, 1))
        await store.release(5, "one")
        with pytest.raises(LowerViewError):
            await store.claim(5, owner="two", view=(1, 9))
        await store.claim(5, owner="two", view=(2, 1))

    async def test_who_is_behind_hears_that_and_not_whose_it_is(self, store: Store) -> None:
        await store.claim(5, owner="one", view=(1, 6))
        with pytest.raises(LowerViewError):
            # It knows no "one", and would take it for gone.
            await store.claim(5, owner="two", view=(1, 5))

    async def test_a_sealed_owner_writes_and_claims_no_more(self, store: Store) -> None:
        shard = shard_of(TEA)
        old = Log(store, TEA, await store.claim(shard, owner="one", view=(1, 1)))
        other = await store.claim((shard + 1) % 1024, owner="two", view=(1, 1))
        await old.say("1")
        await store.seal("one")
        await store.seal("one")
        assert isinstance(await old.outcome([old.entry("2")]), StaleEpochError)
        for again in (shard, 7):
            with pytest.raises(SealedError):
                await store.claim(again, owner="one", view=(1, 2))
        epoch = await store.claim(shard, owner="two", view=(1, 2))
        assert epoch > old.epoch
        await Log(store, TEA, epoch, 1).say("2 of the other")
        assert await store.claim((shard + 1) % 1024, owner="two", view=(1, 2)) == other + 1

    async def test_appends_handed_in_before_a_claim_are_stored_those_after_are_not(
        self, store: Store
    ) -> None:
        log = await Log.claim(store, TEA)
        outcomes = Outcomes()
        store.append(TEA, log.epoch, [log.entry("1", seq=1)], outcomes.hear("before"))

        async def late() -> None:
            store.append(TEA, log.epoch, [log.entry("2", seq=2)], outcomes.hear("after"))

        await asyncio.gather(store.claim(shard_of(TEA)), late())
        assert await outcomes.of("before") is None
        assert isinstance(await outcomes.of("after"), StaleEpochError)
        assert await store.head(TEA) == (1, 1)

    async def test_an_entry_of_another_epoch_is_refused(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        stranger = Log(store, TEA, log.epoch + 1)
        error = await log.outcome([stranger.entry("x")])
        assert isinstance(error, StoreRefusedError)
        assert await store.head(TEA) == (0, 0)

    # --- activation and snapshots ---------------------------------------------------------------

    async def test_an_activation_sees_the_outcome_of_appends_in_flight(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        outcomes = Outcomes()
        for n in range(1, 21):
            store.append(TEA, log.epoch, [log.entry(f"{n}", seq=n)], outcomes.hear(f"{n}"))
        found = await store.activate(TEA, log.epoch)
        assert [entry.seq for entry in found.tail] == list(range(1, 21))
        assert len(outcomes.order) == 20, "outcomes come before the activation's answer"

    async def test_an_activation_gives_the_snapshot_and_the_tail_after_it(
        self, store: Store
    ) -> None:
        log = await Log.claim(store, TEA)
        entries = await log.say("1", "2", "3", "4")
        await store.put_membership(membership(ANN, TEA))
        await store.put_membership(membership(BOB, TEA, since=3))
        store.put_cursors(TEA, {ANN: Cursors(4, 2)})
        snapshot = Snapshot(2, b"state at 2", {PHONE: 2, LAPTOP: 1})
        store.put_snapshot(TEA, log.epoch, snapshot)
        assert await store.activate(TEA, log.epoch) == Activation(
            snapshot, entries[2:], {ANN: Cursors(4, 2), BOB: Cursors(2, 2)}
        )

    async def test_only_a_newer_snapshot_replaces_one(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        await log.say("1", "2", "3")
        for snapshot in (
            Snapshot(2, b"first", {PHONE: 2, LAPTOP: 9}),
            Snapshot(1, b"older", {PHONE: 1}),
            Snapshot(2, b"same seq", {PHONE: 1}),
        ):
            store.put_snapshot(TEA, log.epoch, snapshot)
        found = await store.activate(TEA, log.epoch)
        assert found.snapshot == Snapshot(2, b"first", {PHONE: 2, LAPTOP: 9})
        newer = Snapshot(3, b"newer", {PHONE: 3})
        store.put_snapshot(TEA, log.epoch, newer)
        assert (await store.activate(TEA, log.epoch)).snapshot == newer

    async def test_a_snapshot_is_not_taken_from_a_former_owner_or_ahead_of_the_log(
        self, store: Store
    ) -> None:
        old = await Log.claim(store, TEA)
        await old.say("1")
        new = await Log.claim(store, TEA, head=1)
        store.put_snapshot(TEA, old.epoch, Snapshot(1, b"of the old owner", {}))
        store.put_snapshot(TEA, new.epoch, Snapshot(2, b"of what never happened", {}))
        store.put_snapshot(conv_id("nobody"), new.epoch, Snapshot(0, b"of nothing", {}))
        assert (await store.activate(TEA, new.epoch)).snapshot is None

    # --- unfinished -----------------------------------------------------------------------------

    async def test_a_log_is_unfinished_until_its_owner_finishes_it(self, store: Store) -> None:
        tea, cake = await Log.claim(store, TEA), await Log.claim(store, conv_id("cake"))
        assert await store.unfinished() == []
        await tea.add(tea.entry("1"), unfinished=True)
        await tea.add(tea.entry("2"), unfinished=True)
        await cake.add(cake.entry("1"), unfinished=True)
        await tea.say("3")
        assert set(await store.unfinished()) == {tea.conv, cake.conv}
        store.finish(tea.conv, tea.epoch)
        store.finish(tea.conv, tea.epoch)
        await cake.say("2")
        assert await store.unfinished() == [cake.conv]

    async def test_a_refused_append_leaves_nothing_unfinished(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        assert await log.outcome([log.entry("x", seq=9)], unfinished=True) is not None
        assert await store.unfinished() == []

    async def test_a_former_owner_finishes_nothing(self, store: Store) -> None:
        old = await Log.claim(store, TEA)
        await old.add(old.entry("1"), unfinished=True)
        new = await Log.claim(store, TEA, head=1)
        store.finish(TEA, old.epoch)
        await new.say("2")
        assert await store.unfinished() == [TEA]

    # --- odd content ----------------------------------------------------------------------------

    @pytest.mark.parametrize("piece", SCRIPTS, ids=[f"{ord(p[0]):x}" for p in SCRIPTS])
    async def test_100_000_code_points_come_back_identical(self, store: Store, piece: str) -> None:
        text = (piece * (100_000 // len(piece) + 1))[:100_000]
        log = await Log.claim(store, TEA)
        await log.say(text)
        (message,) = await log.read()
        assert message.entry.body.decode() == text

    async def test_names_may_hold_any_text(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        entries = [
            log.entry("x", seq=n, dev=text, sender=text[::-1], kind=text)
            for n, text in enumerate(SCRIPTS, 1)
        ]
        await log.add(*entries)
        assert [message.entry for message in await log.read()] == entries

    async def test_a_row_that_cannot_be_stored_is_refused_and_its_neighbours_are_stored(
        self, store: Store
    ) -> None:
        outcomes = Outcomes()
        logs = [await Log.claim(store, conv_id(f"log {n}")) for n in range(30)]
        bad = {
            3: logs[3].entry("x", seq=2, cid=2**63),
            11: logs[11].entry("x", seq=2, sender="\ud800"),
            12: logs[12].entry("x", seq=2, kind="\udfff"),
            29: logs[29].entry("x", seq=2, count=-(2**63) - 1),
        }
        for n, log in enumerate(logs):
            entries = [log.entry("fine"), *([bad[n]] if n in bad else [])]
            store.append(log.conv, log.epoch, entries, outcomes.hear(f"{n}"))
        await asyncio.gather(*(outcomes.of(f"{n}") for n in range(30)))
        refused = {int(name) for name, error in outcomes.order if error is not None}
        assert refused == set(bad)
        assert {type(error) for _, error in outcomes.order if error} == {StoreRefusedError}
        for n, log in enumerate(logs):
            assert await store.head(log.conv) == ((0, 0) if n in bad else (1, 1))
        await logs[3].say("goes on")


__all__ = ["LogsContract"]
