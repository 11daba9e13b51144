"""People who talk at a fixed rate, whatever happens, and remember what they were promised.

    async with Load(Addresses(base), devices=60) as load:
        load.talk()
        ...                      a fault, and its end
        await load.back()        everybody is connected again
        await load.rest()        nobody says anything; what is under way comes to its end
        verdict = await load.verdict()

It is on the loop it is run on: a test that blocks its own loop blinds it, and `blind_s` tells.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.support.town import Town

from hubbub.testkit.simulation.chain import Item
from hubbub.testkit.simulation.chance import SeededChance

from .device import Addresses, Device
from .population import Population, found, settle
from .reading import whole_logs
from .record import Record
from .stillness import Still, Stillness
from .verdict import Verdict, judge

#: How long everything may take to heal by itself: a reconnect's longest jitter, and a little.
HEALS_S = 45.0
#: An access token is valid for 15 minutes; a load is over before it has to be renewed.
LIFE_S = 780.0
#: Texts that are handed in at one moment, so that commits are of several and a fault finds some.
BURST = 6
#: A device with so many texts without a fate hands in no more: the load is bounded.
MOST_OPEN = 64
#: How closely it is looked whether something holds.
_LOOK_S = 0.05
#: What came twice, or too late, has come by then.
_QUIET_S = 0.5


class Load:
    """See the module.

    Attributes:
        addresses: Where its devices find nodes.
        stillness: How long acknowledgements stood still.
        blind_s: How late its own loop came to hand something in, at worst, since it last began.
        held_back: Texts that were not handed in since too many were open.
    """

    def __init__(
        self,
        addresses: Addresses,
        *,
        devices: int = 60,
        per_s: float = 40.0,
        jitter_s: float = 8.0,
        seed: int = 1,
    ) -> None:
        """Nobody is there yet.

        Args:
            addresses: Where nodes are; people sign up at the first.
            devices: How many people, each with one; an even number.
            per_s: Texts that all of them together hand in, a second.
            jitter_s: The longest that a device waits before it connects again.
        """
        self.addresses = addresses
        self.stillness = Stillness()
        self.blind_s = 0.0
        self.held_back = 0
        self._town = Town(addresses.bases[0])
        self._size = devices
        self._every_s = BURST / per_s
        self._jitter_s = jitter_s
        self._seed = seed
        self._chance = SeededChance(seed, "load")
        self._population = Population((), {}, {})
        #: {conversation: the newest seq that anybody was promised}
        self._newest: dict[str, int] = {}
        self._said = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._ends_at = 0.0
        self._bursts: list[asyncio.Future[None]] = []

    async def __aenter__(self) -> Load:
        try:
            await self._begin()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        self._ends_at = loop.time() + LIFE_S
        people = await self._town.crowd(self._size)
        devices = [
            Device(
                person,
                self.addresses,
                SeededChance(self._seed, person.user),
                jitter_s=self._jitter_s,
                handed_in=self._handed_in,
                on_record=self._on_record,
            )
            for person in people
        ]
        self._population = Population(devices, {}, {})
        for device in devices:
            device.start()
        await self.back()
        founded = found(devices)
        await self._until(lambda: all(item.fate != "open" for _, item in founded.values()))
        assert {item.fate for _, item in founded.values()} == {"acked"}, "a group was refused"
        self._newest = dict.fromkeys(founded, 1)
        groups = {c: users for c, (users, _) in founded.items()}
        self._population = settle(devices, groups)

    async def __aexit__(self, *failure: object) -> None:
        self.hush()
        for device in self.devices:
            device.rest()
        await self.addresses.gone()
        await self._town.__aexit__()

    @property
    def devices(self) -> list[Device]:
        """One of each person."""
        return list(self._population.devices)

    @property
    def acked(self) -> int:
        """Texts that were acknowledged so far."""
        return sum(len(chain.done) for d in self.devices for chain in d.chains.values())

    # --- what a fault run does with it ----------------------------------------------------------

    def talk(self) -> None:
        """Hand in texts at the rate from now on.

        Raises:
            RuntimeError: Its life is over: nobody could sign in any more.
        """
        self.hush()
        self.blind_s = 0.0
        self._due = asyncio.get_running_loop().time()
        if self._due >= self._ends_at:
            raise RuntimeError(f"a load lives for {LIFE_S:.0f} s")
        self._tick()

    def hush(self) -> None:
        """Hand in no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def more(self, acks: int) -> bool:
        """Wait until so many more texts were acknowledged, for as long as healing may take.

        Returns: whether they were.
        """
        enough = self.acked + acks
        return await self._until(lambda: self.acked >= enough)

    async def burst(self) -> None:
        """Wait, while it talks, until texts were handed in just now."""
        handed_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._bursts.append(handed_in)
        await handed_in

    async def back(self) -> float:
        """Wait until every device is connected, for as long as healing may take.

        Returns: how long that took, in seconds.
        """
        began = asyncio.get_running_loop().time()
        await self._until(lambda: all(device.online for device in self.devices))
        return asyncio.get_running_loop().time() - began

    async def rest(self) -> bool:
        """Say nothing more, and let come what has to come, for as long as healing may take.

        Returns: whether everybody has everything by then.
        """
        self.hush()
        through = await self._until(self._through)
        await asyncio.sleep(_QUIET_S)
        return through

    async def verdict(self) -> Verdict:
        """What it all came to, from the beginning until now; only at rest it says anything."""
        readers = {str(device.user): device.person for device in self.devices}
        shown = {
            c: readers[users[0]]
            for c, users in self._population.members.items()
            if c in self._newest
        }
        logs = await whole_logs(shown)
        return judge(self.records(), logs, self._population.members)

    def records(self) -> list[Record]:
        """What each device has to tell."""
        return [device.record() for device in self.devices]

    def longest_still(self, since: float) -> Still | None:
        """The longest time in which acknowledgements stood still, since this time of the loop."""
        return self.stillness.longest(since, asyncio.get_running_loop().time())

    # --- inside ---------------------------------------------------------------------------------

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        self.blind_s = max(self.blind_s, now - self._due)
        while self._due <= now:
            self._due += self._every_s
            for _ in range(BURST):
                self._say_something()
        bursts, self._bursts = self._bursts, []
        for burst in bursts:
            burst.set_result(None)
        if now < self._ends_at:
            self._timer = loop.call_at(self._due, self._tick)

    def _say_something(self) -> None:
        device = self._chance.among(self._population.devices)
        if device.open_items >= MOST_OPEN:
            self.held_back += 1
            return
        where = self._chance.among(self._population.places[device.user])
        self._said += 1
        if where.startswith("d_"):
            one, other = self._population.members[where]
            where = other if one == device.user else one
        device.say(where, f"{device.name} says {self._said}")

    def _handed_in(self, c: str, _: Item) -> None:
        self.stillness.handed_in(c, asyncio.get_running_loop().time())

    def _on_record(self, c: str, item: Item) -> None:
        self.stillness.acknowledged(c, asyncio.get_running_loop().time())
        self._newest[c] = max(self._newest.get(c, 0), item.seq)

    def _through(self) -> bool:
        """Everybody is here, has every answer, and everything that anybody was promised."""
        if any(not device.online or device.open_items for device in self.devices):
            return False
        copies = {str(device.user): device.copies for device in self.devices}
        return all(
            c in copies[user] and copies[user][c].last >= newest
            for c, newest in self._newest.items()
            for user in self._population.members[c]
        )

    async def _until(self, holds: Callable[[], bool]) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + HEALS_S
        while not holds():
            if loop.time() > until:
                return False
            await asyncio.sleep(_LOOK_S)
        return True


__all__ = ["BURST", "HEALS_S", "LIFE_S", "MOST_OPEN", "Load"]
