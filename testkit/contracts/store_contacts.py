"""What every store promises about contacts and blocks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ...config.errors import StoreRefusedError
from ...storage.contract import Store
from ...storage.records import Contact
from .hands import ANN, BOB, EVE, user_id


class ContactsContract:
    """See `store.StoreContract`."""

    async def test_a_contact_comes_back_as_it_was_put(self, store: Store) -> None:
        row = Contact(ANN, BOB, 3, True, True, 9, True, True)
        await store.put_contact(row)
        await store.put_contact(row)
        assert await store.contact(ANN, BOB) == row
        assert await store.contact(BOB, ANN) is None

    async def test_an_older_contact_does_not_replace_a_newer(self, store: Store) -> None:
        newer = Contact(ANN, BOB, 5, mine=True)
        await store.put_contact(newer)
        await store.put_contact(Contact(ANN, BOB, 4, blocked=True))
        assert await store.contact(ANN, BOB) == newer
        newest = replace(newer, lv=6, mine=False, blocked=True)
        await store.put_contact(newest)
        assert await store.contact(ANN, BOB) == newest

    async def test_contacts_are_listed_page_by_page_in_the_order_of_their_ids(
        self, store: Store
    ) -> None:
        peers = sorted(user_id(f"p{n}") for n in range(5))
        for peer in reversed(peers):
            await store.put_contact(Contact(ANN, peer, 1, mine=True))
        await store.put_contact(Contact(EVE, BOB, 1, mine=True))
        first = await store.contacts(ANN, "", 3)
        assert [c.peer for c in first] == peers[:3]
        assert [c.peer for c in await store.contacts(ANN, peers[2], 3)] == peers[3:]
        assert list(await store.contacts(ANN, peers[4], 3)) == []

    async def test_a_contact_that_cannot_be_stored_is_refused(self, store: Store) -> None:
        with pytest.raises(StoreRefusedError):
            await store.put_contact(Contact(ANN, BOB, 1 << 63))
        assert await store.contact(ANN, BOB) is None


__all__ = ["ContactsContract"]
