"""Where names live."""

from __future__ import annotations

from collections import Counter

import pytest

from hubbub.config.ids import SHARDS, ConvId, UserId, self_log, shard_of
from hubbub.transport.cluster.placement import Placement, name_node, placement_of

USER = UserId("u_" + "a" * 20)
CONV = ConvId("g_" + "b" * 26)


def test_every_shard_has_every_node_in_its_order_and_every_node_its_share() -> None:
    placement = Placement({"n1": 1, "n2": 1, "n3": 1})
    first = Counter(placement.node(shard) for shard in range(SHARDS))
    assert all(sorted(placement.order(shard)) == ["n1", "n2", "n3"] for shard in range(SHARDS))
    assert all(280 < count < 400 for count in first.values())


def test_a_node_that_goes_leaves_its_shards_to_the_second_and_moves_no_other() -> None:
    three, two = Placement({"n1": 1, "n2": 1, "n3": 1}), Placement({"n1": 1, "n3": 1})
    for shard in range(SHARDS):
        assert two.order(shard) == tuple(n for n in three.order(shard) if n != "n2")


def test_a_node_of_twice_the_weight_gets_twice_the_shards() -> None:
    placement = Placement({"n1": 1, "n2": 2, "n3": 1})
    first = Counter(placement.node(shard) for shard in range(SHARDS))
    assert 440 < first["n2"] < 590


def test_the_order_is_the_same_for_ever() -> None:
    placement = Placement({"n3": 1, "n1": 1, "n2": 1})
    # A change of it would move every name of every cluster.
    first = "".join((placement.node(shard) or "")[1] for shard in range(12))
    assert first == "312233322221"


def test_the_shards_of_all_nodes_are_all_shards_and_each_is_at_its_first_choice() -> None:
    placement = Placement({"n1": 1, "n2": 2, "n3": 1})
    for node in placement.nodes:
        of_node = placement.shards(node)
        assert of_node == {s for s in range(SHARDS) if placement.node(s) == node}
        assert of_node == {s for s in range(SHARDS) if placement.order(s)[0] == node}
    assert sum(len(placement.shards(node)) for node in placement.nodes) == SHARDS
    assert placement.shards("n4") == frozenset()


def test_who_asks_again_for_the_same_nodes_gets_the_same_placement() -> None:
    placement = placement_of((("n1", 1.0), ("n2", 2.0)))
    assert placement_of((("n1", 1.0), ("n2", 2.0))) is placement
    assert placement_of((("n1", 1.0), ("n2", 1.0))) is not placement


def test_a_user_lives_where_the_private_log_is() -> None:
    placement = Placement({"n1": 1, "n2": 1})
    assert placement.home(USER) == placement.owner(self_log(USER))
    assert placement.owner(CONV) == placement.node(shard_of(CONV))


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("session:n1:abc/7", "n1"),
        ("ask:n2/abc", "n2"),
        (f"user:{USER}", None),
        (f"conv:{CONV}", None),
        ("conversations/3", None),
    ],
)
def test_a_session_and_an_asker_name_their_node(name: str, node: str | None) -> None:
    assert name_node(name) == node


def test_without_nodes_nothing_has_a_place() -> None:
    placement = Placement({})
    assert placement.node(0) is None
    assert placement.order(5) == ()
    assert placement.home(USER) is None
