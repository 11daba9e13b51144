"""What is seeded reads as if a node had written it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.pieces.seed import seed
from hubbub.actors import snapshot_codec
from hubbub.config.ids import self_log, shard_of
from hubbub.config.limits import Limits
from hubbub.storage.records import Head
from hubbub.storage.sqlite.store import SqliteStore


async def test_seeded_groups_owe_nobody_anything(tmp_path: Path) -> None:
    made = await seed(tmp_path / "db", 3, [[0, 1], [2, 0]])
    store = SqliteStore(tmp_path / "db")
    await store.open()
    try:
        conv = made.groups[0]
        found = await store.activate(conv, await store.claim(shard_of(conv)))
        state = snapshot_codec.restore(conv, 1, Limits(), found)
        assert (state.head, state.committed, state.saved) == (made.head, made.head, made.head)
        assert state.members.here() == [made.people[0].user, made.people[1].user]
        assert state.retell() == [] and not state.unfinished and not found.tail
        assert await store.unfinished() == []
    finally:
        await store.close()


async def test_a_seeded_list_is_as_long_as_it_says(tmp_path: Path) -> None:
    made = await seed(tmp_path / "db", 3, [[0, 1], [2, 0]])
    assert [person.conversations for person in made.people] == [2, 1, 1]
    store = SqliteStore(tmp_path / "db")
    await store.open()
    try:
        person = made.people[0]
        page = await store.heads(person.user, person.device, since=0, after=None, limit=10)
        assert {line.membership.conv for line in page.heads if isinstance(line, Head)} == set(
            made.groups
        )
        assert (await store.head(self_log(person.user)))[0] == 2
    finally:
        await store.close()


async def test_a_seeded_history_is_as_long_as_it_says_and_read_by_everybody(tmp_path: Path) -> None:
    made = await seed(tmp_path / "db", 2, [[0, 1]], texts=[2500], password="a hash")
    store = SqliteStore(tmp_path / "db")
    await store.open()
    try:
        conv, person = made.groups[0], made.people[0]
        assert await store.head(conv) == (2501, 2500)
        page = await store.page(conv, 2490, 2501, limit=3, max_bytes=10_000, backwards=True)
        assert [message.entry.seq for message in page] == [2499, 2500, 2501]
        assert page[0].entry.ts < page[1].entry.ts < page[2].entry.ts
        lines = await store.heads(person.user, person.device, since=0, after=None, limit=10)
        (line,) = lines.heads
        assert isinstance(line, Head)
        assert (line.cursors.read, line.cursors.recv) == (2501, 2501)
        found = await store.activate(conv, await store.claim(shard_of(conv)))
        assert not found.tail
    finally:
        await store.close()
