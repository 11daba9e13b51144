"""What every store must do with pages and with what is folded into them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ...config.errors import StaleEpochError, StoreRefusedError
from ...storage.contract import Store
from ...storage.records import Head, Message, Projection
from .hands import ALL, ANN, BOB, PHONE, Log, conv_id, membership, texts

TEA = conv_id("tea")


class PagesContract:
    """Mixed into a test class whose `store` fixture gives an open store."""

    # --- bounds ---------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("first", "last", "limit", "backwards", "shown"),
        [
            (1, ALL, 100, False, range(1, 11)),
            (1, ALL, 100, True, range(1, 11)),
            (1, ALL, 3, False, (1, 2, 3)),
            (1, ALL, 3, True, (8, 9, 10)),
            (4, 6, 100, False, (4, 5, 6)),
            (4, 6, 2, True, (5, 6)),
            (4, 6, 2, False, (4, 5)),
            (5, 5, 1, False, (5,)),
            (0, 2, 100, False, (1, 2)),
            (-9, 2, 100, True, (1, 2)),
            (9, 99, 100, False, (9, 10)),
            (11, 99, 100, False, ()),
            (7, 6, 100, False, ()),
            (1, ALL, 0, False, (1,)),
        ],
    )
    async def test_a_page_keeps_to_its_range_and_its_limit(
        self, store: Store, first: int, last: int, limit: int, backwards: bool, shown: range
    ) -> None:
        log = await Log.claim(store, TEA)
        await log.say(*(f"{n}" for n in range(1, 11)))
        page = await store.page(TEA, first, last, limit=limit, max_bytes=ALL, backwards=backwards)
        assert [message.entry.seq for message in page] == list(shown)

    @pytest.mark.parametrize(
        ("max_bytes", "backwards", "shown"),
        [
            (0, False, (1,)),
            (0, True, (5,)),
            (99, False, (1,)),
            (100, False, (1,)),
            (199, False, (1,)),
            (200, False, (1, 2)),
            (200, True, (4, 5)),
            (499, False, (1, 2, 3, 4)),
            (500, True, (1, 2, 3, 4, 5)),
        ],
    )
    async def test_a_page_keeps_to_its_bytes_but_shows_at_least_one(
        self, store: Store, max_bytes: int, backwards: bool, shown: tuple[int, ...]
    ) -> None:
        log = await Log.claim(store, TEA)
        await log.say(*(b"x" * 100 for _ in range(5)))
        page = await store.page(TEA, 1, ALL, limit=100, max_bytes=max_bytes, backwards=backwards)
        assert [message.entry.seq for message in page] == list(shown)

    async def test_logs_do_not_show_in_each_other(self, store: Store) -> None:
        tea, cake = await Log.claim(store, TEA), await Log.claim(store, conv_id("cake"))
        await tea.say("of tea")
        await cake.say("of cake", "more cake")
        assert texts(await tea.read()) == ["of tea"]
        assert texts(await cake.read()) == ["of cake", "more cake"]

    # --- projections ----------------------------------------------------------------------------

    async def test_projections_are_folded_into_pages_and_into_the_last_of_a_list(
        self, store: Store
    ) -> None:
        log = await Log.claim(store, TEA)
        first, second = await log.say("first", "secnod")
        await store.put_membership(membership(ANN, TEA))
        reactions = {"👍": [BOB, ANN], "z": [ANN], "a": [BOB]}
        edited = Projection(2, 2, b"second", reactions=reactions)
        assert await log.project(edited) is None
        assert await log.read() == [Message(first), Message(second, edited)]
        (page,) = await log.read(2, 2)
        assert page.projection is not None
        assert list(page.projection.reactions) == list(reactions), "in order of arrival"
        heads = await store.heads(ANN, PHONE, since=0, after=None, limit=10)
        assert [getattr(head, "last", None) for head in heads.heads] == [Message(second, edited)]

    async def test_the_last_of_a_list_is_the_newest_entry_that_changes_no_other(
        self, store: Store
    ) -> None:
        async def last() -> Message | None:
            page = await store.heads(ANN, PHONE, since=0, after=None, limit=10)
            (head,) = page.heads
            assert isinstance(head, Head)
            return head.last

        log = await Log.claim(store, TEA)
        await store.put_membership(membership(ANN, TEA))
        assert await last() is None
        first, second = await log.say("first", "secret")
        await log.add(log.entry("+1", kind="react", target=1, count=2))
        await log.add(log.entry("", kind="delete", target=1, count=2))
        assert await last() == Message(second)
        edited = Projection(2, 5, b"secret too")
        await log.add(log.entry("secret too", kind="edit", target=2, count=2))
        await log.project(edited)
        assert await last() == Message(second, edited)
        await log.add(log.entry("", kind="delete", target=2, count=2))
        gone = replace(second, body=b"")
        assert await last() == Message(gone, edited), "no word of it, though not yet erased"
        await log.project(Projection(2, 6, deleted=True))
        assert await last() == Message(gone, Projection(2, 6, deleted=True))
        (third,) = await log.say("third")
        assert await last() == Message(third)
        assert first.seq == 1

    async def test_an_edited_text_counts_with_its_own_size(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        await log.say(b"x" * 100, b"x" * 100, b"x" * 100)
        await log.project(Projection(2, 3, b"y" * 10))
        page = await store.page(TEA, 1, ALL, limit=9, max_bytes=150)
        assert [message.entry.seq for message in page] == [1, 2]

    async def test_a_projection_is_replaced_by_a_later_one_and_not_by_an_earlier(
        self, store: Store
    ) -> None:
        log = await Log.claim(store, TEA)
        await log.say("1", "2", "3", "4")
        for projection in (
            Projection(1, 3, b"at 3"),
            Projection(1, 2, b"at 2"),
            Projection(1, 4, b"at 4", reactions={"+": [ANN]}),
            Projection(1, 3, b"at 3"),
            Projection(1, 4, b"at 4, again"),
        ):
            assert await log.project(projection) is None
        (message,) = await log.read(1, 1)
        assert message.projection == Projection(1, 4, b"at 4, again")

    async def test_only_the_owner_changes_what_is_there(self, store: Store) -> None:
        old = await Log.claim(store, TEA)
        await old.say("1")
        new = await Log.claim(store, TEA, head=1)
        assert isinstance(await old.project(Projection(1, 1, deleted=True)), StaleEpochError)
        assert isinstance(await new.project(Projection(2, 2, b"x")), StoreRefusedError)
        assert isinstance(await new.project(Projection(0, 2, b"x")), StoreRefusedError)
        assert await new.read() == [Message(old.entry("1", seq=1))]

    async def test_a_deleted_text_is_gone_with_all_its_edits_and_nothing_else_is(
        self, store: Store
    ) -> None:
        log = await Log.claim(store, TEA)
        await log.say("secret", "innocent")
        await log.add(log.entry("secret too", kind="edit", target=1, count=2))
        await log.add(log.entry("innocent too", kind="edit", target=2, count=2))
        await log.add(log.entry("+1", kind="react", target=1, count=2))
        await log.project(Projection(1, 3, b"secret too", reactions={"+1": [BOB]}))
        await log.add(log.entry("", kind="delete", target=1, count=2))
        tombstone = Projection(1, 6, b"must not be kept", deleted=True)
        assert await log.project(tombstone) is None
        assert await log.project(tombstone) is None
        assert await log.bodies() == [b"", b"innocent", b"", b"innocent too", b"+1", b""]
        (message,) = await log.read(1, 1)
        assert message.projection == Projection(1, 6, None, deleted=True)
        assert await store.head(TEA) == (6, 2)

    async def test_a_deletion_handed_in_with_its_entry_is_done(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        entries = log.entries("secret", "other")
        store.append(TEA, log.epoch, entries, lambda error: None)
        assert await log.project(Projection(1, 2, deleted=True)) is None
        assert await log.bodies() == [b"", b"other"]

    async def test_an_activation_reads_tombstones_too(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        await log.say("secret")
        await log.project(Projection(1, 1, deleted=True))
        assert [entry.body for entry in (await store.activate(TEA, log.epoch)).tail] == [b""]


__all__ = ["PagesContract"]
