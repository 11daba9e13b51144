"""Everybody has somebody to talk to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest

from .device import Device
from .population import circles, neighbours, settle


class Somebody:
    def __init__(self, number: int) -> None:
        self.user = f"u_{number}"


def crowd(size: int) -> Sequence[Device]:
    return [cast(Device, Somebody(n)) for n in range(size)]


@pytest.mark.parametrize("size", [2, 10, 20, 60])
def test_everybody_is_in_a_pair_and_in_a_group(size: int) -> None:
    devices = crowd(size)
    groups = {f"g_{n}": [d.user for d in circle] for n, circle in enumerate(circles(devices))}
    people = settle(devices, groups)
    assert len(people.members) == size // 2 + len(groups)
    for device in devices:
        direct = [c for c in people.places[device.user] if c.startswith("d_")]
        assert len(direct) == 2 and len(set(direct)) == 1
        assert len(people.places[device.user]) > 2
        for c in people.places[device.user]:
            assert device.user in people.members[c]


def test_sixty_are_in_two_groups_each_with_others_in_each() -> None:
    found = circles(crowd(60))
    assert [len(circle) for circle in found] == [10] * 12
    for row in found[:6]:
        for column in found[6:]:
            assert len(set(row) & set(column)) <= 2


def test_an_odd_one_has_no_neighbour() -> None:
    with pytest.raises(ValueError):
        neighbours(crowd(3))
