"""One short round of each main fault, on real processes; `make faults` does all, for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .ground import QUICK, Ground, Size, one_node
from .report import failure
from .runner import play
from .several import RINGS
from .table import FAULTS

if TYPE_CHECKING:
    from tests.support.ring import Ring

Make = Callable[[Path, Size, int], AbstractAsyncContextManager[Ground]]

GROUNDS: list[Make] = list(dict.fromkeys(fault.ground for fault in FAULTS if fault.quick))
#: A fault that is not healed by itself is told as such before.
PATIENCE_S = 300.0


def name_of(make: Any) -> str:
    return str(make.__name__)


@pytest.fixture
def ring_of_the_session(
    make: Make, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nodes that are several lean on the ring that all the tests have."""
    if make is not one_node:
        ring: Ring = request.getfixturevalue("one_node")
        monkeypatch.setenv(RINGS[1], f"{ring.port}:{ring.folder}")


@pytest.mark.slow
@pytest.mark.usefixtures("ring_of_the_session")
@pytest.mark.parametrize("make", GROUNDS, ids=name_of)
async def test_whatever_happens_nothing_is_lost_doubled_or_reordered(
    make: Make, tmp_path: Path
) -> None:
    async with asyncio.timeout(PATIENCE_S), make(tmp_path, QUICK, 1) as ground:
        for fault in FAULTS:
            if fault.quick and fault.ground is make:
                round_ = await play(fault, ground)
                assert round_.clean, failure(round_)
                assert round_.verdict.acked
