"""For all tests: garbage is collected between files, and at no other time.

On CPython 3.11 the compiler fails when it is entered again while it runs ("AST constructor
recursion depth mismatch"). A collection can do that: what it finds may be logged, and a traceback
is formatted with the help of the compiler. Hypothesis and pytest compile a lot.
"""

from __future__ import annotations

import gc

import pytest

#: A project of its own, run by tests/packaging.
collect_ignore = ["embedder"]


def pytest_sessionstart() -> None:
    """From here on nothing is collected by itself."""
    gc.disable()


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last test of a file, everything is."""
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
