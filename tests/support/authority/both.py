"""The real thing and the model, side by side: each event happens to both, and all is compared."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack

from hypothesis import note
from tests.support.authority.model import Model, Seen
from tests.support.authority.pages import check_page
from tests.support.authority.people import Person
from tests.support.authority.rooms import Frame
from tests.support.authority.views import Phone
from tests.support.authority.world import LIMITS, Device, World, world

from hubbub.config.ids import UserId

#: More than this passes after every event, so that receipts are told before the next one.
EVENT_S = 1.0

#: What is pushed and promises nothing: it is held to its rule, not to an order.
_SOFT = ("rcpt", "typing")

NAMES = ("ana", "bo", "cy", "dee", "eve")


class Both:
    """See the module.

    Attributes:
        devices: {phone of the model: the real one}
        kept: {device: requests that it may send once more, and how each was answered}
    """

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._stack = AsyncExitStack()
        self.world: World = self._runner.run(self._stack.enter_async_context(world()))
        self.model = Model(LIMITS.presence_push_limit)
        self.devices: dict[Phone, Device] = {}
        self.kept: dict[str, list[tuple[Frame, Frame]]] = {}
        self._shut_out: list[Device] = []
        self._requests = 0
        for name in NAMES:
            user = self._runner.run(self.world.chat.add_user(name))
            self.model.people[user] = Person(user, name)

    def close(self) -> None:
        """Everything stops."""
        self._runner.run(self._stack.aclose())
        self._runner.close()

    @property
    def phones(self) -> list[Phone]:
        """Those that are connected."""
        return self.model.phones

    # --- events ---------------------------------------------------------------------------------

    def ask(self, phone: Phone, frame: Frame) -> Frame | None:
        """A request. Returns: its answer."""
        seen = self.model.ask(phone, frame)
        shown = self._happen(self._asking(phone, frame), seen)[phone]
        if seen.answer is None:
            assert not shown
            return None
        answer = _answer(shown)
        if frame["t"] == "create" and answer["t"] == "conv":
            answer.pop("re", None)
        assert answer == seen.answer, f"{answer} instead of {seen.answer}"
        if "cid" in frame and answer["t"] != "err":
            self.kept.setdefault(phone.id, []).append((frame, answer))
        return answer

    def ask_again(self, phone: Phone, frame: Frame, answer: Frame) -> None:
        """A request that was answered: nothing happens, and the first answer comes again."""
        expected = self.model.again(phone, answer)
        shown = self._happen(self._asking(phone, frame), Seen())[phone]
        assert _answer(shown) == expected

    def read(self, phone: Phone, frame: Frame) -> None:
        """A page of history."""
        shown = self._happen(self._asking(phone, frame), Seen(), 0)[phone]
        check_page(self.model.rooms.get(frame["c"]), phone.person.id, frame, _answer(shown))

    def sync(self, phone: Phone, lv: int) -> int:
        """The list. Returns: its version."""
        shown = self._happen(self._asking(phone, {"t": "sync", "lv": lv}), Seen(), 0)[phone]
        answer = _answer(shown)
        lines, gone = self.model.list_of(phone)
        assert answer["t"] == "heads" and not answer["more"]
        for line in answer["convs"]:
            brief = "c" not in line
            conv: str = line[0] if brief else line["c"]
            whole = lines.pop(conv)
            assert line == ([conv, whole["head"], whole["n"]] if brief else whole)
            assert lv or not brief
        assert not lines, "something is missing"
        told = {line["c"]: line["until"] for line in answer["gone"]}
        assert told == gone if lv == 0 else told.items() <= gone.items()
        version: int = answer["lv"]
        return version

    def connect(self, person: Person, label: str) -> None:
        """One more device, or one that comes back."""
        device = Device(self.world, UserId(person.id), label)
        phone = self.model.connect(device.id, person)
        self.devices[phone] = device
        self._happen(lambda: None, Seen())

    def hang_up(self, phone: Phone) -> None:
        """A socket is gone."""
        self.model.disconnect(phone)
        device = self.devices.pop(phone)
        self._shut_out.append(device)
        self._happen(device.hang_up, Seen())

    def revoke(self, phone: Phone) -> None:
        """A device is signed out: it is shut out at once, and gets nothing any more."""
        self.model.disconnect(phone)
        device = self.devices.pop(phone)
        self._shut_out.append(device)
        self._happen(lambda: self.world.revoke(device), Seen())
        assert device.screen.closed == 4403
        self._happen(lambda: device.ask({"t": "sync", "id": 0}), Seen())

    def set_profile(self, person: Person) -> None:
        """What the model says of a person is made so."""
        user = UserId(person.id)
        self._runner.run(
            self.world.set_profile(user, person.display, person.presence, person.write)
        )
        self._happen(lambda: None, Seen())

    def wait(self, seconds: float) -> None:
        """Nothing happens for a while."""
        self._happen(lambda: None, Seen(), seconds)

    def crash(self, name: str) -> None:
        """An actor crashes; what comes after it may tell heads, to those whose they are."""
        if name.startswith("user:"):
            person = self.model.people[name[5:]]
            if self.world.chat.system.lookup(name) is not None:
                person.crash()
        self._happen(lambda: self.world.crash(name), Seen())

    def _asking(self, phone: Phone, frame: Frame) -> Callable[[], None]:
        self._requests += 1
        note(f"{phone} asks {frame}")
        return lambda: self.devices[phone].ask(frame | {"id": self._requests})

    # --- comparing ------------------------------------------------------------------------------

    def _happen(
        self, event: Callable[[], None], seen: Seen, seconds: float = EVENT_S
    ) -> dict[Phone, list[Frame]]:
        """Let it happen, and compare what is pushed. Returns: {phone: the answers}."""
        # Who was here then may be told of first, and the grace be over a moment later.
        then = {person.id for person in self.model.people.values() if person.online}
        self._runner.run(self._let(event, seconds))
        self.model.time(self.world.now_s, self.world.now_ms)
        for device in self._shut_out:
            assert device.screen.look() == []
        answers: dict[Phone, list[Frame]] = {}
        for phone, device in self.devices.items():
            frames = device.screen.look()
            answers[phone] = [frame for frame in frames if "re" in frame]
            pushed = [frame for frame in frames if "re" not in frame]
            self._compare(phone, pushed, seen.pushed.get(phone, []))
            for frame in pushed:
                if frame["t"] == "pres":
                    self._check_presence(phone, frame, then)
                if frame["t"] == "behind":
                    # After a crash, and when somebody asks again what was done: whatever the
                    # cause, it names nothing that is not this one's to read.
                    self._check_behind(phone, frame)
            assert device.screen.closed is None
        return answers

    async def _let(self, event: Callable[[], None], seconds: float) -> None:
        event()
        await self.world.settle()
        await self.world.pass_time(seconds)

    def _compare(self, phone: Phone, pushed: list[Frame], expected: list[Frame]) -> None:
        messages = [frame for frame in pushed if frame["t"] == "msg"]
        wanted = [frame for frame in expected if frame["t"] == "msg"]
        assert messages == wanted, f"{phone.person.name} got {messages} instead of {wanted}"
        soft, owed = _sorted(pushed), _sorted(expected)
        assert soft == owed, f"{phone.person.name} got {soft} instead of {owed}"

    def _check_presence(self, phone: Phone, frame: Frame, then: set[str]) -> None:
        person = self.model.people[frame["u"]]
        assert person.id in phone.users, f"{phone.person.name} does not watch {person.name}"
        sight = self.model.sight(person.id, phone)
        assert sight == "told", f"{person.name} is {sight} to {phone.person.name}"
        assert (frame["st"] == "on") in (person.online, person.id in then)
        assert person.seen_ms <= frame["seen"] <= self.world.now_ms

    def _check_behind(self, phone: Phone, frame: Frame) -> None:
        lines, gone = self.model.list_of(phone)
        for conv, head in frame["convs"].items():
            # Who left lately may have missed it: up to the leaving, and no further.
            assert head == (lines[conv]["head"] if conv in lines else gone[conv])


def _answer(shown: list[Frame]) -> Frame:
    """The one answer, as the model has it."""
    (frame,) = shown
    del frame["re"]
    return {"t": "err", "code": frame["code"]} if frame["t"] == "err" else frame


def _sorted(frames: list[Frame]) -> list[str]:
    return sorted(json.dumps(frame, sort_keys=True) for frame in frames if frame["t"] in _SOFT)


__all__ = ["EVENT_S", "NAMES", "Both"]
