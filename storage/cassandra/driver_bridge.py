"""Between the driver's thread and the loop.

loop:    start() ──> session.execute_async ──> driver's thread: the answer ──> deque
loop:    drain <── ONE call_soon_threadsafe for all that the deque holds by then <──┘
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from cassandra.cluster import Session
from cassandra.query import PreparedStatement

from ...config.errors import StoreError, StoreRetryableError
from .bridge import Answer, Bridge, Row
from .connection import Link
from .failures import of_read, told
from .options import CassandraOptions
from .schema import enter

#: A statement's text, and whether it is a serial read.
_Key = tuple[str, bool]

#: Prepared again a few times: after a change of schema on a ring a host may not know it yet.
_TRIES = 3
#: Prepared at a time: one that asks a host which is stopped waits long, and the others need not.
_PREPARERS = 4


class DriverBridge:
    """Statements by their text, prepared when they are first used; answers as futures of the loop.

    Args:
        serial: The consistency of reads asked for with `serial`.
        most: Requests under way at a time; one more is refused (StoreRetryableError). The driver
            would wait for a free place on a connection, and the loop with it.
    """

    def __init__(self, session: Session, serial: int, *, most: int = 4096) -> None:
        self._session = session
        self._serial = serial
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._prepared: dict[_Key, PreparedStatement] = {}
        #: {statement that is being prepared: what waits for it}
        self._preparing: dict[_Key, list[tuple[Sequence[object], Answer]]] = {}
        self._preparer = ThreadPoolExecutor(_PREPARERS, "cassandra-prepare")
        self._arrived: deque[Callable[[], None]] = deque()
        self._waking = False
        self.under_way = 0

    def start(self, cql: str, values: Sequence[object] = (), *, serial: bool = False) -> Answer:
        """Send a statement; its rows, or a StoreError that tells what is known."""
        answer: Answer = self._loop.create_future()
        if self.under_way >= self._most:
            answer.set_exception(StoreRetryableError("too many requests are under way"))
            return answer
        self.under_way += 1
        key = cql, serial
        statement = self._prepared.get(key)
        if statement is not None:
            self._send(statement, values, answer)
        elif key in self._preparing:
            self._preparing[key].append((values, answer))
        else:
            self._preparing[key] = [(values, answer)]
            self._preparer.submit(self._prepare, key)
        return answer

    async def run(
        self, cql: str, values: Sequence[object] = (), *, serial: bool = False
    ) -> list[Row]:
        """Send a statement, and wait for its rows."""
        return await self.start(cql, values, serial=serial)

    def close(self) -> None:
        """Give up the threads that prepare."""
        self._preparer.shutdown()

    def _send(self, statement: PreparedStatement, values: Sequence[object], answer: Answer) -> None:
        try:
            future = self._session.execute_async(statement.bind(values))
        except Exception as error:  # noqa: BLE001 - whatever the driver raises, it was not sent
            self._settle(answer, None, StoreRetryableError(f"{type(error).__name__}: {error}"))
            return

        def came(rows: list[Row] | None) -> None:
            self._arrive(lambda: self._settle(answer, rows, None))

        def failed(error: BaseException) -> None:
            self._arrive(lambda: self._settle(answer, None, told(error)))

        future.add_callbacks(came, failed)

    def _settle(self, answer: Answer, rows: list[Row] | None, error: StoreError | None) -> None:
        self.under_way -= 1
        if answer.done():
            return  # who waited went away
        if error is not None:
            answer.set_exception(error)
            # Whoever started several may give up at the first that fails; the rest is not news.
            answer.exception()
        else:
            answer.set_result(rows or [])

    # --- in the other threads -------------------------------------------------------------------

    def _prepare(self, key: _Key) -> None:
        statement: PreparedStatement | None = None
        failure: StoreError | None = None
        for _ in range(_TRIES):
            try:
                statement = self._session.prepare(key[0])
                break
            except Exception as error:  # noqa: BLE001 - told to all who wait for it
                failure = of_read(error)  # nothing was sent yet, whatever went wrong
        if statement is not None:
            # What only reads may be asked of another host, too: see elsewhere.py.
            statement.is_idempotent = key[0].startswith("SELECT")
            if key[1]:
                statement.consistency_level = self._serial
        self._arrive(lambda: self._prepared_or_not(key, statement, failure))

    def _arrive(self, what: Callable[[], None]) -> None:
        self._arrived.append(what)
        # Both run under the interpreter's lock, one after the other: `_drain` clears the mark
        # before it empties the deque, so what comes after its last look sees no mark.
        if not self._waking:
            self._waking = True
            try:
                self._loop.call_soon_threadsafe(self._drain)
            except RuntimeError:
                self._arrived.clear()  # the loop is closed: nobody waits any more

    # --- on the loop ----------------------------------------------------------------------------

    def _drain(self) -> None:
        self._waking = False
        arrived = self._arrived
        while arrived:
            arrived.popleft()()

    def _prepared_or_not(
        self, key: _Key, statement: PreparedStatement | None, failure: StoreError | None
    ) -> None:
        waiting = self._preparing.pop(key)
        if statement is not None:
            self._prepared[key] = statement
            for values, answer in waiting:
                self._send(statement, values, answer)
        else:
            for _, answer in waiting:
                self._settle(answer, None, failure)


@asynccontextmanager
async def connected(options: CassandraOptions) -> AsyncGenerator[Bridge]:
    """A way to a real ring, whose keyspace is of this program's schema.

    Raises:
        StartError, SchemaError: See `schema.check`.
    """
    link = await asyncio.to_thread(Link, options)
    try:
        await asyncio.to_thread(enter, link.session, options.keyspace)
        bridge = DriverBridge(link.session, link.serial)
        try:
            yield bridge
        finally:
            bridge.close()
    finally:
        await asyncio.to_thread(link.close)


__all__ = ["DriverBridge", "connected"]
