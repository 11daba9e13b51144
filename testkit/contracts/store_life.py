"""What every store must do when it is closed and opened again."""

from __future__ import annotations

import pytest

from ...config.errors import StoreRefusedError
from ...config.ids import shard_of
from ...storage.contract import Store
from ...storage.records import Cursors, Projection, Snapshot
from .hands import ANN, PHONE, Log, Outcomes, account, conv_id, device, membership

TEA = conv_id("tea")


class LifeContract:
    """Mixed into a test class whose `store` fixture gives an open store that can be reopened."""

    async def test_what_was_handed_in_is_finished_by_close(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        outcomes = Outcomes()
        for n in range(1, 101):
            store.append(TEA, log.epoch, [log.entry("x", seq=n)], outcomes.hear(f"{n}"))
        store.put_snapshot(TEA, log.epoch, Snapshot(100, b"state", {PHONE: 100}))
        await store.close()
        assert len(outcomes.order) == 100
        assert {error for _, error in outcomes.order} == {None}
        await store.open()
        found = await store.activate(TEA, log.epoch)
        assert found.snapshot == Snapshot(100, b"state", {PHONE: 100})
        assert found.tail == []

    async def test_everything_is_there_after_closing_and_opening(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        entries = await log.say("1", "2")
        await log.project(Projection(1, 2, b"one", reactions={"+": [ANN]}))
        await log.add(log.entry("3"), unfinished=True)
        await store.put_membership(membership(ANN, TEA))
        store.put_cursors(TEA, {ANN: Cursors(2, 1)})
        await store.create_account(account("ann"), [b"code"])
        await store.add_device(device("phone"), 10)
        secret = await store.secret("jwt", b"secret")
        before = await store.heads(ANN, PHONE, since=0, after=None, limit=10)
        await store.close()
        await store.close()
        await store.open()
        await store.open()
        assert await store.heads(ANN, PHONE, since=0, after=None, limit=10) == before
        assert [m.entry for m in await log.read(1, 2)] == entries
        assert (await log.read(1, 1))[0].projection == Projection(1, 2, b"one", False, {"+": [ANN]})
        assert await store.unfinished() == [TEA]
        assert await store.account(ANN) == account("ann")
        assert await store.use_recovery(ANN, b"code")
        assert await store.devices(ANN) == [device("phone")]
        assert await store.secret("jwt", b"other") == secret
        assert await store.claim(shard_of(TEA)) == log.epoch + 1
        assert (await store.activate(TEA, log.epoch + 1)).cursors == {ANN: Cursors(2, 1)}

    async def test_a_closed_store_refuses(self, store: Store) -> None:
        log = await Log.claim(store, TEA)
        await store.close()
        assert isinstance(await log.outcome([log.entry("x")]), StoreRefusedError)
        store.put_cursors(TEA, {ANN: Cursors(1, 1)})
        store.finish(TEA, log.epoch)
        for call in (
            store.claim(1),
            store.head(TEA),
            store.account(ANN),
            store.activate(TEA, log.epoch),
            store.put_membership(membership(ANN, TEA)),
        ):
            with pytest.raises(StoreRefusedError):
                await call


__all__ = ["LifeContract"]
