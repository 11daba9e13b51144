"""A fault that crashes one kind of actor at one of its steps, wherever that is.

    step      a message is about to be handled, or was handled; a handler goes on after a wait; a
              call to the store, the cluster, the directory or a device is about to be made, or was

Steps are counted over all actors of the kind. To crash it everywhere: at step 1, 2, ... until the
fault does not fire any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, cast

from hubbub.actors.conversation import ConversationActor
from hubbub.actors.eraser import EraserActor
from hubbub.actors.ports import Connection
from hubbub.actors.runtime.actor import LoopActor
from hubbub.actors.runtime.exits import ExitListener
from hubbub.actors.runtime.ref import LoopActorRef
from hubbub.actors.session import SessionActor
from hubbub.actors.user import UserActor
from hubbub.config.errors import UnavailableError
from hubbub.config.ids import ConvId, UserId
from hubbub.supervision.chat import Chat


class InjectedError(Exception):
    """Nothing of ours: what a bug would raise."""


class CrashAt:
    """The fault.

    Attributes:
        at: The step it fires at, from 1; 0 for never.
        steps: How many there were.
        fired: Where it fired; "" as long as it did not.
    """

    def __init__(self, at: int) -> None:
        self.at = at
        self.steps = 0
        self.fired = ""

    def step(self, where: str) -> None:
        """One step is reached."""
        self.steps += 1
        if self.steps == self.at:
            self.fired = where
            raise InjectedError(where)


class Scope:
    """One actor's steps: what is called on its behalf outside of its handlers is none."""

    def __init__(self, fault: CrashAt) -> None:
        self._fault = fault
        self._inside = False

    def step(self, where: str) -> None:
        if self._inside:
            self._fault.step(where)

    def tap(self, port: Any) -> Any:
        """A port whose calls are steps."""
        return Tap(port, self)

    def run(self, what: str, call: Callable[[], Any]) -> Any:
        """A handler, from its beginning to its end or its first wait."""
        self._inside = True
        try:
            self.step(f"before {what}")
            result = call()
            if result is None:
                self.step(f"after {what}")
                return None
        finally:
            self._inside = False
        return self._rest(what, result)

    async def _rest(self, what: str, awaitable: Awaitable[Any]) -> Any:
        return await Stepwise(self, what, awaitable)

    def resumed(self, what: str, go_on: Callable[[], Any]) -> Any:
        """A handler, from one wait to the next."""
        self._inside = True
        try:
            return go_on()
        finally:
            self._inside = False

    def after(self, what: str) -> None:
        self._inside = True
        try:
            self.step(f"after {what}")
        finally:
            self._inside = False


class Stepwise:
    """An awaitable whose every resumption is a step."""

    def __init__(self, scope: Scope, what: str, awaitable: Awaitable[Any]) -> None:
        self._scope = scope
        self._what = what
        self._awaitable = awaitable

    def __await__(self) -> Generator[Any, Any, Any]:
        inner: Any = self._awaitable.__await__()
        thrown: BaseException | None = None
        begun = False
        while True:

            def go_on(thrown: BaseException | None = thrown, begun: bool = begun) -> Any:
                if thrown is not None:
                    return inner.throw(thrown)
                if begun:
                    try:
                        self._scope.step(f"within {self._what}")
                    except InjectedError as error:
                        # So that what it has to clean up is cleaned up.
                        return inner.throw(error)
                return next(inner)

            try:
                waits_for = self._scope.resumed(self._what, go_on)
            except StopIteration as stop:
                self._scope.after(self._what)
                return stop.value
            thrown, begun = None, True
            try:
                yield waits_for
            except BaseException as error:  # noqa: BLE001 - a kill goes to the handler
                thrown = error


class Tap:
    """A port; see `Scope.tap`."""

    def __init__(self, port: Any, scope: Scope) -> None:
        self._port = port
        self._scope = scope

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        if name == "outbox":
            return Tap(value, self._scope)
        if not callable(value):
            return value

        def call(*args: Any, **kwargs: Any) -> Any:
            self._scope.step(f"before {name}")
            result: Any = value(*args, **kwargs)
            if hasattr(result, "__await__") or hasattr(result, "__anext__"):
                return result
            self._scope.step(f"after {name}")
            if name == "connection" and result is not None:
                return Tap(result, self._scope)
            if name == "connections":
                return [Tap(each, self._scope) for each in cast(list[Any], result)]
            return result

        return call


class _Stepped(LoopActor):
    scope: Scope

    def on_start(self) -> Any:
        return self.scope.run("start", super().on_start)

    def on_receive(self, message: Any) -> Any:
        receive = super().on_receive
        return self.scope.run(type(message).__name__, lambda: receive(message))


class SteppedConversation(_Stepped, ConversationActor):
    """A Conversation whose steps are counted."""

    def __init__(
        self, fault: CrashAt, conv: ConvId, store: Any, cluster: Any, limits: Any, watchers: Any
    ) -> None:
        self.scope = scope = Scope(fault)
        ConversationActor.__init__(
            self, conv, scope.tap(store), scope.tap(cluster), limits, watchers
        )


class SteppedUser(_Stepped, UserActor):
    """A User whose steps are counted."""

    def __init__(
        self,
        fault: CrashAt,
        user: UserId,
        store: Any,
        cluster: Any,
        directory: Any,
        limits: Any,
        watchers: Any,
        far: Any,
    ) -> None:
        self.scope = scope = Scope(fault)
        taps = scope.tap(store), scope.tap(cluster), scope.tap(directory)
        UserActor.__init__(self, user, *taps, limits, watchers, far)


class SteppedEraser(_Stepped, EraserActor):
    """An Eraser whose steps are counted."""

    def __init__(self, fault: CrashAt, user: UserId, memberships: Any, asker: Any) -> None:
        self.scope = scope = Scope(fault)
        EraserActor.__init__(self, user, scope.tap(memberships), scope.tap(asker))


class SteppedSession(_Stepped, SessionActor):
    """A Session whose steps are counted."""

    def __init__(
        self,
        fault: CrashAt,
        connection: Connection,
        store: Any,
        cluster: Any,
        asker: Any,
        limits: Any,
    ) -> None:
        self.scope = scope = Scope(fault)
        ports = (scope.tap(connection), scope.tap(store), scope.tap(cluster))
        SessionActor.__init__(self, *ports, asker, limits)


class SteppedChat(Chat):
    """A chat whose actors of one kind have the fault.

    Attributes:
        kind: "conversation", "user", "session" or "eraser".
    """

    kind: str
    fault: CrashAt

    def _conversation(self, name: str, exits: ExitListener) -> LoopActorRef[ConversationActor]:
        if self.kind != "conversation":
            return super()._conversation(name, exits)
        conv = ConvId(name.removeprefix("conv:"))
        ports = (self.store, self.cluster)
        ref: LoopActorRef[ConversationActor] = self.system.spawn(
            SteppedConversation, self.fault, conv, *ports, self.limits, self.watchers,
            name=name, parent=exits,
        )  # fmt: skip
        return ref

    def _user(self, name: str, exits: ExitListener) -> LoopActorRef[UserActor]:
        if self.kind != "user":
            return super()._user(name, exits)
        user = UserId(name.removeprefix("user:"))
        ports = (self.store, self.cluster, self.directory)
        ref: LoopActorRef[UserActor] = self.system.spawn(
            SteppedUser, self.fault, user, *ports, self.limits, self.watchers, self.far,
            name=name, parent=exits,
        )  # fmt: skip
        return ref

    def _eraser(self, name: str, exits: ExitListener) -> LoopActorRef[EraserActor]:
        if self.kind != "eraser":
            return super()._eraser(name, exits)
        user = UserId(name.removeprefix("erase:"))
        return self.system.spawn(
            SteppedEraser, self.fault, user, self.store, self.asker, name=name, parent=exits
        )

    def _session(self, name: str, exits: ExitListener) -> LoopActorRef[SessionActor]:
        if self.kind != "session":
            return super()._session(name, exits)
        connection = self.directory.connection(name)
        if connection is None:
            raise UnavailableError("Its connection is gone.")
        ports = (self.store, self.cluster, self.asker)
        return self.system.spawn(
            SteppedSession, self.fault, connection, *ports, self.limits, name=name, parent=exits
        )


__all__ = ["CrashAt", "InjectedError", "SteppedChat"]
