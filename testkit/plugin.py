"""The pytest plugin: the kit as fixtures, for whoever runs the asynchronous tests.

With pytest-asyncio or with anyio's plugin, tests run as they do; the kit begins and ends within
the test's own loop. A test that uses one of these fixtures and is claimed by neither runs here, on
a VirtualLoop. The fixtures are plain functions, so no plugin has to know how to set them up.

It is found by its entry point. Whatever it needs is imported when a fixture is first used: tests
that use none pay nothing, and coverage sees all of it begin.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .auto_clock import AutoClock
    from .client import Client
    from .cluster import Cluster
    from .kit import Kit
    from .probe import Probe
    from .watched_system import WatchedSystem

# So that a contract's failed `assert` shows its values, as a test's own does.
pytest.register_assert_rewrite("hubbub.testkit.contracts")

#: The fixture that all others stand on.
_KIT = "hubbub_kit"


def pytest_configure(config: pytest.Config) -> None:
    """Tell what the marker means."""
    config.addinivalue_line(
        "markers", "hubbub(seed=0, shuffle=False): what the testkit of this test is made with"
    )


@pytest.fixture
def hubbub_kit(request: pytest.FixtureRequest) -> Generator[Kit]:
    """The kit itself: `Kit`, for what has no fixture of its own."""
    from .kit import Kit

    node: pytest.Item = request.node
    marker = node.get_closest_marker("hubbub")
    kit = Kit(**(marker.kwargs if marker is not None else {}))
    yield kit
    if any(system.is_open for system in kit.systems):
        pytest.fail("the kit's actors ran outside of an async test: use `async with Kit()` there")


@pytest.fixture
def system(hubbub_kit: Kit) -> WatchedSystem:
    """An ActorSystem that stops with the test."""
    return hubbub_kit.system


@pytest.fixture
def clock(hubbub_kit: Kit) -> AutoClock:
    """Its time, which passes when nobody has anything to do."""
    return hubbub_kit.clock


@pytest.fixture
def probe(hubbub_kit: Kit) -> Probe:
    """An actor that the test holds, and asks what it was told."""
    return hubbub_kit.probe()


@pytest.fixture
def cluster(hubbub_kit: Kit) -> Callable[..., Awaitable[Cluster]]:
    """`await cluster(3)`: a whole chat on three nodes; see `Kit.cluster`."""
    return hubbub_kit.cluster


@pytest.fixture
def client(hubbub_kit: Kit) -> Callable[[str], Awaitable[Client]]:
    """`await client("ann")`: a device in a chat on one node; see `Kit.client`."""
    return hubbub_kit.client


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Let the kit begin with the test and end with it, within whatever loop runs it."""
    __tracebackhide__ = True
    kit = _kit_of(item)
    if kit is None or not isinstance(item, pytest.Function):
        return (yield)
    test = item.obj
    if not inspect.iscoroutinefunction(test):
        return (yield)
    item.obj = _within(kit, test)
    try:
        return (yield)
    finally:
        item.obj = test


@pytest.hookimpl
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> object | None:
    """Run a test that no other plugin runs, on a virtual loop."""
    __tracebackhide__ = True
    if _kit_of(pyfuncitem) is None or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    if pyfuncitem.get_closest_marker("asyncio") or "anyio_backend" in pyfuncitem.funcargs:
        return None
    from .clock import VirtualLoop

    wanted = inspect.signature(pyfuncitem.obj).parameters
    given = {name: value for name, value in pyfuncitem.funcargs.items() if name in wanted}
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(pyfuncitem.obj(**given))
    return True


def _kit_of(item: pytest.Item) -> Kit | None:
    return getattr(item, "funcargs", {}).get(_KIT)


def _within(kit: Kit, test: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(test)
    async def staged(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        async with kit:
            return await test(*args, **kwargs)

    return staged


__all__ = [
    "client",
    "clock",
    "cluster",
    "hubbub_kit",
    "probe",
    "pytest_configure",
    "pytest_pyfunc_call",
    "pytest_runtest_call",
    "system",
]
