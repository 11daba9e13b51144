"""What every store must do with accounts that go."""

from __future__ import annotations

import pytest

from ...config.errors import NameTakenError
from ...config.ids import self_log
from ...storage.contract import Store
from ...storage.records import Activation, Contact, Cursors, Snapshot
from .hands import ANN, BOB, EVE, PHONE, TS, Log, account, conv_id, device, membership

TEA = conv_id("tea")


async def two_people(store: Store) -> None:
    """Ann, with everything one can have, and Bob."""
    ann = account("ann", display="Anna", sought="anna", about="likes tea", colour="hue-1")
    await store.create_account(ann, [b"code"])
    await store.create_account(account("bob"), [b"of bob"])
    await store.add_device(device("phone"), 10)
    await store.add_device(device("tablet", BOB), 10)
    await store.put_last_active(ANN, TS)
    for user in (ANN, BOB):
        await store.put_membership(membership(user, TEA))


class DeletionsContract:
    """Mixed into a test class whose `store` fixture gives an open store."""

    async def test_an_account_that_goes_is_hollow_at_once(self, store: Store) -> None:
        await two_people(store)
        assert await store.begin_deletion(ANN)
        assert await store.deletions() == [ANN]
        hollow = await store.account(ANN)
        assert hollow is not None
        assert hollow.disabled and not hollow.findable and hollow.presence == "nobody"
        assert hollow.write == "nobody"
        kept = (hollow.name, hollow.display, hollow.sought, hollow.about, hollow.colour)
        assert kept == ("", "", "", "", "")
        assert (hollow.password, hollow.created_ms, hollow.last_active_ms) == ("", 0, 0)
        assert await store.devices(ANN) == []
        assert await store.device(PHONE) is None
        assert not await store.use_recovery(ANN, b"code")
        assert await store.account_by_name("ann") is None
        assert await store.find_accounts("ann", 10) == []
        assert [a.name for a in await store.list_accounts("", 10)] == ["Bob"]
        # Lists are left until everybody else has heard.
        assert await store.membership(ANN, TEA) is not None

    async def test_the_name_of_one_who_went_is_nobodys_ever_again(self, store: Store) -> None:
        await two_people(store)
        await store.begin_deletion(ANN)
        for _ in range(2):
            with pytest.raises(NameTakenError):
                await store.create_account(account("eve", folded="ann"), [])
            await store.finish_deletion(ANN)
        await store.create_account(account("eve"), [])

    async def test_in_the_end_nothing_is_left_but_of_others(self, store: Store) -> None:
        await two_people(store)
        log = await Log.claim(store, self_log(ANN))
        await log.add(*log.entries("1", "2"), unfinished=True)
        store.put_snapshot(log.conv, log.epoch, Snapshot(2, b"x", {PHONE: 2}))
        tea = await Log.claim(store, TEA)
        await tea.say("from ann")
        store.put_cursors(TEA, {ANN: Cursors(1, 1)})
        await store.begin_deletion(ANN)
        await store.add_device(device("late"), 10)
        await store.finish_deletion(ANN)
        assert await store.deletions() == []
        assert await store.account(ANN) is None
        assert await store.devices(ANN) == []
        assert await store.memberships(ANN, after=None, limit=10) == []
        assert await store.head(log.conv) == (0, 0)
        assert await store.activate(log.conv, log.epoch) == Activation(None, [], {})
        assert await store.unfinished() == []
        assert await tea.bodies() == [b"from ann"]
        assert list((await store.activate(TEA, tea.epoch)).cursors) == [BOB]
        assert await store.membership(BOB, TEA) == membership(BOB, TEA)
        assert len(await store.devices(BOB)) == 1
        assert await store.use_recovery(BOB, b"of bob")

    async def test_contacts_and_blocks_go_on_both_sides(self, store: Store) -> None:
        await two_people(store)
        others = Contact(BOB, EVE, 3, mine=True), Contact(EVE, BOB, 2, blocked=True)
        for row in (
            Contact(ANN, BOB, 5, True, True, 2),
            Contact(ANN, EVE, 6, blocked=True),
            Contact(BOB, ANN, 2, True, True, 5),
            Contact(EVE, ANN, 1, theirs=True, dismissed=True),
            *others,
        ):
            await store.put_contact(row)
        await store.finish_deletion(ANN)
        assert len(await store.contacts(ANN, "", 10)) == 2, "it has not begun"
        await store.begin_deletion(ANN)
        assert await store.contact(BOB, ANN) is not None, "a block holds until the end"
        await store.finish_deletion(ANN)
        assert list(await store.contacts(ANN, "", 10)) == []
        assert list(await store.contacts(BOB, "", 10)) == [others[0]]
        assert list(await store.contacts(EVE, "", 10)) == [others[1]]

    async def test_requests_and_mutes_go_and_those_of_others_stay(self, store: Store) -> None:
        await two_people(store)
        cake = conv_id("cake")
        await store.put_membership(membership(ANN, cake, request=True, mute=TS))
        of_bob = membership(BOB, cake, kind="direct", peer=ANN, request=True, mute=TS)
        await store.put_membership(of_bob)
        await store.begin_deletion(ANN)
        await store.finish_deletion(ANN)
        assert await store.membership(ANN, cake) is None
        assert await store.membership(BOB, cake) == of_bob

    async def test_an_emptied_log_can_be_begun_again(self, store: Store) -> None:
        await two_people(store)
        log = await Log.claim(store, self_log(ANN))
        await log.say("1", "2")
        await store.begin_deletion(ANN)
        await store.finish_deletion(ANN)
        again = Log(store, log.conv, log.epoch)
        await again.say("new")
        assert await again.bodies() == [b"new"]

    async def test_both_steps_may_be_repeated(self, store: Store) -> None:
        await two_people(store)
        assert await store.begin_deletion(ANN) and await store.begin_deletion(ANN)
        assert await store.deletions() == [ANN]
        await store.finish_deletion(ANN)
        await store.finish_deletion(ANN)
        assert not await store.begin_deletion(ANN)
        assert await store.deletions() == []

    async def test_one_who_did_not_begin_to_go_stays(self, store: Store) -> None:
        await two_people(store)
        await store.finish_deletion(BOB)
        assert await store.account(BOB) == account("bob")
        assert await store.membership(BOB, TEA) is not None

    async def test_several_go_at_a_time(self, store: Store) -> None:
        await two_people(store)
        for user in (BOB, ANN):
            await store.begin_deletion(user)
        assert await store.deletions() == sorted([ANN, BOB])


__all__ = ["DeletionsContract"]
