"""The signed-in connections of a node."""

from __future__ import annotations

from typing import cast

from hubbub.actors.ports import Connection
from hubbub.config.ids import UserId
from hubbub.transport.edge.directory import Directory


class Somebody:
    def __init__(self, user: str, session: str) -> None:
        self.user = UserId(user)
        self.session = session


def somebody(user: str, session: str) -> Connection:
    return cast(Connection, Somebody(user, session))


def test_a_user_is_found_by_name_and_by_session() -> None:
    directory = Directory()
    ann, bob = somebody("ann", "s1"), somebody("bob", "s2")
    directory.add(ann)
    directory.add(bob)
    assert list(directory.connections(UserId("ann"))) == [ann]
    assert directory.connection("s2") is bob
    assert directory.all() == [ann, bob]
    assert directory.sessions() == ["s1", "s2"]
    assert len(directory) == 2


def test_a_stranger_is_not_found() -> None:
    directory = Directory()
    assert list(directory.connections(UserId("nobody"))) == []
    assert directory.connection("s9") is None


def test_several_devices_of_a_user_keep_their_order() -> None:
    directory = Directory()
    phone, laptop, tablet = (somebody("ann", f"s{n}") for n in range(3))
    for connection in (phone, laptop, tablet):
        directory.add(connection)
    assert list(directory.connections(UserId("ann"))) == [phone, laptop, tablet]
    directory.remove(laptop)
    assert list(directory.connections(UserId("ann"))) == [phone, tablet]
    directory.remove(phone)
    assert list(directory.connections(UserId("ann"))) == [tablet]
    directory.remove(tablet)
    assert list(directory.connections(UserId("ann"))) == []
    assert len(directory) == 0


def test_removing_twice_is_harmless() -> None:
    directory = Directory()
    ann, again = somebody("ann", "s1"), somebody("ann", "s2")
    directory.add(ann)
    directory.add(again)
    directory.remove(ann)
    directory.remove(ann)
    assert list(directory.connections(UserId("ann"))) == [again]
