"""What a cluster's keys on Redis are called, and which server has a node's stream."""

from __future__ import annotations

from hubbub.transport.cluster.redis_keys import RedisKeys, server_of


def names(keys: RedisKeys) -> set[str]:
    return {keys.state, keys.views, keys.founding, keys.counts, keys.stream("x")}


def test_two_clusters_have_no_key_in_common() -> None:
    one, other = names(RedisKeys("one")), names(RedisKeys("one-more"))
    assert len(one | other) == 10
    assert all(key.startswith("hubbub:{one}:") for key in one)
    assert not any(key.startswith("hubbub:{one}:") for key in other)


def test_streams_are_spread_over_the_servers_and_every_node_agrees_where() -> None:
    assert {server_of("n1", 1), server_of("n2", 1)} == {0}
    where = [server_of(f"n{n}", 3) for n in range(300)]
    assert where == [server_of(f"n{n}", 3) for n in range(300)]
    assert all(80 < where.count(server) < 120 for server in range(3))
