"""For all tests: garbage is collected between files, and at no other time.

On CPython 3.11 the compiler fails when it is entered again while it runs ("AST constructor
recursion depth mismatch"). A collection can do that: what it finds may be logged, and a traceback
is formatted with the help of the compiler. Hypothesis and pytest compile a lot.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .support.ring import Ring


def pytest_sessionstart() -> None:
    """From here on nothing is collected by itself."""
    gc.disable()


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last test of a file, everything is."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()


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
