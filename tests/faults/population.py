"""The people of a load and the places they talk in: everybody has a neighbour and two groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hubbub.config.ids import UserId, direct_id, group_id
from hubbub.testkit.simulation.chain import Item
from hubbub.testkit.simulation.making import group_of

from .device import Device

#: Members of each group; everybody is in two.
GROUP_SIZE = 10


@dataclass(frozen=True, slots=True)
class Population:
    """See the module.

    Attributes:
        devices: One of each person.
        members: {conversation: users}.
        places: {user: conversations}; the direct one stands there twice, so that it is as busy.
    """

    devices: Sequence[Device]
    members: Mapping[str, Sequence[str]]
    places: Mapping[str, Sequence[str]]


def neighbours(devices: Sequence[Device]) -> dict[str, list[str]]:
    """{direct conversation: its two}; there has to be an even number."""
    pairs = zip(devices[::2], devices[1::2], strict=True)
    return {
        str(direct_id(UserId(one.user), UserId(other.user))): [one.user, other.user]
        for one, other in pairs
    }


def circles(devices: Sequence[Device]) -> list[list[Device]]:
    """Who is in which group, its founder first: in rows, and across them."""
    size = min(GROUP_SIZE, len(devices))
    count = max(1, len(devices) // size)
    rows = [list(devices[n * size : (n + 1) * size]) for n in range(count)]
    columns = [list(devices[n::count]) for n in range(count)]
    return rows + columns if count > 1 else rows


def found(devices: Sequence[Device]) -> dict[str, tuple[list[str], Item]]:
    """Hand in the founding of each group: {its id: its members, what to wait for}."""
    founded: dict[str, tuple[list[str], Item]] = {}
    for number, circle in enumerate(circles(devices)):
        founder, *others = circle
        users = [str(other.user) for other in others]
        title = f"group {number}"
        item = founder.add("me", "create", title, group_of(title, users))
        c = str(group_id(founder.device, item.cid))
        founded[c] = ([str(founder.user), *users], item)
    return founded


def settle(devices: Sequence[Device], groups: Mapping[str, Sequence[str]]) -> Population:
    """Everybody's places, once the groups are founded."""
    direct = neighbours(devices)
    members = {**direct, **groups}
    places: dict[str, list[str]] = {device.user: [] for device in devices}
    for c, users in members.items():
        for user in users:
            places[user] += [c, c] if c in direct else [c]
    return Population(devices, members, places)


__all__ = ["GROUP_SIZE", "Population", "circles", "found", "neighbours", "settle"]
