"""A pykka.Future that is awaited on the loop.

    on the loop        `await future`; `future.get()` where the answer can be had without waiting
    on other threads   `future.get(timeout=...)`, which blocks, as in pykka

`get()` on the loop's own thread cannot block. It lets the asked actor work through its mailbox at
once; where that does not yield the answer (the actor awaits something, or is the asker's asker) it
raises instead of hanging the loop.
"""

from __future__ import annotations

import asyncio
import functools
import queue
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from types import TracebackType
from typing import Any, ClassVar, Final, Protocol, TypeAlias, TypeVar

import pykka

T = TypeVar("T")
M = TypeVar("M")

ExcInfo: TypeAlias = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


class _Pending:
    """Stands for the value of a future that has none yet."""

    __slots__ = ()


_PENDING: Final = _Pending()


class Asked(Protocol):
    """Who is to set a future."""

    def help(self, future: LoopFuture[Any], /) -> None:
        """Work until this future is done, as far as that can be done at once on this thread."""
        ...


class LoopFuture(pykka.Future[T]):
    """A value that is there or will be.

    It may be set from any thread. Setting it twice raises `queue.Full`, as in pykka.
    """

    __slots__ = ("_error", "_sources", "_target", "_traceback", "_value", "_waiters")

    # pykka's __init__ would make two attributes and an object for what a class can say.
    _get_hook: Callable[[float | None], Any] | None = None
    _get_hook_result: Any = _PENDING

    _nobody: ClassVar[tuple[()]] = ()

    def __init__(self, target: Asked | None = None) -> None:
        """An open future.

        Args:
            target: The actor that was asked; None when nobody in particular will set it.
        """
        self._target = target
        self._value: Any = _PENDING
        self._error: BaseException | None = None
        self._traceback: TracebackType | None = None
        # Each is called once, on the thread that sets the future. Only appended to and swapped
        # whole, so the interpreter's lock is all the lock it needs.
        self._waiters: list[Callable[[], object]] = []
        self._sources: tuple[pykka.Future[Any], ...] = self._nobody

    def __repr__(self) -> str:
        return f"<LoopFuture {'done' if self.done else 'pending'}>"

    @property
    def done(self) -> bool:
        """Whether the value, or the exception, is there, or can be had without waiting."""
        if self._get_hook is None:
            return self._value is not _PENDING
        return all(leaf.done for leaf in self._leaves())

    # --- setting --------------------------------------------------------------------------------

    def set(self, value: T | None = None) -> None:
        """Set the value and wake who waits; from any thread."""
        if self._value is not _PENDING or self._get_hook is not None:
            raise queue.Full
        self._value = value
        if self._waiters:
            self._wake()

    def set_exception(self, exc_info: ExcInfo | None = None) -> None:
        """Set an exception; without arguments, the one being handled."""
        if self._value is not _PENDING or self._get_hook is not None:
            raise queue.Full
        kind, error, traceback = sys.exc_info() if exc_info is None else exc_info
        if error is None:
            assert kind is not None
            error = kind()
        self._error = error
        self._traceback = traceback
        self._value = None
        if self._waiters:
            self._wake()

    def set_get_hook(self, func: Callable[[float | None], Any]) -> None:
        """Let this function find the value when `get` is called."""
        if self._value is not _PENDING:
            raise queue.Full
        self._get_hook = func

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter()

    # --- getting --------------------------------------------------------------------------------

    def get(self, *, timeout: float | None = None) -> Any:
        """The value, or its exception raised.

        Args:
            timeout: Seconds to wait on another thread than the loop's; None is for ever.

        Raises:
            pykka.Timeout: Not there in time.
            RuntimeError: This thread's loop would have to wait: await the future instead.
        """
        hook = self._get_hook
        if hook is not None:
            if self._get_hook_result is _PENDING:
                self._get_hook_result = hook(timeout)
            return self._get_hook_result
        if self._value is _PENDING:
            self._wait(timeout)
        if self._error is not None:
            raise self._error.with_traceback(self._traceback)
        return self._value

    def _wait(self, timeout: float | None) -> None:
        if asyncio._get_running_loop() is None:  # pyright: ignore[reportPrivateUsage]
            came = threading.Event()
            self._waiters.append(came.set)
            if self._value is _PENDING and not came.wait(timeout):
                raise pykka.Timeout(f"{timeout} seconds")
            return
        if self._target is not None:
            self._target.help(self)
        if self._value is _PENDING:
            raise RuntimeError("waiting here would block the loop: await the future")

    def arrival(self) -> asyncio.Future[None]:
        """Resolves, without value, when this one is done; for the running loop."""
        loop = asyncio.get_running_loop()
        came = loop.create_future()

        def on_loop() -> None:
            if self.done and not came.done():
                came.set_result(None)

        def waiter() -> None:
            here = asyncio._get_running_loop()  # pyright: ignore[reportPrivateUsage]
            if here is loop:
                on_loop()
            elif not loop.is_closed():
                loop.call_soon_threadsafe(on_loop)

        for leaf in self._leaves():
            leaf._waiters.append(waiter)
        # Looked at after the waiters are in place: another thread may have set it meanwhile.
        on_loop()
        return came

    def _leaves(self) -> Iterator[LoopFuture[Any]]:
        """Those that somebody sets, of which this one is made."""
        if self._get_hook is None:
            yield self
        else:
            for source in self._sources:
                if isinstance(source, LoopFuture):
                    yield from source._leaves()

    def __await__(self) -> Generator[Any, None, T]:
        if not self.done:
            yield from self.arrival()
        value: T = self.get()
        return value

    __iter__ = __await__

    # --- derived futures ------------------------------------------------------------------------

    def derive(self, func: Callable[[float | None], M]) -> LoopFuture[M]:
        """A future whose value this function finds once this one is done."""
        derived: LoopFuture[M] = LoopFuture()
        derived._get_hook = func
        derived._sources = (self,)
        return derived

    def filter(  # type: ignore[override]  # pykka types self, which says nothing more
        self, func: Callable[[Any], bool]
    ) -> LoopFuture[list[Any]]:
        """A future with only the items that pass."""
        return self.derive(lambda timeout: [x for x in self.get(timeout=timeout) if func(x)])

    def map(self, func: Callable[[T], M]) -> LoopFuture[M]:
        """A future of what the function makes of this one's value."""
        return self.derive(lambda timeout: func(self.get(timeout=timeout)))

    def join(self, *futures: pykka.Future[Any]) -> LoopFuture[Iterable[Any]]:
        """A future with a list of all values.

        One that is not a LoopFuture still blocks when this one is awaited, as pykka's own do.
        """
        every = (self, *futures)
        joined: LoopFuture[Iterable[Any]] = self.derive(
            lambda timeout: [future.get(timeout=timeout) for future in every]
        )
        joined._sources = every
        return joined

    def reduce(self, func: Callable[[Any, Any], Any], *initial: Any) -> LoopFuture[Any]:
        """A future of the items folded into one value."""

        return self.derive(
            lambda timeout: functools.reduce(func, self.get(timeout=timeout), *initial)
        )


__all__ = ["Asked", "ExcInfo", "LoopFuture"]
