"""Who is in: views by their numbers, and a node's own lease."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.config.ids import SHARDS
from hubbub.transport.cluster.placement import Placement
from hubbub.transport.cluster.versions import VERSION
from hubbub.transport.cluster.views import NO_VIEW, Member, Members, Tenure, View, ViewId, changed
from hubbub.transport.discovery import About

ONE, TWO, THREE = Member("n1", "a"), Member("n2", "b"), Member("n3", "c")


def members(*joined: Member, generation: int = 1) -> Members:
    found = Members.found(generation, 0.0, 5.0)
    for member in joined:
        found.join(member, 0.0)
    return found


def test_each_change_is_a_view_of_the_next_number() -> None:
    found = members(ONE, TWO)
    assert found.view == View(ViewId(1, 2), (ONE, TWO))
    found.leave("a")
    assert found.view == View(ViewId(1, 3), (TWO,))
    found.leave("a")
    assert found.view.id == ViewId(1, 3)


def test_a_higher_generation_is_a_higher_view_whatever_its_number() -> None:
    assert NO_VIEW < ViewId(1, 9) < ViewId(2, 0)


def test_a_lease_that_is_not_renewed_ends_and_all_that_end_at_once_make_one_view() -> None:
    found = members(ONE, TWO, THREE)
    assert found.renew(TWO, 4.0)
    found.expire(4.9)
    assert found.view.id == ViewId(1, 3)
    found.expire(5.0)
    assert found.view == View(ViewId(1, 4), (TWO,))
    assert not found.renew(ONE, 5.0)
    assert found.ends == {"b": 9.0}


def test_a_node_that_comes_back_takes_the_place_of_its_earlier_incarnation() -> None:
    found = members(ONE, TWO)
    again = Member("n1", "d")
    found.join(again, 1.0)
    assert found.view.members == (again, TWO)
    assert not found.renew(ONE, 1.0)
    assert found.view.of("n1") == again
    assert found.view.incarnations == {"b", "d"}


def test_a_node_that_drains_is_in_and_places_nothing() -> None:
    found = members(ONE, TWO)
    found.drain("n1")
    assert found.view.id == ViewId(1, 3)
    assert found.view.placement().nodes == ("n2",)
    assert found.renew(Member("n1", "a", "ready"), 1.0)
    assert found.view.placement().nodes == ("n1", "n2")


def test_when_all_drain_the_shards_stay_where_they_are() -> None:
    found = members(Member("n1", "a", "draining"))
    assert found.view.placement().nodes == ("n1",)


@pytest.mark.parametrize(("generation", "open_at"), [(1, 3.0), (2, 8.0)])
def test_in_a_new_generation_nobody_claims_for_one_lease(generation: int, open_at: float) -> None:
    assert Members.found(generation, 3.0, 5.0).open_at == open_at


def test_a_node_stops_before_the_others_may_think_it_gone() -> None:
    tenure = Tenure(5.0, 1.0)
    assert not tenure.holds(0.0)
    tenure.renewed(10.0)
    assert tenure.holds(13.9)
    assert tenure.left_s(13.0) == 1.0
    assert not tenure.holds(14.0)
    tenure.renewed(11.0)
    tenure.renewed(10.5)  # an answer that was under way for longer
    assert tenure.left_s(11.0) == 4.0
    tenure.end()
    assert not tenure.holds(11.0)
    assert tenure.left_s(11.0) == 0.0


def test_what_changed_is_what_is_at_another_incarnation() -> None:
    before = View(ViewId(1, 1), (ONE, TWO))
    was = before.placement()
    restarted = View(ViewId(1, 2), (Member("n1", "z"), TWO))
    moved = changed(before, was, restarted, restarted.placement())
    assert moved == {s for s in range(SHARDS) if was.node(s) == "n1"}
    drained = View(ViewId(1, 3), (replace(ONE, state="draining"), TWO))
    assert changed(before, was, drained, drained.placement()) == was.shards("n1")
    assert changed(drained, drained.placement(), before, was) == was.shards("n1")
    joined = View(ViewId(1, 4), (ONE, TWO, THREE))
    now = joined.placement()
    assert changed(before, was, joined, now) == {s for s in range(SHARDS) if now.node(s) == "n3"}
    assert changed(None, Placement({}), joined, now) == frozenset(range(SHARDS))


def test_what_a_node_says_of_itself_changes_no_view_and_is_seen_in_it() -> None:
    found = members(ONE, TWO)
    full = replace(ONE, about=About("ws://n1/ws", "1.0", 1.0, True))
    assert found.renew(full, 1.0)
    assert found.view == View(ViewId(1, 2), (full, TWO))
    assert found.renew(replace(full, state="draining"), 1.0)
    assert found.view.id == ViewId(1, 3)


def test_open_are_those_that_have_an_address_and_are_neither_full_nor_on_their_way_out() -> None:
    here = [About(f"ws://n{n}/ws") for n in range(6)]
    found = members(
        Member("n1", "a", about=here[1]),
        Member("n2", "b", about=replace(here[2], full=True)),
        Member("n3", "c", "draining", about=here[3]),
        Member("n4", "d"),
        Member("n5", "e", about=here[5]),
    )
    view = found.view
    assert view.open(["n5", "n4", "n3", "n2", "n1", "n0"]) == (here[5], here[1])
    assert view.drains("n3")
    assert not view.drains("n1")
    assert (view.node_of("e"), view.node_of("x")) == ("n5", None)


def test_members_are_written_to_in_a_version_that_they_read() -> None:
    newer, older = Member("n4", "d", speaks=VERSION + 1), Member("n5", "e", speaks=VERSION - 1)
    view = members(ONE, newer, older).view
    assert view.versions == {"a": VERSION, "d": VERSION, "e": VERSION - 1}


def test_who_shares_no_version_with_a_member_of_another_node_is_deaf_to_it() -> None:
    found = members(ONE)
    assert found.deaf_to(Member("n2", "b", speaks=VERSION + 1)) is None
    assert found.deaf_to(Member("n2", "b", speaks=VERSION + 2)) == ONE
    assert found.deaf_to(Member("n1", "b", speaks=VERSION + 2)) is None, "it takes its place"
