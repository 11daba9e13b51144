"""What every store must do with the users' lists of conversations."""

from __future__ import annotations

import pytest

from ...config.ids import ConvId, DeviceId, UserId
from ...storage.contract import Store
from ...storage.records import (
    HIDDEN_KINDS,
    BriefHead,
    Cursors,
    Gone,
    Head,
    HeadsPage,
    Message,
    Snapshot,
)
from .hands import ANN, BOB, EVE, LAPTOP, PHONE, TS, Log, account, conv_id, membership

TEA, CAKE, PIE = sorted((conv_id("tea"), conv_id("cake"), conv_id("pie")))


async def heads(
    store: Store,
    user: UserId = ANN,
    device: DeviceId = PHONE,
    *,
    since: int = 0,
    after: ConvId | None = None,
    limit: int = 100,
) -> HeadsPage:
    return await store.heads(user, device, since=since, after=after, limit=limit)


class ListsContract:
    """Mixed into a test class whose `store` fixture gives an open store."""

    # --- memberships ----------------------------------------------------------------------------

    async def test_a_membership_is_read_as_it_was_written(self, store: Store) -> None:
        row = membership(
            ANN, TEA, kind="direct", lv=3, conv_seq=9, title="", role="owner", peer=BOB, since=4
        )
        assert await store.membership(ANN, TEA) is None
        await store.put_membership(row)
        assert await store.membership(ANN, TEA) == row
        assert await store.membership(BOB, TEA) is None
        assert await store.membership(ANN, CAKE) is None

    async def test_an_older_membership_does_not_replace_a_newer(self, store: Store) -> None:
        newer = membership(ANN, TEA, lv=5, conv_seq=9, title="new")
        await store.put_membership(newer)
        await store.put_membership(membership(ANN, TEA, lv=6, conv_seq=8, title="old"))
        assert await store.membership(ANN, TEA) == newer
        same = membership(ANN, TEA, lv=7, conv_seq=9, title="repeated", until=3)
        await store.put_membership(same)
        await store.put_membership(same)
        assert await store.membership(ANN, TEA) == same

    async def test_a_list_never_goes_back_to_a_former_owners_version(self, store: Store) -> None:
        newer = membership(ANN, TEA, lv=5, conv_seq=8, title="the owner's")
        await store.put_membership(newer)
        for conv_seq in (8, 9):
            late = membership(ANN, TEA, lv=4, conv_seq=conv_seq, title="a former owner's", since=7)
            await store.put_membership(late)
        assert await store.membership(ANN, TEA) == newer
        (line,) = (await heads(store, since=4)).heads
        assert isinstance(line, Head)
        assert line.cursors == Cursors()

    async def test_all_members_are_listed_those_who_left_too(self, store: Store) -> None:
        rows = [membership(ANN, TEA), membership(BOB, TEA, until=7), membership(EVE, TEA)]
        for row in (*rows, membership(ANN, CAKE)):
            await store.put_membership(row)
        assert sorted(await store.members(TEA), key=lambda m: m.user) == sorted(
            rows, key=lambda m: m.user
        )
        assert await store.members(PIE) == []

    async def test_a_users_rows_are_read_in_pages_those_left_too(self, store: Store) -> None:
        rows = [membership(ANN, TEA), membership(ANN, CAKE, until=7), membership(ANN, PIE)]
        for row in (*rows, membership(BOB, TEA)):
            await store.put_membership(row)
        rows.sort(key=lambda m: m.conv)
        assert await store.memberships(ANN, after=None, limit=2) == rows[:2]
        assert await store.memberships(ANN, after=rows[1].conv, limit=2) == rows[2:]
        assert await store.memberships(ANN, after=rows[2].conv, limit=2) == []
        assert await store.memberships(EVE, after=None, limit=2) == []

    async def test_fellows_are_together_now(self, store: Store) -> None:
        for row in (membership(ANN, TEA), membership(BOB, TEA), membership(EVE, CAKE)):
            await store.put_membership(row)
        assert await store.smallest_shared(ANN, BOB) == 2
        assert await store.smallest_shared(BOB, ANN) == 2
        assert await store.smallest_shared(ANN, EVE) == 0
        await store.put_membership(membership(BOB, TEA, conv_seq=2, until=0))
        assert await store.smallest_shared(ANN, BOB) == 0
        assert await store.smallest_shared(BOB, ANN) == 0

    async def test_the_smallest_conversation_of_two_counts_those_who_are_there(
        self, store: Store
    ) -> None:
        for user in (ANN, BOB, EVE):
            await store.put_membership(membership(user, TEA))
            await store.put_membership(membership(user, CAKE))
        assert await store.smallest_shared(ANN, BOB) == 3
        await store.put_membership(membership(EVE, CAKE, conv_seq=2, until=4))
        assert await store.smallest_shared(ANN, BOB) == 2

    async def test_a_request_makes_no_fellow_of_who_asks(self, store: Store) -> None:
        await store.put_membership(membership(ANN, TEA))
        await store.put_membership(membership(BOB, TEA, request=True))
        assert await store.smallest_shared(BOB, ANN) == 0
        assert await store.smallest_shared(ANN, BOB) == 2

    async def test_a_row_keeps_its_request_and_its_mute(self, store: Store) -> None:
        row = membership(ANN, TEA, request=True, mute=TS)
        await store.put_membership(row)
        assert await store.membership(ANN, TEA) == row
        (line,) = (await heads(store)).heads
        assert isinstance(line, Head)
        assert line.membership == row
        changed = membership(ANN, TEA, lv=2, request=False, mute=0)
        await store.put_membership(changed)
        assert await store.membership(ANN, TEA) == changed

    async def test_a_request_is_no_meeting_for_whom_it_asks(self, store: Store) -> None:
        await store.put_membership(membership(ANN, TEA))
        await store.put_membership(membership(BOB, TEA, request=True))
        assert not await store.have_met(BOB, ANN)
        assert await store.have_met(ANN, BOB)
        await store.put_membership(membership(BOB, TEA, conv_seq=2, request=True, until=3))
        assert not await store.have_met(BOB, ANN), "it was left as a request"
        await store.put_membership(membership(BOB, TEA, conv_seq=4))
        assert await store.have_met(BOB, ANN)

    async def test_those_have_met_who_ever_were_in_one_conversation(self, store: Store) -> None:
        for row in (membership(ANN, TEA), membership(BOB, TEA, until=3), membership(EVE, CAKE)):
            await store.put_membership(row)
        assert await store.have_met(ANN, BOB) and await store.have_met(BOB, ANN)
        assert not await store.have_met(ANN, EVE)
        await store.put_membership(membership(EVE, TEA))
        assert await store.have_met(BOB, EVE)

    # --- cursors --------------------------------------------------------------------------------

    async def test_cursors_rise_and_never_fall(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        await log.say("1", "2", "3", "4", "5")
        await store.put_membership(membership(ANN, TEA))
        for given, kept in (
            (Cursors(2, 1), Cursors(2, 1)),
            (Cursors(1, 3), Cursors(2, 3)),
            (Cursors(5, 0), Cursors(5, 3)),
            (Cursors(0, 0), Cursors(5, 3)),
        ):
            store.put_cursors(TEA, {ANN: given, BOB: Cursors(9, 9)})
            assert (await store.activate(TEA, log.epoch)).cursors == {ANN: kept}

    async def test_cursors_start_before_the_first_seq_a_member_sees(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        await store.put_membership(membership(ANN, TEA, since=1))
        await store.put_membership(membership(BOB, TEA, since=8))
        await store.put_membership(membership(EVE, TEA, since=0))
        found = await store.activate(TEA, log.epoch)
        assert found.cursors == {ANN: Cursors(0, 0), BOB: Cursors(7, 7), EVE: Cursors(0, 0)}

    async def test_a_changed_row_keeps_its_cursors_but_not_below_what_is_seen(
        self, store: Store
    ) -> None:
        log = await Log.claim(store, TEA)
        await store.put_membership(membership(ANN, TEA))
        store.put_cursors(TEA, {ANN: Cursors(6, 2)})
        await store.put_membership(membership(ANN, TEA, conv_seq=3, title="Renamed"))
        assert (await store.activate(TEA, log.epoch)).cursors == {ANN: Cursors(6, 2)}
        await store.put_membership(membership(ANN, TEA, conv_seq=9, since=5))
        assert (await store.activate(TEA, log.epoch)).cursors == {ANN: Cursors(6, 4)}

    # --- heads ----------------------------------------------------------------------------------

    async def test_a_line_says_all_about_a_conversation(self, store: Store) -> None:
        await store.create_account(account("bob", display="Bobby", colour="hue-3"), [])
        log = await Log.claim(store, TEA)
        await log.add(log.entry("hi", seq=1, count=1), log.entry("made", seq=2, count=1))
        await log.add(log.entry("yo", dev=LAPTOP, cid=4, count=2))
        row = membership(ANN, TEA, kind="direct", peer=BOB)
        await store.put_membership(row)
        store.put_cursors(TEA, {ANN: Cursors(3, 2)})
        await log.say()
        last = (await log.read(3, 3))[0]
        expected = Head(row, Cursors(3, 2), 3, 2, 1, 2, last, "Bobby", "hue-3")
        assert await heads(store) == HeadsPage([expected], [], None)

    async def test_a_line_of_a_conversation_without_entries(self, store: Store) -> None:
        row = membership(ANN, TEA, kind="direct", peer=EVE)
        await store.put_membership(row)
        expected = Head(row, Cursors(), 0, 0, 0, 0, None, "")
        assert await heads(store) == HeadsPage([expected], [], None)
        assert (await heads(store, since=1)).heads == [BriefHead(TEA, 0, 0)]

    async def test_a_peer_without_a_display_name_shows_by_name(self, store: Store) -> None:
        await store.create_account(account("bob"), [])
        await store.put_membership(membership(ANN, TEA, kind="direct", peer=BOB))
        (line,) = (await heads(store)).heads
        assert isinstance(line, Head)
        assert line.peer_name == "Bob"

    async def test_lines_that_have_not_changed_are_brief_and_left_ones_go(
        self, store: Store
    ) -> None:
        log = await Log.claim(store, TEA)
        await log.say("1", "2")
        await store.put_membership(membership(ANN, TEA, lv=3))
        await store.put_membership(membership(ANN, CAKE, lv=4))
        await store.put_membership(membership(ANN, PIE, lv=5, until=8))
        await store.put_membership(membership(BOB, TEA, lv=9))

        async def kinds(since: int) -> tuple[list[tuple[type, ConvId]], list[Gone]]:
            page = await heads(store, since=since)
            lines = [
                (type(h), h.membership.conv if isinstance(h, Head) else h.conv) for h in page.heads
            ]
            return lines, page.gone

        whole, left = [(Head, TEA), (Head, CAKE)], [Gone(PIE, 8)]
        assert await kinds(2) == (sorted(whole, key=lambda line: line[1]), left)
        assert await kinds(4) == (
            sorted([(BriefHead, TEA), (BriefHead, CAKE)], key=lambda line: line[1]),
            left,
        )
        assert await kinds(5) == (
            sorted([(BriefHead, TEA), (BriefHead, CAKE)], key=lambda line: line[1]),
            [],
        )
        brief = {h.conv: h for h in (await heads(store, since=9)).heads if isinstance(h, BriefHead)}
        assert brief[TEA] == BriefHead(TEA, 2, 2)

    async def test_whose_place_has_ended_is_shown_no_more_whatever_the_row_says(
        self, store: Store
    ) -> None:
        log = await Log.claim(store, TEA)
        await log.say("1", "2")
        for row in (membership(ANN, TEA, lv=3), membership(BOB, TEA, lv=3)):
            await store.put_membership(row)
        await store.put_membership(membership(EVE, TEA, lv=3, conv_seq=2, until=2))
        await log.add(log.entry("kicked"), unfinished=True, ended={ANN: 3, EVE: 3})
        await log.say("not for them")
        for since in (0, 9):
            assert await heads(store, since=since) == HeadsPage([], [Gone(TEA, 3)], None)
            assert (await heads(store, EVE, since=since)).gone == [Gone(TEA, 3)]
        assert (await heads(store, BOB, since=3)).heads == [BriefHead(TEA, 4, 4)]
        left = membership(ANN, TEA, lv=4, conv_seq=3, until=3)
        await store.put_membership(left)
        assert await heads(store, since=3) == HeadsPage([], [Gone(TEA, 3)], None)
        assert await heads(store, since=4) == HeadsPage([], [], None)
        await store.put_membership(membership(ANN, TEA, lv=5, conv_seq=4))
        assert (await heads(store, since=5)).heads == [BriefHead(TEA, 4, 4)], "who is back is back"

    async def test_when_all_rows_are_written_they_are_believed(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        await store.put_membership(membership(ANN, TEA))
        await store.put_membership(membership(ANN, CAKE))
        await log.say("1")
        await log.add(log.entry("kicked"), unfinished=True, ended={ANN: 2})
        other = await Log.claim(store, CAKE)
        await other.say("1")
        await other.add(other.entry("kicked"), unfinished=True, ended={ANN: 2})
        store.finish(TEA, log.epoch)
        await log.say()
        found = await heads(store, since=1)
        assert (found.heads, found.gone) == ([BriefHead(TEA, 2, 2)], [Gone(CAKE, 2)])

    async def test_no_place_ends_with_an_entry_that_is_refused(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        await store.put_membership(membership(ANN, TEA))
        gap = [log.entry("kicked", seq=2)]
        assert await log.outcome(gap, unfinished=True, ended={ANN: 2}) is not None
        assert (await heads(store, since=1)).heads == [BriefHead(TEA, 0, 0)]

    async def test_unread_is_a_subtraction_wherever_the_cursor_stands(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        for n, count in enumerate((0, 1, 1, 2, 3), 1):
            await log.add(log.entry("x", seq=n, count=count))
        await store.put_membership(membership(ANN, TEA))
        for read, count_at_read in ((0, 0), (1, 0), (2, 1), (3, 1), (5, 3), (99, 3)):
            store.put_cursors(TEA, {ANN: Cursors(0, read)})
            await log.say()  # waits for what was written behind
            (line,) = (await heads(store)).heads
            assert isinstance(line, Head)
            assert (line.count, line.count_at_read) == (3, count_at_read)

    async def test_mine_is_the_newest_of_the_snapshot_and_the_tail_after_it(
        self, store: Store
    ) -> None:
        log = await Log.claim(store, TEA)
        await store.put_membership(membership(ANN, TEA))

        async def mine(device: DeviceId) -> int:
            (line,) = (await heads(store, device=device)).heads
            assert isinstance(line, Head)
            return line.mine

        assert await mine(PHONE) == 0
        await log.add(log.entry("x", cid=1), log.entry("y", seq=2, cid=5, dev=LAPTOP))
        await log.add(log.entry("z", cid=2))
        assert (await mine(PHONE), await mine(LAPTOP)) == (2, 5)
        store.put_snapshot(TEA, log.epoch, Snapshot(3, b"", {PHONE: 2, LAPTOP: 5}))
        await log.add(log.entry("z", cid=3))
        assert (await mine(PHONE), await mine(LAPTOP)) == (3, 5)
        assert await mine(DeviceId("v_stranger")) == 0

    async def test_a_list_is_read_page_by_page(self, store: Store) -> None:
        convs = sorted(conv_id(f"c{n}") for n in range(10))
        for n, conv in enumerate(convs):
            until = 4 if n in (2, 5) else None
            await store.put_membership(membership(ANN, conv, lv=n + 1, until=until))
        seen: list[ConvId] = []
        after: ConvId | None = None
        sizes: list[int] = []
        while True:
            page = await heads(store, since=4, after=after, limit=3)
            lines = [h.membership.conv if isinstance(h, Head) else h.conv for h in page.heads]
            lines += [gone.conv for gone in page.gone]
            sizes.append(len(lines))
            seen += lines
            after = page.after
            if after is None:
                break
        assert sorted(seen) == [conv for n, conv in enumerate(convs) if n != 2]
        assert sizes == [3, 3, 3], "what is left out takes no room, and no page is empty"

    async def test_the_last_message_of_a_line_is_the_newest(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        await store.put_membership(membership(ANN, TEA))
        for text in ("one", "two"):
            (entry,) = await log.say(text)
            (line,) = (await heads(store)).heads
            assert isinstance(line, Head)
            assert line.last == Message(entry)

    @pytest.mark.parametrize("kind", HIDDEN_KINDS)
    async def test_a_hidden_entry_is_not_the_last_of_a_line(self, store: Store, kind: str) -> None:
        log = await Log.claim(store, TEA)
        await store.put_membership(membership(ANN, TEA))
        await log.add(log.entry(b"book", kind=kind, count=0))
        (line,) = (await heads(store)).heads
        assert isinstance(line, Head)
        assert (line.head, line.last) == (1, None)
        said = log.entry(b"one", count=1)
        await log.add(said, log.entry(b"book", seq=3, kind=kind, count=1))
        (line,) = (await heads(store)).heads
        assert isinstance(line, Head)
        assert (line.head, line.count, line.last) == (3, 1, Message(said))

    async def test_a_strangers_list_is_empty(self, store: Store) -> None:
        assert await heads(store, user=EVE) == HeadsPage([], [], None)


__all__ = ["ListsContract"]
