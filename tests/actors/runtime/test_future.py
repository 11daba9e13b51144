"""A pykka.Future that is awaited on the loop."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from typing import Any

import pykka
import pytest

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.future import LoopFuture
from hubbub.actors.runtime.system import ActorSystem


def in_thread(call: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=call)
    thread.start()
    return thread


def value(given: Any) -> LoopFuture[Any]:
    future: LoopFuture[Any] = LoopFuture()
    future.set(given)
    return future


async def test_it_is_awaited_before_and_after_it_is_set() -> None:
    future: LoopFuture[int] = LoopFuture()
    asyncio.get_running_loop().call_soon(future.set, 5)
    assert await future == 5
    assert await future == 5
    assert future.done


async def test_several_can_await_it() -> None:
    future: LoopFuture[int] = LoopFuture()

    async def wait() -> int:
        return await future

    asyncio.get_running_loop().call_soon(future.set, 5)
    assert list(await asyncio.gather(wait(), wait(), wait())) == [5, 5, 5]


async def test_an_exception_is_raised_each_time_with_its_own_traceback() -> None:
    future: LoopFuture[int] = LoopFuture()
    try:
        raise ValueError("no")
    except ValueError:
        future.set_exception()
    for _ in range(2):
        with pytest.raises(ValueError, match="no") as raised:
            await future
        assert len(raised.traceback) < 5


async def test_an_exception_can_be_set_by_its_type_alone() -> None:
    future: LoopFuture[int] = LoopFuture()
    future.set_exception((KeyError, None, None))
    with pytest.raises(KeyError):
        await future


def test_setting_twice_raises_as_in_pykka() -> None:
    future = value(1)
    with pytest.raises(queue.Full):
        future.set(2)
    with pytest.raises(queue.Full):
        future.set_exception((ValueError, ValueError(), None))
    with pytest.raises(queue.Full):
        future.set_get_hook(lambda timeout: 3)
    assert future.get() == 1
    hooked: LoopFuture[int] = LoopFuture()
    hooked.set_get_hook(lambda timeout: 3)
    with pytest.raises(queue.Full):
        hooked.set(1)
    with pytest.raises(queue.Full):
        hooked.set_exception((ValueError, ValueError(), None))


async def test_another_thread_can_set_it() -> None:
    future: LoopFuture[int] = LoopFuture()
    arrival = future.arrival()
    thread = in_thread(lambda: future.set(5))
    await arrival
    assert await future == 5
    thread.join()


def test_a_loop_that_is_gone_is_not_woken() -> None:
    future: LoopFuture[int] = LoopFuture()

    async def wait_a_little() -> None:
        future.arrival()

    asyncio.run(wait_a_little())
    future.set(5)
    assert future.get() == 5


def test_get_on_another_thread_blocks_until_it_is_set() -> None:
    future: LoopFuture[int] = LoopFuture()
    got: list[int] = []
    thread = in_thread(lambda: got.append(future.get()))
    future.set(5)
    thread.join()
    assert got == [5]


def test_get_gives_up_after_its_timeout() -> None:
    with pytest.raises(pykka.Timeout):
        LoopFuture[int]().get(timeout=0)


async def test_get_on_the_loop_does_not_hang_it() -> None:
    with pytest.raises(RuntimeError, match="await the future"):
        LoopFuture[int]().get()


async def test_get_of_another_threads_loop_does_not_hang_this_one() -> None:
    class Deaf(LoopActor):
        pass

    async with ActorSystem() as system:
        future = system.spawn(Deaf).ask("?", block=False)

        async def get_elsewhere() -> None:
            with pytest.raises(RuntimeError, match="await the future"):
                future.get()

        thread = in_thread(lambda: asyncio.run(get_elsewhere()))
        thread.join()
        assert await future is None


async def test_who_gives_up_waiting_does_not_disturb_who_sets_it() -> None:
    future: LoopFuture[int] = LoopFuture()
    arrival = future.arrival()
    arrival.cancel()
    future.set(5)
    assert await future == 5


# --- derived ------------------------------------------------------------------------------------


async def test_derived_futures_are_awaited_through_their_sources() -> None:
    source: LoopFuture[list[int]] = LoopFuture()
    doubled = source.filter(lambda n: n > 1).map(lambda found: [2 * n for n in found])
    total = source.reduce(lambda a, b: a + b)
    assert not doubled.done
    asyncio.get_running_loop().call_soon(source.set, [1, 2, 3])
    assert await doubled == [4, 6]
    assert await doubled == [4, 6]
    assert await total == 6


async def test_joined_futures_wait_for_all() -> None:
    one: LoopFuture[int] = LoopFuture()
    other: LoopFuture[int] = LoopFuture()
    threaded = pykka.ThreadingFuture[int]()
    threaded.set(3)
    joined = one.join(other, threaded)
    arrival = joined.arrival()
    one.set(1)
    assert not arrival.done()
    other.set(2)
    assert arrival.done()
    assert await joined == [1, 2, 3]


def test_they_mean_what_pykkas_mean() -> None:
    kinds: list[Callable[[], pykka.Future[Any]]] = [LoopFuture[Any], pykka.ThreadingFuture[Any]]
    for kind in kinds:
        numbers = kind()
        numbers.set([1, 2, 3])
        empty = kind()
        empty.set([])
        assert numbers.filter(lambda n: n != 2).get() == [1, 3]
        assert numbers.map(len).get() == 3
        assert numbers.join(empty).get() == [[1, 2, 3], []]
        assert numbers.reduce(lambda a, b: a + b).get() == 6
        assert numbers.reduce(lambda a, b: a + b, 4).get() == 10
        assert empty.reduce(lambda a, b: a + b, 0).get() == 0
        with pytest.raises(TypeError):
            empty.reduce(lambda a, b: a + b).get()
        number = kind()
        number.set(1)
        with pytest.raises(TypeError):
            number.filter(lambda n: n).get()


def test_a_hook_runs_once() -> None:
    calls: list[float | None] = []

    def hook(timeout: float | None) -> int:
        calls.append(timeout)
        return 5

    future: LoopFuture[int] = LoopFuture()
    future.set_get_hook(hook)
    assert [future.get(timeout=1), future.get()] == [5, 5]
    assert calls == [1]


async def test_an_exception_of_a_source_comes_through() -> None:
    source: LoopFuture[int] = LoopFuture()
    derived = source.map(lambda n: n + 1)
    source.set_exception((ValueError, ValueError("no"), None))
    with pytest.raises(ValueError, match="no"):
        await derived


def test_pykkas_get_all_takes_them() -> None:
    assert pykka.get_all([value(1), value(2)]) == [1, 2]


def test_a_repr_does_not_show_the_value() -> None:
    assert repr(value("a secret")) == "<LoopFuture done>"
    assert repr(LoopFuture[int]()) == "<LoopFuture pending>"
