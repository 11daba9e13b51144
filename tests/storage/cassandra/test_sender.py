"""Parcels: what is sent when, and what is known afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from hubbub.config.clock import LoopClock
from hubbub.config.errors import (
    OutcomeUnknownError,
    StoreError,
    StoreRefusedError,
    StoreRetryableError,
)
from hubbub.storage.cassandra.bridge import Answer
from hubbub.storage.cassandra.sender import Parcel, Sender

UNKNOWN, NEVER, NO = (
    OutcomeUnknownError("?"),
    StoreRetryableError("never"),
    StoreRefusedError("no"),
)


class Script:
    """Answers each statement with what is next on its list; afterwards it happens."""

    def __init__(self, **answers: list[StoreError | None]) -> None:
        self._answers = answers
        self.sent = ""

    def start(self, cql: str, values: Sequence[object] = (), *, serial: bool = False) -> Answer:
        answer: Answer = asyncio.get_running_loop().create_future()
        self.sent += cql
        left = self._answers.get(cql, [])
        error = left.pop(0) if left else None
        if error is None:
            answer.set_result([])
        else:
            answer.set_exception(error)
        return answer


async def send(script: Script, *parcels: Parcel, patience_s: float = 5.0) -> None:
    await Sender(script, LoopClock(), patience_s).send(parcels)  # type: ignore[arg-type] # pyright: ignore


def parcel(names: str) -> Parcel:
    return Parcel([(name, ()) for name in names])


async def test_the_last_statement_waits_for_the_others() -> None:
    script = Script()
    one, other = parcel("abc"), parcel("x")
    await send(script, one, other)
    assert script.sent == "abxc"
    assert (one.error, one.begun, other.error, other.begun) == (None, True, None, True)


async def test_nothing_to_send_is_done() -> None:
    script = Script()
    await send(script)
    await send(script, parcel(""))
    assert script.sent == ""


@pytest.mark.parametrize("error", [UNKNOWN, NEVER])
async def test_what_was_begun_is_sent_until_it_is_known(error: StoreError) -> None:
    script = Script(b=[error, UNKNOWN, None])
    begun = parcel("abc")
    await send(script, begun)
    assert (begun.error, begun.begun) == (None, True)
    assert script.sent == "abbbc"


async def test_what_never_began_is_told_at_once() -> None:
    script = Script(a=[NEVER, NEVER])
    never = parcel("a")
    await send(script, never)
    assert (never.error, never.begun) == (NEVER, False)


async def test_what_is_refused_is_not_sent_again() -> None:
    script = Script(b=[NO, NO])
    refused = parcel("abc")
    await send(script, refused)
    assert (refused.error, refused.begun) == (NO, True)


async def test_patience_ends() -> None:
    script = Script(a=[UNKNOWN] * 1000)
    lost = parcel("a")
    await send(script, lost, patience_s=0.0)
    assert (lost.error, lost.begun) == (UNKNOWN, True)


async def test_a_slow_parcel_does_not_take_the_others_with_it() -> None:
    script = Script(a=[UNKNOWN] * 1000)
    lost, fine = parcel("a"), parcel("xy")
    await send(script, lost, fine, patience_s=0.2)
    assert lost.error is UNKNOWN
    assert fine.error is None


async def test_when_patience_ends_for_one_what_is_due_of_another_is_sent_all_the_same() -> None:
    script = Script(a=[UNKNOWN] * 1000)
    lost, fine = parcel("a"), parcel("xy")
    await send(script, lost, fine, patience_s=0.0)
    assert script.sent == "axy"
    assert (lost.error, fine.error) == (UNKNOWN, None)
