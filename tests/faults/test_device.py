"""Where a device of the load goes."""

from __future__ import annotations

from .device import Addresses

ONE, TWO, THREE = "http://one", "http://two", "http://three"


def test_a_device_takes_the_next_node_after_two_failures_and_all_in_turn() -> None:
    addresses = Addresses(ONE, TWO, THREE)
    tried = [addresses.of("u_ann", failures) for failures in range(8)]
    assert tried[0::2] == tried[1::2]
    assert set(tried) == {ONE, TWO, THREE}
    assert tried[6] == tried[0]


def test_devices_are_spread_over_the_nodes() -> None:
    addresses = Addresses(ONE, TWO, THREE)
    assert {addresses.of(f"u_{n}", 0) for n in range(30)} == {ONE, TWO, THREE}


def test_a_node_that_is_added_is_found() -> None:
    addresses = Addresses(ONE)
    assert addresses.of("u_ann", 5) == ONE
    addresses.bases.append(TWO)
    assert {addresses.of("u_ann", failures) for failures in range(4)} == {ONE, TWO}
