"""A Bus over Redis: members by one script, and a stream for each incarnation of a node.

renew, leave -> the members, one step after the other  members_script.py  -> the first server
send         -> the writer of the receiver's server    stream_writer.py   -> its stream there
own stream, the views' -> followed                     stream_reader.py   -> the Receiver

Everything here may fail at any time: then it is counted, and told by nobody. What was sent is told
by the numbers of the batches, who is in by the next renewal.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import structlog
from redis.exceptions import RedisError

from ...actors.runtime.system import ActorSystem
from ...config.errors import StoreError
from ...config.metrics import Metrics
from ...config.units import MIB, SECONDS
from ...storage.generations import Generations
from .batches import pack_batch, unpack_batch
from .bus import Batch, Receiver, Renewal, Standing
from .members_script import MembersScript, decode_view
from .reach import Reach
from .redis_keys import RedisKeys, server_of
from .redis_links import RedisLinks
from .stream_reader import StreamReader
from .stream_writer import BATCH, StreamWriter
from .views import View

#: The field of an entry that a node sends itself with each renewal: when that was.
MARK = "m"
#: A stream that nobody renews is gone after so many leases.
STREAM_LEASES = 12
#: Members that are to be expelled, and have not been yet.
MOST_LEAVES = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RedisOptions:
    """How a node reaches the others.

    Attributes:
        urls: Of the servers, the same ones in the same order at every node. Members are at the
            first; streams are spread over all.
        cluster: Nodes of other names are other clusters.
    """

    urls: Sequence[str] = field(repr=False)  # passwords stand in them
    cluster: str = "hubbub"
    lease_s: float = 5 * SECONDS
    renew_s: float = 1 * SECONDS
    stream_bytes: int = 64 * MIB
    waiting_bytes: int = 16 * MIB


@dataclass(frozen=True, slots=True)
class _Renewing:
    """A renewal, and whom its answer is for."""

    renewal: Renewal
    done: Callable[[Standing], None]


class RedisBus:
    """Implements `Bus` for one node."""

    def __init__(
        self,
        options: RedisOptions,
        system: ActorSystem,
        generations: Generations,
        node: str,
        metrics: Metrics,
    ) -> None:
        """Nothing is connected yet."""
        self.lease_s = options.lease_s
        self.renew_s = options.renew_s
        self._node = node
        self._system = system
        self._metrics = metrics
        self._keys = RedisKeys(options.cluster)
        # A renewal that takes longer than until the next one is of no use.
        self._timeout_s = options.renew_s
        self._servers = [
            RedisLinks.to(url, node=node, timeout_s=self._timeout_s) for url in options.urls
        ]
        self._writers = [
            StreamWriter(
                server.quick,
                self._reach("writer", server),
                system.clock,
                system.tasks,
                metrics,
                system.at_turn_end,
                stream_bytes=options.stream_bytes,
                waiting_bytes=options.waiting_bytes,
            )
            for server in self._servers
        ]
        self._mine = self._servers[server_of(node, len(self._servers))]
        first = self._servers[0]
        self._members = MembersScript(
            first.quick, self._keys, options.lease_s, generations, system.chance
        )
        self._members_reach = self._reach("members", first)
        #: What is to be asked of the members, in order: at most one renewal among it.
        self._asks: deque[_Renewing | str] = deque()
        self._asking: asyncio.Task[None] | None = None
        #: {incarnation: (who writes to its stream, the stream)}, by the newest view.
        self._ways: dict[str, tuple[StreamWriter, str]] = {}
        self._incarnation = ""
        self._receiver: Receiver | None = None
        #: When the newest mark that came back was put, and when counts were told last.
        self._heard_at = 0.0
        self._counted_at = 0.0
        self._readers: list[StreamReader] = []
        self._ending: set[asyncio.Task[None]] = set()

    # --- Bus ------------------------------------------------------------------------------------

    def attach(self, node: str, incarnation: str, receiver: Receiver) -> None:
        """See `Bus`."""
        self._stop_reading()
        self._incarnation, self._receiver = incarnation, receiver
        self._heard_at = self._counted_at = 0.0
        first, mine = self._servers[0], self._mine
        clock, tasks, keys = self._system.clock, self._system.tasks, self._keys
        own, views = self._reach("reader", mine), self._reach("views", first)
        self._readers = [
            StreamReader(mine.patient, keys.stream(incarnation), own, clock, tasks, self._arrived),
            StreamReader(first.patient, keys.views, views, clock, tasks, self._told),
        ]
        for reader in self._readers:
            reader.start()

    def detach(self, incarnation: str) -> None:
        """See `Bus`."""
        if incarnation == self._incarnation:
            self._stop_reading()

    def renew(self, renewal: Renewal, done: Callable[[Standing], None]) -> None:
        """See `Bus`: one that still waits is overtaken by the next."""
        self._asks = deque(ask for ask in self._asks if isinstance(ask, str))
        self._ask(_Renewing(renewal, done))

    def leave(self, node: str, incarnation: str) -> None:
        """See `Bus`."""
        if incarnation not in self._asks and len(self._asks) < MOST_LEAVES:
            self._ask(incarnation)

    def send(self, receiver: str, batch: Batch) -> None:
        """See `Bus`."""
        way = self._ways.get(receiver)
        if way is None:
            self._metrics.dropped.labels("no_node").inc(len(batch.envelopes))
        else:
            writer, stream = way
            writer.put(stream, pack_batch(batch), len(batch.envelopes))

    def room(self, receiver: str) -> bool:
        """See `Bus`."""
        way = self._ways.get(receiver)
        return way is not None and way[0].room(way[1])

    async def close(self, incarnation: str) -> None:
        """See `Bus`."""
        self._stop_reading()
        if self._ending:
            await asyncio.wait(self._ending)
        for writer in self._writers:
            await writer.close(self._timeout_s)
        if self._asking is not None:
            await asyncio.wait([self._asking], timeout=self._timeout_s)
            self._asking.cancel()
        with suppress(RedisError, OSError):
            await self._mine.quick.unlink(self._keys.stream(incarnation))
        for server in self._servers:
            await server.close()

    # --- inside ---------------------------------------------------------------------------------

    def _reach(self, part: str, server: RedisLinks) -> Reach:
        system = self._system
        return Reach(part, server.place, system.clock, system.chance, self._metrics)

    def _stop_reading(self) -> None:
        for reader in self._readers:
            reader.stop()
            ends = self._system.tasks.start(reader.close(), "bus reader")
            self._ending.add(ends)
            ends.add_done_callback(self._ending.discard)
        self._readers = []
        self._incarnation, self._receiver = "", None

    def _arrived(self, fields: Mapping[bytes, bytes]) -> None:
        """An entry of the own stream."""
        mark = fields.get(MARK.encode())
        if mark is not None:
            self._heard_at = float(mark)
            lag_s = self._system.clock.monotonic() - self._heard_at
            self._metrics.bus_lag.set(max(0.0, lag_s))
            return
        try:
            batch = unpack_batch(fields.get(BATCH.encode(), b""))
        except ValueError:
            log.warning("batch_refused", node=self._node)
            self._metrics.dropped.labels("envelope").inc()
            return
        if self._receiver is not None:
            self._receiver.received(batch)

    def _told(self, fields: Mapping[bytes, bytes]) -> None:
        """An entry of the views' stream."""
        view = decode_view(fields.get(b"view", b""))
        self._saw(view)
        if self._receiver is not None:
            self._receiver.viewed(view)

    def _saw(self, view: View) -> None:
        if self._members.saw(view.id):
            self._ways = {
                member.incarnation: (
                    self._writers[server_of(member.node, len(self._writers))],
                    self._keys.stream(member.incarnation),
                )
                for member in view.members
            }

    def _ask(self, ask: _Renewing | str) -> None:
        self._asks.append(ask)
        if self._asking is None or self._asking.done():
            self._asking = self._system.tasks.start(self._ask_all(), "bus members")

    async def _ask_all(self) -> None:
        while self._asks:
            ask = self._asks.popleft()
            try:
                if isinstance(ask, str):
                    await self._members.leave(ask)
                else:
                    await self._renew(ask)
            except (RedisError, OSError, StoreError) as error:
                # The next renewal tries again; whoever is to be out leaves with its lease.
                self._asks.clear()
                self._members_reach.failed(error)
            else:
                self._members_reach.worked()

    async def _renew(self, asked: _Renewing) -> None:
        incarnation = asked.renewal.member.incarnation
        # Before it is in, or in again: whoever is in hears what it is told.
        await self._mark(incarnation)
        standing = await self._members.renew(asked.renewal)
        if standing is not None and incarnation == self._incarnation:
            self._saw(standing.view)
            asked.done(self._counted(standing))

    def _counted(self, standing: Standing) -> Standing:
        """What was counted may be on its way, and no loss, until a mark that was put later has
        come: before that nothing more is told of it, however slow the way is."""
        if self._heard_at < self._counted_at:
            return replace(standing, sent={})
        self._counted_at = self._system.clock.monotonic()
        return standing

    async def _mark(self, incarnation: str) -> None:
        stream = self._keys.stream(incarnation)
        pipe = self._mine.quick.pipeline(transaction=False)
        pipe.xadd(stream, {MARK: repr(self._system.clock.monotonic())})
        pipe.pexpire(stream, round(STREAM_LEASES * self.lease_s * 1000))
        await pipe.execute()


__all__ = ["MARK", "MOST_LEAVES", "STREAM_LEASES", "RedisBus", "RedisOptions"]
