"""What an operator does, directly on a store and through the control socket: the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hubbub.actors.commands import DeviceRevoked
from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.clock import LoopClock, SystemChance
from hubbub.config.errors import Refusal
from hubbub.config.ids import DeviceId
from hubbub.storage.records import Account, Device
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.supervision.control import Control, call
from hubbub.supervision.data_dir import DataDir
from hubbub.supervision.operator import Operator, RemoteOperator, StoreOperator, commands
from hubbub.transport.edge.http.passwords import Passwords

PASSWORD = "correct horse battery"


@dataclass
class Node:
    """An operator's way in, and what came of it."""

    operator: Operator
    store: SqliteStore
    passwords: Passwords
    told: list[tuple[str, DeviceRevoked]]
    data: DataDir

    async def account(self, name: str) -> Account:
        """The account of this name, which exists."""
        account = await self.store.account_by_name(name)
        assert account is not None
        return account


@pytest.fixture(params=["directly", "remotely"])
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Node]:
    told: list[tuple[str, DeviceRevoked]] = []
    passwords = Passwords(memory_kib=64, passes=1)
    with DataDir(tmp_path / "data") as data:
        store = SqliteStore(data.database)
        await store.open()
        direct = StoreOperator(
            store,
            passwords,
            lambda name, message: told.append((name, message)),
            LoopClock(),
            SystemChance(),
        )
        tasks = Tasks()
        control = Control(data, commands(direct), tasks.start)
        await control.start()
        way: Operator = direct if request.param == "directly" else RemoteOperator(data)
        yield Node(way, store, passwords, told, data)
        await control.stop()
        await tasks.stop()
        await store.close()
    passwords.close()


async def sign_in(node: Node, name: str) -> Device:
    """A device of this user."""
    account = await node.account(name)
    device = Device(DeviceId("v_" + "a" * 20), account.id, "phone", 1, 1)
    await node.store.add_device(device, 10)
    return device


async def is_signed_in(node: Node, device: Device) -> bool:
    row = await node.store.device(device.id)
    return row is not None and not row.revoked


async def test_an_added_user_can_sign_in_and_recover(node: Node) -> None:
    added = await node.operator.add_user("Ada", PASSWORD)
    account = await node.account("ada")
    assert (account.id, account.name) == (added.id, "Ada")
    assert await node.passwords.verify(account.password, PASSWORD)
    assert len(set(added.recovery)) == 8
    assert added.recovery[0] not in repr(added)


@pytest.mark.parametrize(
    ("name", "password", "says"),
    [("a", PASSWORD, "2 to 32"), ("ada", "short", "8 to 256"), ("a\x00da", PASSWORD, "letters")],
)
async def test_the_rules_for_names_and_passwords_hold_for_operators_too(
    node: Node, name: str, password: str, says: str
) -> None:
    with pytest.raises(Refusal, match=says):
        await node.operator.add_user(name, password)
    assert await node.operator.list_users() == []


async def test_a_name_is_given_once_however_it_is_written(node: Node) -> None:
    await node.operator.add_user("ada", PASSWORD)
    with pytest.raises(Refusal, match="taken"):
        await node.operator.add_user("ADA", PASSWORD)


async def test_a_new_password_signs_every_device_out_and_tells_the_user(node: Node) -> None:
    added = await node.operator.add_user("ada", PASSWORD)
    device = await sign_in(node, "ada")
    await node.operator.set_password("Ada", "another horse")
    account = await node.account("ada")
    assert await node.passwords.verify(account.password, "another horse")
    assert not await is_signed_in(node, device)
    assert node.told == [(f"user:{added.id}", DeviceRevoked(None))]


async def test_a_bad_new_password_changes_nothing(node: Node) -> None:
    await node.operator.add_user("ada", PASSWORD)
    device = await sign_in(node, "ada")
    with pytest.raises(Refusal, match="8 to 256"):
        await node.operator.set_password("ada", "short")
    assert await is_signed_in(node, device)
    assert node.told == []


async def test_a_disabled_user_is_signed_out_and_told_and_can_be_enabled(node: Node) -> None:
    added = await node.operator.add_user("ada", PASSWORD)
    device = await sign_in(node, "ada")
    await node.operator.disable("ada")
    await node.operator.disable("ada")
    assert (await node.account("ada")).disabled
    assert not await is_signed_in(node, device)
    assert node.told[0] == (f"user:{added.id}", DeviceRevoked(None))
    await node.operator.enable("ada")
    assert not (await node.account("ada")).disabled


async def test_the_list_has_everybody_by_name(node: Node) -> None:
    for name in ("carol", "Ada", "bob"):
        await node.operator.add_user(name, PASSWORD)
    await node.operator.disable("bob")
    lines = await node.operator.list_users()
    assert [(line.name, line.disabled, line.last_active_ms) for line in lines] == [
        ("Ada", False, 0),
        ("bob", True, 0),
        ("carol", False, 0),
    ]
    assert all(line.created_ms > 0 for line in lines)


async def test_a_command_for_nobody_says_so(node: Node) -> None:
    for do in (node.operator.disable, node.operator.enable):
        with pytest.raises(Refusal, match="no user eve"):
            await do("eve")
    with pytest.raises(Refusal, match="no user eve"):
        await node.operator.set_password("eve", PASSWORD)


async def test_a_backup_is_a_store_of_its_own(node: Node, tmp_path: Path) -> None:
    added = await node.operator.add_user("ada", PASSWORD)
    target = tmp_path / "copy.db"
    await node.operator.backup(target)
    copy = SqliteStore(target)
    await copy.open()
    account = await copy.account_by_name("ada")
    await copy.close()
    assert account is not None
    assert account.id == added.id


async def test_a_command_without_what_it_needs_names_it(node: Node) -> None:
    with pytest.raises(Refusal, match="needs password"):
        await call(node.data, "user.add", name="ada")
    with pytest.raises(Refusal, match="needs target"):
        await call(node.data, "backup")
