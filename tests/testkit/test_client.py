"""A client on a node without sockets: what it does, what it sees, what it says when it does not."""

from __future__ import annotations

import pytest

from hubbub.testkit.client import RefusedError
from hubbub.testkit.faults import slow_reader
from hubbub.testkit.kit import Kit, LeakError
from hubbub.testkit.probe import ExpectationError
from hubbub.transport.wire import frames


async def test_what_one_says_in_a_group_the_others_see() -> None:
    async with Kit() as kit:
        ann, bob = await kit.client("ann"), await kit.client("bob")
        group = await ann.create("Builders", bob)
        assert await ann.send(group, "hello") == 2
        await bob.sees(group, "hello")
        assert await bob.send(group, "hi") == 3
        await ann.sees(group, "hello", "hi")
        assert ann.texts(group) == ["hello", "hi"]
        assert bob.texts("g_nowhere") == []


async def test_two_people_talk_directly_and_a_second_device_sees_both_sides() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster()
        ann, bob = await cluster.friends("ann", "bob")
        phone = await cluster.client("ann")
        await ann.send(bob, "psst")
        await bob.send(ann.user, "what")
        await ann.sees(bob, "psst", "what")
        await phone.sees(bob, "psst", "what")
        assert (phone.user, phone.name) == (ann.user, "ann-3")
        assert phone.device != ann.device


async def test_a_refusal_is_an_error_with_the_protocols_code() -> None:
    async with Kit() as kit:
        ann, bob = await kit.client("ann"), await kit.client("bob")
        group = await ann.create("Mine")
        with pytest.raises(RefusedError, match="text was refused: ") as refused:
            await bob.send(group, "let me in")
        assert refused.value.code in ("forbidden", "not_found")


async def test_any_frame_can_be_asked_and_expected() -> None:
    async with Kit() as kit:
        ann, bob = await kit.client("ann"), await kit.client("bob")
        group = await ann.create("Builders", bob)
        described = await bob.ask(lambda number: frames.GetConv(id=number, c=group))
        assert (described["t"], described["title"]) == ("conv", "Builders")
        unknown = await bob.ask(lambda number: frames.GetConv(id=number, c="g_unknown"))
        assert unknown["t"] == "err"
        await ann.change(
            group,
            "rename",
            lambda number, cid, prev: frames.Rename(
                id=number, c=group, cid=cid, prev=prev, title="Masons"
            ),
        )
        renamed = await bob.expect("msg", c=group, s=2)
        assert (renamed["b"]["ev"], renamed["b"]["title"]) == ("renamed", "Masons")


async def test_what_is_not_seen_in_time_fails_with_what_came_and_the_story() -> None:
    async with Kit() as kit:
        ann = await kit.client("ann")
        group = await ann.create("Alone")
        with pytest.raises(ExpectationError) as failed:
            await ann.sees(group, "secret words", within=5)
        said = str(failed.value)
        assert "ann did not see ['secret words']" in said
        assert "what came last: welcome, heads" in said
        assert "client    ann" in said


async def test_a_client_that_lost_its_connection_comes_back_and_misses_nothing() -> None:
    async with Kit() as kit:
        ann, bob = await kit.client("ann"), await kit.client("bob")
        group = await ann.create("Builders", bob)
        await bob.until(lambda: group in bob.heads)
        bob.rest()
        await ann.send(group, "are you there")
        assert bob.texts(group) == []
        bob.start()
        await bob.sees(group, "are you there")


async def test_a_client_that_does_not_read_is_healed_once_it_does() -> None:
    async with Kit() as kit:
        cluster = await kit.cluster()
        ann, bob = await cluster.client("ann"), await cluster.client("bob")
        group = await ann.create("Builders", bob)
        await bob.until(lambda: group in bob.heads)
        async with cluster.during(slow_reader(bob)):
            for n in range(5):
                await ann.send(group, f"{n} " + "long" * 20_000)
            assert bob.texts(group) == []
        await bob.until(lambda: len(bob.texts(group)) == 5)


async def test_what_a_server_must_not_do_to_a_client_fails_the_test() -> None:
    with pytest.raises(LeakError, match=r"clients saw what they must not:\s+ann: it was haunted"):
        async with Kit() as kit:
            ann = await kit.client("ann")
            ann.faults.append("it was haunted")


async def test_the_story_of_a_client_holds_nobodys_words() -> None:
    async with Kit() as kit:
        ann = await kit.client("ann")
        group = await ann.create("Very private title")
        await ann.send(group, "very private words")
        await ann.send(group, "secret")
        told = kit.story.told(last=5000)
        assert "private" not in told
        assert "secret" not in told
        assert "client    ann" in told
