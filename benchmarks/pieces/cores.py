"""Who runs on which core: what is measured does not make way for what measures it.

On two cores, clients and Redis are otherwise given the core of the nodes now and then, in the
middle of a message, and leave it with caches that are not theirs.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Set
from contextlib import contextmanager


def halves() -> tuple[Set[int], Set[int]]:
    """One core for what is measured, and all others; the same one twice where there is one."""
    cores = sorted(os.sched_getaffinity(0))
    return {cores[0]}, set(cores[1:]) or {cores[0]}


@contextmanager
def on(cores: Set[int]) -> Generator[None]:
    """This thread, and whatever process it starts meanwhile, runs on these."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


__all__ = ["halves", "on"]
