"""Programs that are too far apart to talk: the nodes on both sides say so, once, and count it."""

from __future__ import annotations

import asyncio

import structlog
from tests.support.nodes import nodes, virtual

from hubbub.config.errors import VersionGapError
from hubbub.config.metrics import Metrics
from hubbub.transport.cluster.bus import Renewal, Standing
from hubbub.transport.cluster.gaps import Gaps
from hubbub.transport.cluster.versions import VERSION
from hubbub.transport.cluster.views import NO_VIEW, Member, View

NOBODY = View(NO_VIEW, ())


def gaps(metrics: Metrics) -> float:
    return metrics.version_gaps._value.get()  # type: ignore[no-any-return] # pyright: ignore


def test_a_node_that_is_refused_says_so_once_and_again_when_it_happens_again() -> None:
    metrics = Metrics()
    heard = Gaps("n9", metrics)
    refused = Standing(NOBODY, False, 0.0, {}, VersionGapError("n9", 3, "n1", 1))
    granted = Standing(NOBODY, True, 0.0, {})
    with structlog.testing.capture_logs() as logs:
        assert [heard.refused(s) for s in (refused, refused, granted, refused)] == [
            True,
            True,
            False,
            True,
        ]
    assert [line["event"] for line in logs] == ["join_refused", "join_refused"]
    assert "n9 speaks envelopes of version 3, and n1 of 1" in logs[0]["why"]
    assert gaps(metrics) == 2


@virtual
async def test_a_node_of_two_versions_ahead_is_refused_and_the_members_say_so_once() -> None:
    async with nodes(2) as here:
        answers: list[Standing] = []
        stranger = Member("n9", "x", speaks=VERSION + 2)
        here.bus.attach("n9", "x", here["n1"].cluster)
        with structlog.testing.capture_logs() as logs:
            here.bus.renew(Renewal(stranger, 0), answers.append)
            await asyncio.sleep(3)
        (answer,) = answers
        assert not answer.inside
        assert answer.gap is not None
        assert (answer.gap.speaks, answer.gap.other_speaks) == (VERSION + 2, VERSION)
        told = [line for line in logs if line["event"] == "node_refused"]
        assert sorted(line["node"] for line in told) == ["n1", "n2"]
        assert {(line["stranger"], line["speaks"]) for line in told} == {("n9", VERSION + 2)}
        assert [gaps(node.chat.metrics) for node in here.all()] == [1, 1]
        await asyncio.sleep(10)
        here.bus.renew(Renewal(Member("n9", "y", speaks=VERSION + 1), 0), answers.append)
        await asyncio.sleep(1)
        assert not answers[1:], "that incarnation does not listen"
        assert here.bus.view is not None
        assert here.bus.view.of("n9") is not None, "one version ahead is welcome"
