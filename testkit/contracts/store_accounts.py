"""What every store must do with people and their devices."""

from __future__ import annotations

import asyncio

import pytest

from ...config.errors import NameTakenError, StoreRefusedError
from ...storage.contract import Store
from .hands import ANN, BOB, EVE, PHONE, TS, account, device, device_id

CODES = [b"code 1", b"code 2", b"code 3"]


class AccountsContract:
    """Mixed into a test class whose `store` fixture gives an open store."""

    # --- people ---------------------------------------------------------------------------------

    async def test_an_account_is_found_by_id_and_by_folded_name(self, store: Store) -> None:
        ann = account("ann", display="Änn 👩‍🚀", about="\x00'--", presence="nobody")
        await store.create_account(ann, CODES)
        assert await store.account(ANN) == ann
        assert await store.account_by_name("ann") == ann
        assert await store.account_by_name("Ann") is None
        assert await store.account(BOB) is None
        assert await store.accounts([BOB, ANN, ANN, EVE]) == {ANN: ann}
        assert await store.accounts([]) == {}

    async def test_a_name_belongs_to_one(self, store: Store) -> None:
        await store.create_account(account("ann"), CODES)
        with pytest.raises(NameTakenError):
            await store.create_account(account("bob", folded="ann"), [b"b"])
        assert await store.account(BOB) is None
        assert not await store.use_recovery(BOB, b"b")
        with pytest.raises(StoreRefusedError):
            await store.create_account(account("ann", folded="other"), [])

    async def test_of_many_who_want_a_name_at_once_one_gets_it(self, store: Store) -> None:
        wishes = [store.create_account(account(f"p{n}", folded="x"), []) for n in range(20)]
        outcomes = await asyncio.gather(*wishes, return_exceptions=True)
        assert [type(o) for o in outcomes] == [type(None)] + [NameTakenError] * 19

    async def test_accounts_are_listed_by_name_in_pages(self, store: Store) -> None:
        for name in ("dora", "ann", "carl", "bob"):
            await store.create_account(account(name), [])
        assert [a.folded for a in await store.list_accounts("", 3)] == ["ann", "bob", "carl"]
        assert [a.folded for a in await store.list_accounts("carl", 3)] == ["dora"]
        assert await store.list_accounts("dora", 3) == []

    async def test_a_new_password_revokes_every_device_of_its_user(self, store: Store) -> None:
        await store.create_account(account("ann"), [])
        await store.create_account(account("bob"), [])
        for d in (device("phone"), device("laptop"), device("tablet", BOB)):
            await store.add_device(d, 10)
        await store.set_password(ANN, "a new hash")
        ann = await store.account(ANN)
        assert ann is not None
        assert ann.password == "a new hash"
        assert await store.devices(ANN) == []
        phone = await store.device(PHONE)
        assert phone is not None
        assert phone.revoked
        assert len(await store.devices(BOB)) == 1

    async def test_a_closed_account_has_no_devices_and_can_be_reopened(self, store: Store) -> None:
        await store.create_account(account("ann"), [])
        await store.add_device(device("phone"), 10)
        await store.set_disabled(ANN, True)
        ann = await store.account(ANN)
        assert ann is not None
        assert ann.disabled
        assert await store.devices(ANN) == []
        await store.add_device(device("laptop"), 10)
        await store.set_disabled(ANN, False)
        assert await store.account(ANN) == account("ann")
        assert [d.id for d in await store.devices(ANN)] == [device_id("laptop")]

    async def test_a_profile_is_changed(self, store: Store) -> None:
        await store.create_account(account("ann"), [])
        await store.set_profile(
            ANN, "Anna", "likes tea", "nobody", sought="anna", colour="hue-3", findable=False
        )
        assert await store.account(ANN) == account(
            "ann",
            display="Anna",
            sought="anna",
            about="likes tea",
            presence="nobody",
            colour="hue-3",
            findable=False,
        )

    async def test_who_may_write_is_changed_alone(self, store: Store) -> None:
        await store.create_account(account("ann", about="tea"), [])
        await store.set_write(ANN, "contacts")
        assert await store.account(ANN) == account("ann", about="tea", write="contacts")

    async def test_nobody_cannot_be_changed(self, store: Store) -> None:
        with pytest.raises(StoreRefusedError):
            await store.set_password(ANN, "hash")
        with pytest.raises(StoreRefusedError):
            await store.set_disabled(ANN, True)
        with pytest.raises(StoreRefusedError):
            await store.set_profile(
                ANN, "", "", "fellows", sought="", colour="", findable=True
            )  # fmt: skip
        with pytest.raises(StoreRefusedError):
            await store.set_recovery(ANN, CODES)
        with pytest.raises(StoreRefusedError):
            await store.set_write(ANN, "nobody")
        assert not await store.use_recovery(ANN, CODES[0])
        await store.put_last_active(ANN, TS)
        await store.touch_device(PHONE, TS)

    async def test_the_time_last_seen_never_falls(self, store: Store) -> None:
        await store.create_account(account("ann"), [])
        for ms, kept in ((TS, TS), (TS - 5, TS), (TS + 5, TS + 5)):
            await store.put_last_active(ANN, ms)
            ann = await store.account(ANN)
            assert ann is not None
            assert ann.last_active_ms == kept

    async def test_a_recovery_code_works_once_and_for_its_user_alone(self, store: Store) -> None:
        await store.create_account(account("ann"), CODES)
        await store.create_account(account("bob"), [b"of bob"])
        assert not await store.use_recovery(BOB, CODES[0])
        assert not await store.use_recovery(ANN, b"unknown")
        uses = await asyncio.gather(*(store.use_recovery(ANN, CODES[0]) for _ in range(5)))
        assert uses == [True, False, False, False, False]
        assert await store.use_recovery(ANN, CODES[1])
        assert await store.use_recovery(BOB, b"of bob")

    async def test_new_recovery_codes_end_the_old_ones_of_their_user_alone(
        self, store: Store
    ) -> None:
        await store.create_account(account("ann"), CODES)
        await store.create_account(account("bob"), CODES[:1])
        await store.set_recovery(ANN, [b"new 1", b"new 2", b"new 2"])
        assert not any([await store.use_recovery(ANN, code) for code in CODES])
        assert await store.use_recovery(ANN, b"new 2")
        assert await store.use_recovery(BOB, CODES[0])
        await store.set_recovery(ANN, [])
        assert not await store.use_recovery(ANN, b"new 1")

    async def test_people_are_found_by_how_their_names_begin(self, store: Store) -> None:
        for found in (
            account("anna"),
            account("ann", sought="zoe"),
            account("bob", sought="ann b."),
            account("carl", sought="annabel"),
            account("dan", folded="annd", sought="annd"),
            account("hidden", folded="annh", findable=False),
            account("closed", folded="annc", disabled=True),
            account("jan", sought="joann"),
        ):
            await store.create_account(found, [])

        async def find(prefix: str, limit: int = 10) -> list[str]:
            return [a.name for a in await store.find_accounts(prefix, limit)]

        assert await find("ann") == ["Ann", "Anna", "Dan", "Bob", "Carl"]
        assert await find("ann", 4) == ["Ann", "Anna", "Dan", "Bob"]
        assert await find("ann", 2) == ["Ann", "Anna"]
        assert await find("zo") == ["Ann"]
        assert await find("ann_") == await find("ann%") == await find("annz") == []
        await store.set_profile(
            ANN, "", "", "fellows", sought="", colour="", findable=False
        )  # fmt: skip
        assert await find("ann", 1) == ["Anna"]

    async def test_what_cannot_be_stored_is_refused(self, store: Store) -> None:
        with pytest.raises(StoreRefusedError):
            await store.create_account(account("ann", display="\ud800"), [])
        with pytest.raises(StoreRefusedError):
            await store.add_device(device("phone", created_ms=2**63), 10)
        assert await store.account(ANN) is None
        assert await store.device(PHONE) is None

    async def test_secrets_do_not_show_in_a_value(self, store: Store) -> None:
        await store.create_account(account("ann", password="SECRET"), [])
        await store.add_device(device("phone", refresh=b"SECRET", previous=b"SECRET"), 10)
        assert "SECRET" not in repr(await store.account(ANN))
        assert "SECRET" not in repr(await store.device(PHONE))

    # --- devices --------------------------------------------------------------------------------

    async def test_devices_are_listed_oldest_first(self, store: Store) -> None:
        old = device("old", created_ms=TS - 9)
        for d in (device("phone"), old, device("tablet", BOB)):
            assert await store.add_device(d, 10) == []
        assert await store.devices(ANN) == [old, device("phone")]
        assert await store.device(PHONE) == device("phone")
        assert await store.device(device_id("nobody's")) is None
        with pytest.raises(StoreRefusedError):
            await store.add_device(device("phone", BOB), 10)

    async def test_one_device_too_many_ends_the_least_recently_seen(self, store: Store) -> None:
        for n, name in enumerate(("a", "b", "c")):
            await store.add_device(device(name, seen_ms=TS + n), 3)
        await store.touch_device(device_id("a"), TS + 10)
        await store.touch_device(device_id("a"), TS)
        await store.add_device(device("tablet", BOB, seen_ms=1), 3)
        new = device("d", seen_ms=1)
        assert await store.add_device(new, 3) == [device_id("b")]
        assert {d.id for d in await store.devices(ANN)} == {device_id(x) for x in "acd"}
        assert await store.add_device(device("e", seen_ms=0), 1) == [
            device_id("a"),
            device_id("c"),
            device_id("d"),
        ]

    async def test_a_device_is_called_otherwise_by_its_user_alone(self, store: Store) -> None:
        await store.add_device(device("phone"), 10)
        assert await store.label_device(ANN, PHONE, "Ann’s phone")
        assert not await store.label_device(BOB, PHONE, "of bob")
        assert not await store.label_device(ANN, device_id("unknown"), "unknown")
        (phone,) = await store.devices(ANN)
        assert phone.label == "Ann’s phone"
        await store.revoke_device(ANN, PHONE)
        assert not await store.label_device(ANN, PHONE, "gone")

    async def test_a_device_is_revoked_once_and_by_its_user_alone(self, store: Store) -> None:
        await store.add_device(device("phone"), 10)
        assert not await store.revoke_device(BOB, PHONE)
        assert await store.revoke_device(ANN, PHONE)
        assert not await store.revoke_device(ANN, PHONE)
        assert not await store.revoke_device(ANN, device_id("unknown"))
        assert await store.devices(ANN) == []

    # --- refresh tokens -------------------------------------------------------------------------

    async def test_a_refresh_token_rotates_and_the_one_before_works_until_it_was_used(
        self, store: Store
    ) -> None:
        await store.add_device(device("phone", refresh=b"one"), 10)

        async def rotate(presented: bytes, fresh: bytes) -> str:
            return await store.rotate_refresh(PHONE, presented, fresh, TS + 5000, TS)

        assert await rotate(b"one", b"two") == "rotated"
        # The answer was lost: the client shows the old one again, and "two" was never used.
        assert await rotate(b"one", b"three") == "rotated"
        assert await rotate(b"three", b"four") == "rotated"
        known = await store.device(PHONE)
        assert known is not None
        assert (known.refresh, known.previous) == (b"four", b"three")
        assert known.refresh_expires_ms == TS + 5000
        assert await rotate(b"one", b"x") == "reused"
        assert await store.devices(ANN) == []
        assert await rotate(b"four", b"x") == "gone"

    @pytest.mark.parametrize("presented", [b"", b"guess"])
    async def test_a_token_that_never_was_ends_the_device(
        self, store: Store, presented: bytes
    ) -> None:
        await store.add_device(device("phone"), 10)
        assert await store.rotate_refresh(PHONE, presented, b"f", TS + 1, TS) == "reused"
        known = await store.device(PHONE)
        assert known is not None
        assert known.revoked

    async def test_an_expired_or_unknown_token_is_gone(self, store: Store) -> None:
        await store.add_device(device("phone", refresh_expires_ms=TS), 10)
        assert await store.rotate_refresh(PHONE, b"r-phone", b"f", TS + 9, TS) == "gone"
        assert await store.rotate_refresh(PHONE, b"r-phone", b"f", TS + 9, TS - 1) == "rotated"
        unknown = device_id("unknown")
        assert await store.rotate_refresh(unknown, b"r", b"f", TS + 9, TS) == "gone"

    async def test_a_secret_is_made_once(self, store: Store) -> None:
        made = await asyncio.gather(*(store.secret("jwt", b"%d" % n) for n in range(4)))
        assert made == [b"0"] * 4
        assert await store.secret("jwt", b"other") == b"0"
        assert await store.secret("push", b"\x00\xff") == b"\x00\xff"


__all__ = ["AccountsContract"]
