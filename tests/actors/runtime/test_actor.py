"""A LoopActor does what a ThreadingActor does: each test runs with both.

The same body runs against a ThreadingActor, against a LoopActor from another thread, and against
a LoopActor on the loop's own thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Literal, TypeAlias

import pykka
import pytest

from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.current import current_system
from hubbub.actors.runtime.system import ActorSystem

Start: TypeAlias = "Callable[..., pykka.ActorRef[Any]]"
Body: TypeAlias = Callable[[Start], None]
Host: TypeAlias = Literal["threading", "loop, from afar", "loop, on it"]
HOSTS: tuple[Host, ...] = ("threading", "loop, from afar", "loop, on it")

#: Long enough for a busy machine; a test that waits so long has failed.
PATIENCE_S = 10.0


def _on(base: type[pykka.Actor], mixin: type, *args: Any, **kwargs: Any) -> pykka.ActorRef[Any]:
    made: Any = type(mixin.__name__, (mixin, base), {})
    ref: pykka.ActorRef[Any] = made.start(*args, **kwargs)
    return ref


def _with_threads(body: Body) -> None:
    refs: list[pykka.ActorRef[Any]] = []

    def start(mixin: type, *args: Any, **kwargs: Any) -> pykka.ActorRef[Any]:
        refs.append(_on(pykka.ThreadingActor, mixin, *args, **kwargs))
        return refs[-1]

    try:
        body(start)
    finally:
        for ref in refs:
            ref.stop()


def _from_afar(body: Body) -> None:
    ready = threading.Event()
    done = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def live() -> None:
        async with ActorSystem():
            loops.append(asyncio.get_running_loop())
            ready.set()
            await done.wait()

    def start(mixin: type, *args: Any, **kwargs: Any) -> pykka.ActorRef[Any]:
        async def begin() -> pykka.ActorRef[Any]:
            return _on(LoopActor, mixin, *args, **kwargs)

        return asyncio.run_coroutine_threadsafe(begin(), loops[0]).result(PATIENCE_S)

    thread = threading.Thread(target=asyncio.run, args=(live(),))
    thread.start()
    assert ready.wait(PATIENCE_S)
    try:
        body(start)
    finally:
        loops[0].call_soon_threadsafe(done.set)
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def _on_the_loop(body: Body) -> None:
    def start(mixin: type, *args: Any, **kwargs: Any) -> pykka.ActorRef[Any]:
        return _on(LoopActor, mixin, *args, **kwargs)

    async def live() -> None:
        async with ActorSystem():
            body(start)

    asyncio.run(live())


_RUN: dict[Host, Callable[[Body], None]] = {
    "threading": _with_threads,
    "loop, from afar": _from_afar,
    "loop, on it": _on_the_loop,
}


def everywhere(body: Body) -> Callable[[Host], None]:
    """A test of this body with each kind of host."""

    @pytest.mark.parametrize("host", HOSTS)
    def test(host: Host) -> None:
        _RUN[host](body)

    return test


class Echo:
    """Answers what it gets."""

    greeting = "hello"

    def on_receive(self, message: Any) -> Any:
        return message


class Counter:
    """Counts."""

    def __init__(self, count: int = 0, *, step: int = 1) -> None:
        super().__init__()
        self.count = count
        self.step = step

    def on_receive(self, message: Any) -> int:
        self.count += self.step
        return self.count

    def add(self, n: int) -> int:
        self.count += n
        return self.count

    def fail(self) -> None:
        raise ValueError("no")

    def future_of(self) -> pykka.Future[int]:
        future = pykka.ThreadingFuture[int]()
        future.set(5)
        return future


class Diary:
    """Writes down what happens to it."""

    def __init__(self, lines: list[str], *, raise_in: str = "") -> None:
        super().__init__()
        self._lines = lines
        self._raise_in = raise_in

    def _write(self, line: str) -> None:
        self._lines.append(line)
        if line == self._raise_in:
            raise ValueError(line)

    def on_start(self) -> None:
        self._write("start")

    def on_stop(self) -> None:
        self._write("stop")

    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert exception_type is not None
        assert traceback is not None
        self._write(f"failure {exception_type.__name__}")

    def on_receive(self, message: Any) -> None:
        self._write(message)


def gone(ref: pykka.ActorRef[Any]) -> None:
    """Wait until an actor that was told something fatal is gone."""
    with pytest.raises(pykka.ActorDeadError):
        # The question stands behind the fatal message.
        ref.ask("are you there?")


@everywhere
def test_the_arguments_of_start_go_to_the_constructor(start: Start) -> None:
    assert start(Counter, 10, step=5).ask("count") == 15


@everywhere
def test_an_ask_gets_what_the_handler_returns(start: Start) -> None:
    ref = start(Echo)
    for value in (None, 0, "", [1], {"a": 1}):
        assert ref.ask(value) == value


@everywhere
def test_an_ask_without_blocking_gives_a_future(start: Start) -> None:
    future = start(Echo).ask("x", block=False)
    assert isinstance(future, pykka.Future)
    assert future.get(timeout=PATIENCE_S) == "x"
    assert future.get() == "x"


@everywhere
def test_messages_of_one_sender_are_handled_in_order(start: Start) -> None:
    lines: list[str] = []
    ref = start(Diary, lines)
    for n in range(200):
        ref.tell(str(n))
    ref.ask("last")
    assert lines == ["start", *map(str, range(200)), "last"]


@everywhere
def test_a_proxy_reads_and_sets_attributes(start: Start) -> None:
    proxy: Any = start(Counter, 3).proxy()
    assert proxy.count.get() == 3
    setattr(proxy, "count", 7)  # noqa: B010 - a type checker would take it for a 7 from now on
    assert proxy.count.get() == 7
    with pytest.raises(AttributeError):
        _ = proxy.nothing


@everywhere
def test_a_proxy_calls_methods(start: Start) -> None:
    proxy = start(Counter).proxy()
    assert proxy.add(2).get() == 2
    assert proxy.add(n=3).get() == 5
    proxy.add.defer(10)
    assert proxy.count.get() == 15


@everywhere
def test_a_future_that_a_handler_returns_is_a_value(start: Start) -> None:
    inner = start(Counter).proxy().future_of().get()
    assert isinstance(inner, pykka.Future)
    assert inner.get() == 5


@everywhere
def test_a_proxy_call_that_raises_raises_at_the_asker(start: Start) -> None:
    with pytest.raises(ValueError, match="no"):
        start(Counter).proxy().fail().get()


@everywhere
def test_an_exception_reaches_the_asker_with_its_traceback(start: Start) -> None:
    ref = start(Diary, [], raise_in="boom")
    with pytest.raises(ValueError, match="boom") as raised:
        ref.ask("boom")
    assert "_write" in [entry.name for entry in raised.traceback]


@everywhere
def test_stop_handles_what_waits_and_runs_on_stop(start: Start) -> None:
    lines: list[str] = []
    ref = start(Diary, lines)
    ref.tell("one")
    ref.tell("two")
    assert ref.stop() is True
    assert lines == ["start", "one", "two", "stop"]
    assert not ref.is_alive()
    assert ref.actor_stopped.is_set()


@everywhere
def test_stopping_a_dead_actor_says_false(start: Start) -> None:
    ref = start(Echo)
    assert ref.stop(block=False).get() is True
    assert ref.stop() is False


@everywhere
def test_a_dead_actor_can_neither_be_told_nor_asked(start: Start) -> None:
    ref = start(Echo)
    ref.stop()
    with pytest.raises(pykka.ActorDeadError):
        ref.tell("x")
    with pytest.raises(pykka.ActorDeadError):
        ref.ask("x")
    with pytest.raises(pykka.ActorDeadError):
        ref.ask("x", block=False).get()
    with pytest.raises(pykka.ActorDeadError):
        ref.proxy()


@everywhere
def test_asks_behind_a_stop_get_actor_dead_error(start: Start) -> None:
    ref = start(Echo)
    stopping = ref.stop(block=False)
    late = ref.ask("late", block=False)
    assert stopping.get() is True
    with pytest.raises(pykka.ActorDeadError):
        late.get()


@everywhere
def test_an_exception_of_a_tell_ends_the_actor_by_on_failure(start: Start) -> None:
    lines: list[str] = []
    ref = start(Diary, lines, raise_in="boom")
    ref.tell("boom")
    gone(ref)
    assert lines == ["start", "boom", "failure ValueError"]


@everywhere
def test_an_exception_in_on_start_ends_the_actor_without_on_failure(start: Start) -> None:
    lines: list[str] = []
    gone(start(Diary, lines, raise_in="start"))
    assert lines == ["start"]


@everywhere
def test_an_exception_in_on_stop_ends_the_actor_all_the_same(start: Start) -> None:
    lines: list[str] = []
    ref = start(Diary, lines, raise_in="stop")
    assert ref.stop() is True
    assert lines == ["start", "stop"]
    assert not ref.is_alive()


@everywhere
def test_an_exception_in_on_failure_ends_the_actor_all_the_same(start: Start) -> None:
    lines: list[str] = []

    class Worse(Diary):
        def on_receive(self, message: Any) -> None:
            raise KeyError(message)

    ref = start(Worse, lines, raise_in="failure KeyError")
    ref.tell("boom")
    gone(ref)
    assert lines == ["start", "failure KeyError"]


@everywhere
def test_an_actor_can_stop_itself(start: Start) -> None:
    lines: list[str] = []

    class Finite(Diary):
        def on_receive(self, message: Any) -> None:
            super().on_receive(message)
            if message == "enough":
                self.stop()  # type: ignore[attr-defined]  # of whichever base

    ref = start(Finite, lines)
    ref.ask("enough")
    gone(ref)
    assert lines == ["start", "enough", "stop"]


@everywhere
def test_an_actor_has_a_urn_of_its_own(start: Start) -> None:
    one, other = start(Echo), start(Echo)
    assert one.actor_urn.startswith("urn:uuid:")
    assert one.actor_urn == one.actor_urn != other.actor_urn
    assert one.proxy().actor_urn.get() == one.actor_urn
    assert one.actor_class.__name__ == "Echo"
    assert "Echo" in str(one)
    assert "Echo" in repr(one)


@everywhere
def test_an_actor_can_use_a_proxy_to_itself(start: Start) -> None:
    class Relay(Counter):
        def begin(self) -> None:
            self.actor_ref.proxy().add.defer(4)  # type: ignore[attr-defined]  # of either base

    proxy = start(Relay).proxy()
    proxy.begin().get()
    assert proxy.count.get() == 4


@everywhere
def test_the_inbox_takes_pykkas_envelopes(start: Start) -> None:
    from pykka._envelope import Envelope

    ref = start(Counter)
    future = pykka.ThreadingFuture[int]()
    ref.actor_inbox.put(Envelope("count"))
    ref.actor_inbox.put(Envelope("count", reply_to=future))
    assert ref.ask("count") == 3
    assert future.get() == 2
    assert ref.actor_inbox.empty()


@everywhere
def test_an_unhandled_message_is_answered_none(start: Start) -> None:
    class Idle:
        pass

    assert start(Idle).ask("?") is None


# --- what only a LoopActor has ------------------------------------------------------------------


class Bad(LoopActor):
    """Fails at whatever it gets."""

    def on_receive(self, message: Any) -> Any:
        raise ValueError("bad")


async def test_the_one_difference_an_asked_exception_crashes_the_actor_too() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Bad)
        with pytest.raises(ValueError, match="bad"):
            await ref.ask("x", block=False)
        assert not ref.is_alive()


async def test_start_finds_the_system_of_the_loop() -> None:
    async with ActorSystem() as system:
        ref = Bad.start()
        assert current_system() is system
        assert ref.system is system
        assert system.lookup(ref.name) is ref
    with pytest.raises(RuntimeError, match="enter one first"):
        Bad.start()


async def test_an_actor_knows_its_name_and_system_from_its_constructor_on() -> None:
    class Curious(LoopActor):
        def __init__(self) -> None:
            super().__init__()
            self.seen = (self.name, self.system)

    async with ActorSystem() as system:
        proxy = system.spawn(Curious, name="curious:1").proxy()
        assert await proxy.seen == ("curious:1", system)


async def test_an_actor_is_no_pykka_thread_inside() -> None:
    async with ActorSystem() as system:
        actor = system.spawn(Bad).actor
        assert actor is not None
        assert "Bad" in str(actor)
        for inner in ("_create_actor_inbox", "_start_actor_loop"):
            with pytest.raises(RuntimeError):
                getattr(actor, inner)()
        with pytest.raises(RuntimeError, match="dispatcher"):
            actor.actor_inbox.get()
        assert isinstance(
            actor._create_future(),  # pyright: ignore[reportPrivateUsage] # as pykka calls it
            pykka.Future,
        )
        assert not actor.actor_stopped.is_set()
        assert actor.actor_inbox.empty()
