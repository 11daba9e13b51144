"""For all tests: nobody sleeps on the real clock, and garbage is collected between files only.

On CPython 3.11 the compiler fails when it is entered again while it runs ("AST constructor
recursion depth mismatch"). A collection can do that: what it finds may be logged, and a traceback
is formatted with the help of the compiler. Hypothesis and pytest compile a lot.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest
from tests.support.real_sleep import SleepMeter, may_sleep_s

#: A project of its own, run by tests/packaging.
collect_ignore = ["embedder"]


_meter = SleepMeter()

if TYPE_CHECKING:
    from .support.redis_server import RedisServer
    from .support.ring import Ring


def pytest_sessionstart() -> None:
    """From here on nothing is collected by itself, and sleeps are measured."""
    gc.disable()
    _meter.install()


def pytest_sessionfinish() -> None:
    """It is over."""
    _meter.uninstall()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A test that sleeps on the real clock fails."""
    _meter.begin()
    try:
        result = yield
    finally:
        slept_s = _meter.end(item.nodeid)
    if slept_s > may_sleep_s(item.nodeid):
        pytest.fail(f"the test slept for {slept_s:.2f} s on the real clock", pytrace=False)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How long all tests slept, and which most."""
    terminalreporter.write_line(f"tests slept for {_meter.total_s:.2f} s on the real clock")
    for slept_s, test in _meter.longest[:3]:
        terminalreporter.write_line(f"  {slept_s:.2f} s: {test}")


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last test of a file what it made is collected; what outlives that is not looked at
    again, for it only grows."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()


#: What starts a Cassandra.
_RINGS = {"one_node", "three_nodes", "secured"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever needs a Cassandra is slow."""
    for item in items:
        if isinstance(item, pytest.Function) and not _RINGS.isdisjoint(item.fixturenames):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def one_node() -> Iterator[Ring]:
    """A Cassandra of one node, for the session."""
    from .support.ring import ring_for_tests

    yield from ring_for_tests(1, "CASSANDRA_FOR_TESTS")


@pytest.fixture(scope="session")
def three_nodes() -> Iterator[Ring]:
    """A Cassandra ring of three, with three copies of everything, for the session."""
    from .support.ring import ring_for_tests

    yield from ring_for_tests(3, "CASSANDRA_RING_FOR_TESTS")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis for the session; whoever uses it has a cluster's name of its own."""
    from .support.redis_server import running_redis

    with running_redis() as server:
        yield server
