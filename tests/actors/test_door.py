"""How a first message is received."""

from __future__ import annotations

import pytest
from tests.support.chat import chatting

from hubbub.actors.door import Door, door_of
from hubbub.config.ids import UserId
from hubbub.storage.records import Contact, Write


@pytest.mark.parametrize(
    ("write", "stranger", "known"),
    [
        ("everyone", "request", "open"),
        ("contacts", "closed", "open"),
        ("nobody", "closed", "closed"),
    ],
)
async def test_a_person_decides_who_may_begin(write: Write, stranger: Door, known: Door) -> None:
    async with chatting() as chat:
        ana, bo = await chat.person("ana"), await chat.person("bo")
        await chat.store.set_write(ana, write)
        assert await door_of(chat.store, ana, bo) == stranger
        await chat.store.put_contact(Contact(ana, bo, 1, theirs=True))
        assert await door_of(chat.store, ana, bo) == stranger
        await chat.store.put_contact(Contact(ana, bo, 2, mine=True))
        assert await door_of(chat.store, ana, bo) == known


async def test_nobody_is_at_home_without_an_account() -> None:
    async with chatting() as chat:
        bo = await chat.person("bo")
        assert await door_of(chat.store, UserId("u_" + "z" * 20), bo) == "closed"
