"""Runs a contract's cases outside of pytest's own collection, each on something fresh.

A contract is a class of `test_...` methods, so pytest can collect it where somebody inherits it.
What calls a check instead gets the same cases from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


def cases_of(contract: type) -> Iterator[tuple[str, dict[str, Any]]]:
    """(method's name, its parameters) of all cases, in a fixed order."""
    for name in sorted(dir(contract)):
        if not name.startswith("test_"):
            continue
        cases: list[dict[str, Any]] = [{}]
        for mark in getattr(getattr(contract, name), "pytestmark", ()):
            assert mark.name == "parametrize", mark
            wanted, values = mark.args
            names = wanted.split(",") if isinstance(wanted, str) else list(wanted)
            given = [value if len(names) > 1 else (value,) for value in values]
            cases = [
                {**case, **dict(zip(names, value, strict=True))}
                for case in cases
                for value in given
            ]
        for case in cases:
            yield name, case


def check(
    contract: type,
    fixture: str,
    fresh: Callable[[], AbstractAsyncContextManager[T]],
    *,
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> int:
    """Run every case, each on its own loop.

    Args:
        fixture: What the cases call the thing under test.
        fresh: Makes one, for the length of a block.
        loop_factory: Makes the loops; None for asyncio's own.

    Returns: how many there were.

    Raises:
        ExceptionGroup: Those that failed, each noted with its name.
    """
    failed: list[Exception] = []
    count = 0
    for name, parameters in cases_of(contract):
        count += 1
        try:
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                runner.run(_run(getattr(contract(), name), fixture, fresh, parameters))
        except pytest.fail.Exception as missed:
            # What `pytest.raises` says; it is no Exception, and so cannot be in a group.
            failed.append(AssertionError(str(missed)))
        except Exception as error:  # noqa: BLE001 - all of them are told, at the end
            failed.append(error)
        else:
            continue
        failed[-1].add_note(f"in {contract.__name__}.{name}, with {parameters}")
    if failed:
        raise ExceptionGroup(f"{len(failed)} of {count} cases of {contract.__name__} fail", failed)
    return count


async def _run(
    case: Callable[..., Awaitable[None]],
    fixture: str,
    fresh: Callable[[], AbstractAsyncContextManager[T]],
    parameters: dict[str, Any],
) -> None:
    async with fresh() as thing:
        await case(**{fixture: thing}, **parameters)


__all__ = ["cases_of", "check"]
