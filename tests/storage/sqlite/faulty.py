"""A writing connection that fails on request, and what the tests of the writer share."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hubbub.storage.sqlite.connection import Connect, open_writer


def sqlite_error(code: int, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> sqlite3.Error:
    """An error as SQLite raises it."""
    error = kind("made by a test")
    error.sqlite_errorcode = code
    return error


class Held:
    """A statement of the writer's thread that waits."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._let_go = threading.Event()

    def wait(self) -> None:
        self._reached.set()
        assert self._let_go.wait(20), "nobody let it go"

    async def reached(self) -> None:
        """Wait until the statement is about to run."""
        assert await asyncio.to_thread(self._reached.wait, 20), "it never came"

    def let_go(self) -> None:
        self._let_go.set()


class Faults:
    """Which statements fail: the next that begin with a text, once each.

    Attributes:
        opened: How many connections were opened.
        statements: Every statement that was run.
    """

    def __init__(self) -> None:
        self._fails: list[tuple[str, BaseException, bool]] = []
        self._held: list[tuple[str, Held]] = []
        self.opened = 0
        self.statements: list[str] = []

    def before(self, text: str, error: BaseException) -> None:
        """The next statement that begins so does not run."""
        self._fails.append((text, error, False))

    def after(self, text: str, error: BaseException) -> None:
        """The next statement that begins so runs, and then this is raised."""
        self._fails.append((text, error, True))

    def hold(self, text: str) -> Held:
        """The next statement that begins so waits, in the writer's thread, to be let go."""
        held = Held()
        self._held.append((text, held))
        return held

    @contextmanager
    def around(self, statement: str) -> Generator[None]:
        self.statements.append(statement)
        for hold in list(self._held):
            text, held = hold
            if statement.startswith(text):
                self._held.remove(hold)
                held.wait()
        for fail in self._fails:
            text, error, late = fail
            if statement.startswith(text):
                self._fails.remove(fail)
                if late:
                    yield
                raise error
        yield

    def connect(self, path: Path) -> Connect:
        """Opens connections that fail like this."""

        def connect() -> sqlite3.Connection:
            self.opened += 1
            with self.around("CONNECT"):
                return FaultyConnection(open_writer(path), self)

        return connect


class FaultyConnection(sqlite3.Connection):
    """Hands everything to a real connection, but for what is to fail."""

    def __init__(self, real: sqlite3.Connection, faults: Faults) -> None:
        super().__init__(":memory:")
        self._real = real
        self._faults = faults

    @property
    def in_transaction(self) -> bool:
        return self._real.in_transaction

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        with self._faults.around(sql):
            return self._real.execute(sql, parameters)

    def executescript(self, sql_script: str, /) -> sqlite3.Cursor:
        return self._real.executescript(sql_script)

    def close(self) -> None:
        super().close()
        self._real.close()


def raiser(error: Exception) -> Callable[..., Any]:
    """A function that raises."""

    def fail(*_: object) -> None:
        raise error

    return fail


async def soon(happened: Callable[[], bool]) -> None:
    """Wait for what the writer's thread does by itself when it has been idle for a moment."""
    for _ in range(2000):
        if happened():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen")
