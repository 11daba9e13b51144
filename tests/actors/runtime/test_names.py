"""Who is called what."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.mailbox import NOTHING
from hubbub.actors.runtime.names import Names, Reservation
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.runtime.system import ActorSystem


def ref(name: str) -> LoopActorRef[Any]:
    return LoopActorRef(ActorSystem(), LoopActor.__new__(LoopActor), name, 10, None)


def test_a_bound_name_is_living_until_it_is_forgotten() -> None:
    names, ana = Names(), ref("user:ana")
    names.bind(ana)
    assert names.living == {"user:ana": ana}
    names.forget(ana)
    names.forget(ana)
    assert names.living == {}


def test_forgetting_one_does_not_forget_its_successor() -> None:
    names, old, new = Names(), ref("user:ana"), ref("user:ana")
    names.bind(old)
    names.bind(new)
    names.forget(old)
    assert names.living == {"user:ana": new}


def test_who_is_bound_to_a_reserved_name_gets_what_waits_there() -> None:
    names, ana = Names(), ref("user:ana")
    held = Reservation(10, True, ["left"])
    names.reserve("user:ana", held)
    held.put("came")
    names.bind(ana)
    assert ana.drain() == ["left", "came"]
    assert names.reserved == {}


def test_a_taken_name_cannot_be_reserved() -> None:
    names, ana = Names(), ref("user:ana")
    names.bind(ana)
    names.reserve("user:bo", Reservation(10, True, []))
    for name in ("user:ana", "user:bo"):
        with pytest.raises(ValueError, match="taken"):
            names.reserve(name, Reservation(10, True, []))


def test_releasing_gives_back_what_waited() -> None:
    names = Names()
    names.reserve("user:ana", Reservation(10, True, ["left"]))
    assert names.release("user:ana") == ["left"]
    assert names.release("user:ana") == []


def test_a_reservation_keeps_all_leftovers_but_is_bounded() -> None:
    held = Reservation(1, True, ["one", "two"])
    assert held.drain() == ["one", "two"]
    assert held.first is NOTHING


def test_a_prefix_finds_its_activator() -> None:
    names = Names()
    names.set_activator("user", print)
    assert names.activator("user:ana") is print
    assert names.activator("conv:1") is None
    assert names.activator("user") is None
    assert names.activator("user:a:b") is print


def test_an_anonymous_actor_gets_a_name_that_nobody_had() -> None:
    names = Names()
    assert names.anonymous(LoopActor) != names.anonymous(LoopActor)
    assert names.anonymous(LoopActor).startswith("LoopActor#")
