"""What goes wrong: drawn from the seed, done to the world, and over when it says so.

An actor dies; a commit fails, is lost, unknown, or told too late; the disk is full, deaf or slow;
a node is paused, killed, restarted; its clock is set; a link is cut, silent, not read; nodes lose
sight of each other; the bus drops, delays, repeats, forgets; a mailbox is full; a device loses its
storage, rests, or is signed out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ...actors.commands import DeviceRevoked, TellTyping
from ...config.errors import MailboxFullError, StoreError
from ...config.ids import DeviceId, UserId
from ...transport.cluster.memory_bus import BUS, Fate
from .chance import SeededChance
from .disk import CommitFault
from .node import SimNode
from .world import World

#: How often each happens, against the others.
WEIGHTS: dict[str, int] = {
    "crash": 16, "poison": 6, "commit": 20, "full": 4, "deaf": 3, "slow": 4, "pause": 6, "kill": 6,
    "restart": 4, "clock": 4, "cut": 8, "unread": 5, "flood": 4, "forget": 4, "rest": 5,
    "revoke": 1, "partition": 6, "lossy": 6, "flush": 2,
}  # fmt: skip
_COMMITS: tuple[CommitFault, ...] = (
    "fail", "lose", "unknown", "late", "crash_before", "crash_after", "crash_after",
)  # fmt: skip
_NOBODY, _NOTHING = UserId("u_nobody"), DeviceId("v_nothing")


class Poison:
    """What no actor knows what to do with."""


class Faults:
    """Does them to a world.

    Attributes:
        done: How many there were, by kind.
    """

    def __init__(self, world: World) -> None:
        self.done: dict[str, int] = {}
        self._world = world
        self._chance: SeededChance = world.chance("faults")
        self._kinds = list(WEIGHTS)
        self._weights = list(WEIGHTS.values())
        #: What ends the faults that still last, in the order they began.
        self._ends: list[Callable[[], object]] = []
        self._over = False

    @property
    def count(self) -> int:
        """How many there were."""
        return sum(self.done.values())

    async def step(self) -> None:
        """One of them, now."""
        (kind,) = self._chance.rng.choices(self._kinds, self._weights)
        do: Callable[[], bool | Awaitable[bool]] = getattr(self, f"_{kind}")
        happened = do()
        if not isinstance(happened, bool):
            happened = await happened
        if happened:
            self.done[kind] = self.done.get(kind, 0) + 1

    async def end(self) -> None:
        """Everything that lasts is over; nodes that are down start."""
        self._over = True
        world = self._world
        world.note("faults end")
        for end in self._ends:
            end()
        self._ends.clear()
        world.bus.faults.mend_all()
        for client, link in world.links():
            if not link.reading:
                link.read_on()
            client.note("reads on")
        for client in world.clients:
            if client.signed_out_at is None and not client.wants:
                client.start()
        for name, seat in world.seats.items():
            if seat.node is None:
                await world.start_node(name)

    # --- actors ---------------------------------------------------------------------------------

    def _victim(self) -> tuple[SimNode, str] | None:
        node = self._node()
        if node is None:
            return None
        kind = self._chance.among(("conv:", "conv:", "user:", "session:"))
        living = node.living(kind)
        return (node, self._chance.among(living)) if living else None

    def _crash(self) -> bool:
        found = self._victim()
        if found is None:
            return False
        node, name = found
        self._world.note("crash", node.name, name)
        return node.crash(name)

    def _poison(self) -> bool:
        found = self._victim()
        if found is None:
            return False
        node, name = found
        self._world.note("poison", node.name, name)
        try:
            return node.system.tell(name, Poison(), activate=False)
        except MailboxFullError:
            return False

    def _flood(self) -> bool:
        node = self._node()
        living = node.living("conv:", "user:") if node is not None else []
        if node is None or not living:
            return False
        name = self._chance.among(living)
        ref = node.system.lookup(name)
        assert ref is not None
        self._world.note("flood", node.name, name)
        message = TellTyping(_NOBODY) if name.startswith("conv:") else DeviceRevoked(_NOTHING)
        try:
            for _ in range(self._world.plan.limits.mailbox):
                ref.post(message)
        except MailboxFullError:
            pass
        return True

    # --- disks ----------------------------------------------------------------------------------

    def _commit(self) -> bool:
        node = self._node()
        if node is None:
            return False
        fault = self._chance.among(_COMMITS)
        self._world.note("commit", node.name, fault)
        node.disk.next_fault = fault
        # Where nothing was written since, it would wait for the quiet days.
        self._ends.append(lambda: setattr(node.disk, "next_fault", None))
        return True

    def _full(self) -> bool:
        return self._disk("full", 0.3, 4.0)

    def _deaf(self) -> bool:
        return self._disk("broken", 0.2, 2.0)

    def _disk(self, what: str, least_s: float, most_s: float) -> bool:
        node = self._node()
        if node is None:
            return False
        self._world.note(what, node.name)
        setattr(node.disk, what, True)
        self._lasts(least_s, most_s, what, node.name, lambda: setattr(node.disk, what, False))
        return True

    def _slow(self) -> bool:
        node = self._node()
        if node is None:
            return False
        node.disk.slow = self._chance.among((10.0, 60.0, 200.0))
        self._world.note("slow", node.name, node.disk.slow)
        self._lasts(1.0, 6.0, "slow", node.name, lambda: setattr(node.disk, "slow", 1.0))
        return True

    # --- nodes ----------------------------------------------------------------------------------

    def _pause(self) -> bool:
        node = self._node()
        if node is None or node.gate.shut:
            return False
        world = self._world
        world.note("pauses", node.name)
        node.gate.shut = True
        world.bus.faults.hold(node.name)

        def go_on() -> None:
            if node.gate.shut:
                node.gate.open()
                world.bus.faults.release(node.name)

        self._lasts(0.3, self._chance.among((1.0, 4.0, 12.0)), "goes on", node.name, go_on)
        return True

    async def _kill(self) -> bool:
        node = self._node(spare=1)
        if node is None:
            return False
        self._world.bus.faults.release(node.name)
        await self._world.kill_node(node.name)
        self._starts_again(node.name)
        return True

    async def _restart(self) -> bool:
        node = self._node(spare=1)
        if node is None or node.gate.shut:
            return False
        world = self._world

        async def stop() -> None:
            await world.stop_node(node.name)
            self._starts_again(node.name)

        node.up = False
        world.tasks.start(stop(), f"stop {node.name}")
        return True

    def _starts_again(self, name: str) -> None:
        world = self._world

        def start() -> None:
            if world.seats[name].node is None and not self._over:
                world.tasks.start(world.start_node(name), f"start {name}")

        world.loop.call_later(self._chance.uniform(0.2, 9.0), start)

    def _clock(self) -> bool:
        node = self._node()
        if node is None:
            return False
        seat = self._world.seats[node.name]
        by_ms = round(self._chance.uniform(-1, 1) * self._chance.among((500, 30_000, 3_600_000)))
        seat.skew_ms += by_ms
        node.clock.skew_ms = seat.skew_ms
        self._world.note("clock", node.name, by_ms)
        return True

    # --- between nodes --------------------------------------------------------------------------

    def _partition(self) -> bool:
        node = self._node()
        if node is None or len(self._world.seats) < 2:
            return False
        others = [name for name in self._world.seats if name != node.name]
        other = self._chance.among([*others, BUS])
        faults = self._world.bus.faults
        self._world.note("parts", node.name, other)
        faults.cut(node.name, other)
        mend = self._chance.among((1.0, 6.0, 15.0))
        ends = f"{node.name} {other}"
        self._lasts(0.3, mend, "meets", ends, lambda: faults.mend(node.name, other))
        return True

    def _lossy(self) -> bool:
        if len(self._world.seats) < 2:
            return False
        chance, rules = self._chance, self._world.bus.faults.rules
        drop, twice = chance.among((0.0, 0.1, 0.5, 1.0)), chance.among((0.0, 0.3))
        late_s = chance.among((0.0, 0.05, 1.0))
        draws = self._world.chance(f"bus {self.count}")

        def rule(sender: str, receiver: str, fate: Fate) -> None:
            if draws.happens(drop):
                fate.copies = 0
            elif draws.happens(twice):
                fate.copies = 2
            fate.delay_s += draws.uniform(0, late_s)

        self._world.note("lossy", drop, twice, late_s)
        rules.append(rule)

        def mend() -> None:
            if rule in rules:
                rules.remove(rule)

        self._lasts(0.3, 5.0, "lossless", "", mend)
        return True

    def _flush(self) -> bool:
        if len(self._world.seats) < 2:
            return False
        self._world.note("flush")
        self._world.bus.flush()
        return True

    # --- devices --------------------------------------------------------------------------------

    def _cut(self) -> bool:
        links = self._world.links()
        if not links:
            return False
        client, link = self._chance.among(links)
        silent = self._chance.happens(0.4)
        most = 60.0 if silent else 0.2
        self._world.note("cut", client.name, "silent" if silent else "")
        link.cut(self._chance.uniform(0, most), self._chance.uniform(0, most))
        return True

    def _unread(self) -> bool:
        links = self._world.links()
        if not links:
            return False
        client, link = self._chance.among(links)
        self._world.note("unread", client.name)
        link.stop_reading()
        most = self._chance.among((2.0, 10.0, 50.0))
        self._lasts(0.5, most, "reads on", client.name, link.read_on)
        return True

    def _forget(self) -> bool:
        client = self._chance.among(self._world.clients)
        if client.signed_out_at is not None:
            return False
        self._world.note("forgets", client.name)
        client.forget()
        return True

    def _rest(self) -> bool:
        client = self._chance.among(self._world.clients)
        if not client.wants:
            return False
        self._world.note("rests", client.name)
        client.rest()

        def come_back() -> None:
            if client.signed_out_at is None and not client.wants:
                client.start()

        self._lasts(1.0, 25.0, "comes back", client.name, come_back)
        return True

    async def _revoke(self) -> bool:
        world = self._world
        client = self._chance.among(world.clients)
        node = self._node()
        if client.signed_out_at is not None or node is None or len(world.revoked) >= 2:
            return False
        try:
            await world.sign_out(client, node)
        except StoreError:
            return False
        return True

    # --- inside ---------------------------------------------------------------------------------

    def _node(self, spare: int = 0) -> SimNode | None:
        nodes = self._world.nodes()
        return self._chance.among(nodes) if len(nodes) > spare else None

    def _lasts(
        self, least_s: float, most_s: float, word: str, name: str, end: Callable[[], object]
    ) -> None:
        self._ends.append(end)

        def over() -> None:
            if not self._over:
                self._world.note(word, name)
                end()

        self._world.loop.call_later(self._chance.uniform(least_s, most_s), over)


__all__ = ["WEIGHTS", "Faults", "Poison"]
