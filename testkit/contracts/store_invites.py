"""What every store must do with invite links."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from ...config.errors import StoreRefusedError
from ...storage.contract import Store
from ...storage.records import Invite
from .hands import ANN, TS, conv_id

TEA, CAKE = conv_id("tea"), conv_id("cake")


def invite(name: str, **fields: Any) -> Invite:
    made = Invite(f"i_{name}", TEA, ANN, f"SECRET {name}".encode(), 7, TS, TS + 1000)
    return replace(made, **fields)


class InvitesContract:
    """Mixed into a test class whose `store` fixture gives an open store."""

    async def test_a_link_is_found_by_its_digest_and_listed_by_its_group(
        self, store: Store
    ) -> None:
        late, early = invite("a", created_ms=TS + 1), invite("b")
        for each in (late, early, invite("c", conv=CAKE)):
            assert await store.add_invite(each, 10, TS)
        assert await store.invite(b"SECRET a", TS) == late
        assert await store.invite(b"SECRET", TS) is None
        assert await store.invites(TEA, TS) == [early, late]
        assert await store.invites(conv_id("pie"), TS) == []
        assert "SECRET" not in repr(late)

    async def test_a_link_ends_with_its_time(self, store: Store) -> None:
        await store.add_invite(invite("a"), 10, TS)
        for now, there in ((TS + 999, True), (TS + 1000, False)):
            assert (await store.invite(b"SECRET a", now) is not None) == there
            assert bool(await store.invites(TEA, now)) == there

    async def test_a_link_is_revoked_by_its_own_group_alone(self, store: Store) -> None:
        await store.add_invite(invite("a"), 10, TS)
        assert not await store.revoke_invite(CAKE, "i_a")
        assert not await store.revoke_invite(TEA, "i_b")
        assert await store.invite(b"SECRET a", TS) is not None
        assert await store.revoke_invite(TEA, "i_a")
        assert not await store.revoke_invite(TEA, "i_a")
        assert await store.invite(b"SECRET a", TS) is None

    async def test_a_group_has_so_many_links_and_expired_ones_make_room(self, store: Store) -> None:
        for name, conv in (("c", CAKE), ("d", CAKE)):
            assert await store.add_invite(invite(name, conv=conv), 2, TS)
        wishes = (store.add_invite(invite(name), 2, TS) for name in ("a", "b", "e"))
        assert await asyncio.gather(*wishes) == [True, True, False]
        assert await store.invite(b"SECRET e", TS) is None
        later = invite("e", expires_ms=TS + 9000)
        assert await store.add_invite(later, 2, TS + 1000)
        assert await store.invites(TEA, TS) == [later]
        assert len(await store.invites(CAKE, TS)) == 2

    @pytest.mark.parametrize("twin", [{"id": "i_a"}, {"digest": b"SECRET a"}])
    async def test_ids_and_tokens_are_one_of_a_kind(
        self, store: Store, twin: dict[str, Any]
    ) -> None:
        await store.add_invite(invite("a"), 10, TS)
        with pytest.raises(StoreRefusedError) as refused:
            await store.add_invite(invite("b", conv=CAKE, **twin), 10, TS)
        assert "SECRET" not in str(refused.value)
        assert await store.invites(CAKE, TS) == []

    async def test_a_link_that_cannot_be_stored_is_refused(self, store: Store) -> None:
        with pytest.raises(StoreRefusedError):
            await store.add_invite(invite("a", made_at=1 << 63), 10, TS)
        assert await store.invites(TEA, TS) == []


__all__ = ["InvitesContract", "invite"]
