"""What chance alone brings about too rarely: courses of events, of which a life's seed draws some.

late rows   an owner falls, and its rows come late: as its heir has looked for them, or when that
            has taken the log up and said nothing; then the heir falls, once or twice
asleep      an owner sleeps with commits under way and behind them, and wakes as another has written
in doubt    rows of unknown outcome, which readers may see; then it says more, or falls
torn        some statements of an append arrive, others do not, and its owner falls
unheard     a log is taken up anew where it was, and its former writer has not heard of it
behind      who has not heard of the newest view claims what somebody has who came in by that

All of it happens where nothing else goes wrong, and where nobody else says anything.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from ...config.ids import shard_of
from ...config.units import MILLISECONDS
from ..ring.ring import Fate
from .life import LEASE_S, Life
from .node import OwnerNode, look
from .scribe import SIZES, Scribe

#: How many of them a life has.
EACH = 2
#: How long it may take until somebody has taken a log up: the last owner's lease, and more.
_OWNED_S = 8.0
#: After this a request is at the ring, and its answer perhaps not back.
_SENT_S = 2 * MILLISECONDS
#: The longest that a slow heir takes for each step, against others.
_SLOW = (1.0, 20.0, 60.0)


class Scene:
    """One log, and those who own it in turn.

    Attributes:
        life, chance, conv: Where, by what, and which log.
    """

    def __init__(self, life: Life, purpose: str) -> None:
        self.life = life
        self.chance = life.chance(purpose)
        self.conv = self.chance.among(life.logs)
        #: Bring back those who fell, the first one first.
        self._fallen: list[Callable[[], Awaitable[None]]] = []

    async def owner(
        self, but: OwnerNode | None = None, within_s: float = _OWNED_S
    ) -> tuple[OwnerNode, Scribe] | None:
        """Whoever takes the log up, somewhere else than at `but`; None when nobody does."""
        until = self.life.loop.time() + within_s
        while self.life.loop.time() < until:
            for node in self.life.up():
                scribe = node.scribe(self.conv) if node is not but else None
                if scribe is None or node.gate.shut:
                    continue
                await scribe.write(hushed=True)
                if scribe.awake:
                    return node, scribe
            await self.life.pass_time(5 * _SENT_S)
        return None

    async def until(self, so: Callable[[], bool], within_s: float) -> bool:
        """Let time pass until something is so. Returns: whether it is."""
        until = self.life.loop.time() + within_s
        while not (found := so()) and self.life.loop.time() < until:
            await self.life.pass_time(_SENT_S)
        return found

    def falls(self, node: OwnerNode) -> None:
        """It dies, or sleeps; the others think it gone at once."""
        name, life = node.name, self.life
        if self.chance.happens(0.5):
            life.kill(node)
            self._fallen.append(lambda: life.start(name))
        else:
            self.sleeps(node)
        for other in life.up():
            if not other.gate.shut:
                life.bus.leave(other.name, node.cluster.membership)
                break

    def sleeps(self, node: OwnerNode) -> None:
        """It sleeps; the others have heard nothing."""
        self.life.note("sleeps", node.name)
        self.life.sleep(node)

        async def wake() -> None:
            self.life.note("wakes", node.name)
            self.life.wake(node)

        self._fallen.append(wake)

    async def rises(self) -> None:
        """Who fell first is back, if anybody did."""
        if self._fallen:
            await self._fallen.pop(0)()

    async def over(self) -> None:
        """Everybody is back, and nothing goes wrong."""
        self.life.ring.arrive()
        while self._fallen:
            await self.rises()
        for node in self.life.up():
            node.bridge.slow = 1.0
            node.bridge.fates = lambda _: None

    @asynccontextmanager
    async def read_closely(self, most_s: float) -> AsyncGenerator[None]:
        """Somebody who owns nothing looks at the log again and again, so much apart at most."""
        life, over = self.life, False

        async def read() -> None:
            while not over:
                await look(life.reader, self.conv, life.record, "a close reader")
                await life.pass_time(self.chance.uniform(0, most_s))

        reading = life.tasks.start(read(), "a close reader")
        try:
            yield
        finally:
            over = True
            await reading


async def late_rows(scene: Scene) -> None:
    """See the module."""
    life, chance = scene.life, scene.chance
    found = await scene.owner()
    if found is None:
        return
    node, scribe = found
    node.bridge.fates = _if_entries(lambda: "late")
    # One statement: of several the first rows would wait for the others, and never come.
    scribe.say(chance.among((1, 1, 4, 16)))
    await life.pass_time(_SENT_S)
    scene.falls(node)
    node.bridge.fates = lambda _: None
    as_it_adopts = chance.happens(0.4)
    for turn in range(chance.among((2, 3))):
        slow = chance.among(_SLOW)
        for heir in life.up():
            heir.bridge.slow = slow
            if as_it_adopts:
                heir.bridge.fates = _as_it_adopts(life.ring.arrive)
        async with scene.read_closely(4 * _SENT_S):
            found = await scene.owner()
        for heir in life.up():
            heir.bridge.slow = 1.0
        if found is None:
            return
        if chance.happens(0.6):
            life.ring.arrive()
        if turn or chance.happens(0.3):
            await scene.rises()
        if chance.happens(0.2):
            found[1].say(1)
            await life.pass_time(_SENT_S)
        scene.falls(found[0])
    await scene.owner()


async def asleep(scene: Scene) -> None:
    """See the module."""
    life, chance = scene.life, scene.chance
    found = await scene.owner()
    if found is None:
        return
    node, scribe = found
    for _ in range(2):
        scribe.say(chance.among(SIZES))
        await life.pass_time(chance.uniform(0, 2 * _SENT_S))
    scene.sleeps(node)
    # Whoever asked it meanwhile is answered before it knows how late it is.
    asked = look(node.store, scene.conv, life.record, f"who asks {node.name}")
    node.gate.run(node.system.tasks.start, asked, "asked")
    await _goes_on(scene)
    await scene.rises()


async def in_doubt(scene: Scene) -> None:
    """See the module."""
    chance = scene.chance
    found = await scene.owner()
    if found is None:
        return
    node, scribe = found
    node.bridge.fates = _if_entries(lambda: chance.among(("unknown", "unknown", "torn")))
    # Of one statement, most often: of several nothing is to be seen before all are there.
    scribe.say(chance.among((1, 1, 4, 5)))
    async with scene.read_closely(25 * _SENT_S):
        falls = not await scene.until(lambda: not scribe.flying, chance.among((0.3, 4.0, 4.0)))
    node.bridge.fates = lambda _: None
    if falls:
        scene.falls(node)
    await _goes_on(scene)


async def torn(scene: Scene) -> None:
    """See the module."""
    life, chance = scene.life, scene.chance
    found = await scene.owner()
    if found is None:
        return
    node, scribe = found
    if chance.happens(0.5):
        # What continues the log is a batch, and the single rows behind it are lost.
        node.bridge.fates = lambda cql: "lost" if cql.startswith("INSERT INTO log") else None
    else:
        node.bridge.fates = _if_entries(lambda: chance.among(("lost", "done")))
    scribe.say(chance.among((3, 5, 9, 18)))
    await life.pass_time(chance.uniform(_SENT_S, 0.1))
    scene.falls(node)
    await _goes_on(scene)


async def unheard(scene: Scene) -> None:
    """See the module."""
    found = await scene.owner()
    if found is None:
        return
    node, former = found
    del node.scribes[scene.conv]
    node.cluster.disown(former.shard, former.epoch)
    if await scene.owner() is not None:
        former.say(scene.chance.among(SIZES))
        await _goes_on(scene)


async def behind(scene: Scene) -> None:
    """See the module."""
    life = scene.life
    found = await scene.owner()
    if found is None:
        return
    name, shard = found[0].name, shard_of(scene.conv)
    await life.stop(name)
    await scene.until(lambda: any(node.cluster.here(shard) for node in life.up()), _OWNED_S)
    for node in life.up():
        if node.cluster.here(shard):
            life.bus.faults.cut(node.name)
            await life.start(name)
            found = await scene.owner(but=node, within_s=LEASE_S / 2)
            scribe = node.scribe(scene.conv) if found is not None else None
            if scribe is not None:
                await scribe.write(hushed=True)
            life.bus.faults.mend(node.name)
            return
    await life.start(name)


async def act(life: Life) -> None:
    """Some of them, as the seed draws."""
    life.hush(True)
    for name in life.chance("stages").rng.sample(sorted(STAGES), EACH):
        life.note("stage", name)
        scene = Scene(life, f"stage {name}")
        await STAGES[name](scene)
        await scene.over()
    life.hush(False)


async def _goes_on(scene: Scene) -> None:
    """Whoever has the log now says something, and it counts."""
    found = await scene.owner()
    if found is not None:
        found[1].say(scene.chance.among(SIZES))
        await scene.until(lambda: not found[1].flying, _OWNED_S)


def _if_entries(fate: Callable[[], Fate]) -> Callable[[str], Fate | None]:
    """The fate of writes that hold entries."""
    return lambda cql: fate() if "INTO log" in cql else None


def _as_it_adopts(call: Callable[[], None]) -> Callable[[str], Fate | None]:
    """Call it when a log's rows were read, and before its tip is written."""

    def fates(cql: str) -> Fate | None:
        if "INTO tips" in cql:
            call()
        return None

    return fates


#: {name: one of them}
STAGES: dict[str, Callable[[Scene], Awaitable[None]]] = {
    "late rows": late_rows,
    "asleep": asleep,
    "in doubt": in_doubt,
    "torn": torn,
    "unheard": unheard,
    "behind": behind,
}

__all__ = ["EACH", "STAGES", "Scene", "act"]
