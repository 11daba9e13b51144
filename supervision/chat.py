"""The actors of a chat under supervision, with or without an edge.

store           everything durable
(edge)          a node's listener and sockets, if there is one
cluster         answers for those who are no actor
status          answers how this node is
conversations   dynamic, partitioned
users           dynamic, partitioned
sessions        dynamic, partitioned
erasers         dynamic, partitioned: accounts that go
opening         takes up what was left unfinished
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from ..actors.asker import Asker, AskerActor
from ..actors.commands import Detach
from ..actors.conversation import ConversationActor
from ..actors.device import ActorDevice
from ..actors.eraser import EraserActor
from ..actors.far import FarTable
from ..actors.node_commands import TakeUp
from ..actors.ports import Cluster, Residents
from ..actors.residents import ResidentActors
from ..actors.roll_call import RollTaker
from ..actors.runtime.exits import ExitListener
from ..actors.runtime.ref import LoopActorRef
from ..actors.runtime.system import ActorSystem
from ..actors.session import SessionActor
from ..actors.user import UserActor
from ..actors.watch_table import WatchTable
from ..config.clock import Chance, Clock
from ..config.errors import UnavailableError
from ..config.ids import ConvId, DeviceId, UserId, letters, owner_of
from ..config.limits import Limits
from ..config.metrics import Metrics
from ..storage.contract import Store
from ..storage.memory import MemoryStore
from ..storage.records import Account
from ..transport.cluster.local_cluster import LocalCluster
from ..transport.cluster.views import View
from ..transport.discovery import About, Discovery
from ..transport.edge.directory import Directory
from .cluster_metrics import ClusterMetrics
from .drain import Owner
from .intensity import Intensity
from .nursery import SessionNursery
from .opening import Opening
from .partition import Children, PartitionSupervisor
from .root import running
from .runtime_metrics import RuntimeMetrics
from .spec import ChildKind, ChildSpec, Service
from .status import StatusActor
from .store_service import StoreService

#: One more than OTP's: a request that crashes its Session twice is answered with an error the
#: second time, and the connection lives (design, section 4).
SESSION_INTENSITY = Intensity(2)


class NodesCluster(Cluster, Discovery, Owner, Protocol):
    """The nodes, seen from one of them, which can leave; `about` tells of it.

    Attributes:
        view: The one that the node is in; None while it is in none.
        serves: Whether clients are to be sent here: it is in a view, or was a moment ago.
        owned: The shards that it owns.
        lag_s: How long it waits for the others' word.
    """

    about: Callable[[], About]

    @property
    def view(self) -> View | None: ...
    @property
    def serves(self) -> bool: ...
    @property
    def owned(self) -> frozenset[int]: ...
    @property
    def lag_s(self) -> float: ...


class ClusterService(NodesCluster, Service, Protocol):
    """A node of several: a Cluster with a life of its own; `entered` is called when it comes into
    a view."""

    entered: Callable[[], object]


#: Makes a node's Cluster of: system, store, residents, node, incarnation, metrics.
MakeCluster = Callable[[ActorSystem, Store, Residents, str, str, Metrics], ClusterService]


class Chat:
    """The parts of a chat, each handed what it needs.

    Attributes:
        open: Whether the actors take traffic.
        draining: The node goes: no more traffic.
        entered: Set once the node has been in a view, which one that is alone always is.
        store, cluster, asker: Of this life; when the store is started again there are new ones.
        directory: The connections that are here; it outlives all actors.
        living: {kind: how many actors of it live}
        about: What there is to say of this node.
    """

    store: Store
    cluster: NodesCluster
    asker: Asker

    def __init__(
        self,
        system: ActorSystem,
        make_store: Callable[[], Store],
        *,
        limits: Limits | None = None,
        metrics: Metrics | None = None,
        node: str = "n1",
        intensity: Intensity | None = None,
        cluster: MakeCluster | None = None,
    ) -> None:
        """Nothing starts yet.

        Args:
            make_store: A new store over the same data, each time.
            cluster: Makes this node one of several; None is one node that owns everything.
            intensity: Of each conversation, user and session; None is OTP's 1 in 5 s, and 2 for a
                session.
        """
        self.system = system
        self.limits = limits or Limits()
        self.metrics = metrics or Metrics()
        self.node = node
        self.incarnation = letters(system.chance.token(10))
        self.watchers = WatchTable()
        self.far = FarTable()
        self.directory = Directory()
        self.conversations = Children(system, "conversations")
        self.users = Children(system, "users")
        self.sessions = Children(system, "sessions")
        self.erasers = Children(system, "erasers")
        self.nursery = SessionNursery(self.sessions)
        self.living = {
            "conversation": self.conversations.count,
            "user": self.users.count,
            "session": self.sessions.count,
            "eraser": self.erasers.count,
        }
        self.metrics.registry.register(RuntimeMetrics(system, self.living))
        self.metrics.registry.register(ClusterMetrics(lambda: getattr(self, "cluster", None)))
        self.open = False
        self.draining = False
        self.entered = asyncio.Event()
        self.started_at = system.clock.monotonic()
        self.about: Callable[[], About] = About
        self._make_store = make_store
        self._make_cluster = cluster
        self._joined: ClusterService | None = None
        self._intensity = intensity
        self._sessions_made = 0
        system.set_activator("conv", self.conversations.start)
        system.set_activator("user", self.users.start)
        system.set_activator("erase", self.erasers.start)

    def specs(self, edge: Sequence[ChildSpec] = ()) -> list[ChildSpec]:
        """The children, in the order of starting.

        Args:
            edge: What stands between the store and the actors.
        """
        return [
            ChildSpec("store", self._store),
            *edge,
            *([ChildSpec("members", self._members)] if self._make_cluster else []),
            ChildSpec("cluster", self._cluster),
            ChildSpec("status", self._status),
            self._dynamic("conversations", self._conversation),
            self._dynamic("users", self._user, on_give_up=self._user_given_up),
            self._dynamic("sessions", self._session, SESSION_INTENSITY, self._session_given_up),
            self._dynamic("erasers", self._eraser),
            ChildSpec("opening", self._opening),
        ]

    # --- for those who embed it -----------------------------------------------------------------

    async def add_user(self, name: str) -> UserId:
        """Somebody new, who cannot sign in from outside: for tests and bots.

        Raises:
            NameTakenError: There is one of this name.
        """
        user = UserId("u_" + letters(self.system.chance.token(13))[:20])
        now = self.system.clock.now_ms()
        await self.store.create_account(Account(user, name, name.casefold(), now, ""), [])
        return user

    def attach(self, user: UserId, actor: LoopActorRef[Any], label: str = "actor") -> ActorDevice:
        """Let an actor be a device of this user: it is told what a client would get.

        Args:
            label: Tells the user's devices apart; the same one is the same device again.

        Returns: what it sends requests by; `detach` ends it.
        """
        self._sessions_made += 1
        session = f"session:{self.node}:{self.incarnation}/a{self._sessions_made}"
        device = ActorDevice(self.system, session, user, DeviceId(f"v_{label}_{user[2:]}"), actor)
        self.directory.add(device)
        self.nursery.start_session(device)
        return device

    def detach(self, device: ActorDevice) -> None:
        """The device is gone. Harmless twice."""
        self.directory.remove(device)
        self.nursery.end_session(device.session)

    def wake(self, name: str) -> None:
        """Activate an actor that has something to do, though nobody tells it anything.

        Raises:
            UnavailableError: Its supervisor is not there just now.
        """
        kind, _, _ = name.partition(":")
        of = {"user": self.users, "conv": self.conversations, "erase": self.erasers}
        of[kind].start(name)

    def take_up(self, log: ConvId) -> None:
        """Have a log taken up where it is owned: somebody reads what a dead owner left at its end.

        Best effort; whoever reads it again asks again.
        """
        self.cluster.tell(owner_of(log), TakeUp())

    # --- the children ---------------------------------------------------------------------------

    def _store(self, _exits: ExitListener) -> Service:
        self.store = self._make_store()
        who = (self.node, self.incarnation, self.metrics)
        if self._make_cluster is None:
            self.cluster = LocalCluster(self.system, self.store, *who)
            self.entered.set()
        else:
            residents = ResidentActors(
                self.system,
                self.store,
                self.watchers,
                self.far,
                self.limits.presence_grace_s,
                self.wake,
                lambda shard: self.cluster.here(shard),
            )
            self._joined = self._make_cluster(self.system, self.store, residents, *who)
            self._joined.entered = self.entered.set
            self.cluster = self._joined
        self.cluster.about = lambda: self.about()
        self.asker = Asker(self.cluster, self.system.clock, self.limits)
        return StoreService(self.store)

    def _members(self, _exits: ExitListener) -> Service:
        assert self._joined is not None
        return self._joined

    def _cluster(self, exits: ExitListener) -> LoopActorRef[AskerActor]:
        roll = RollTaker(self.directory, self.cluster)
        return self.system.spawn(AskerActor, self.asker, roll, name=self.asker.name, parent=exits)

    def _status(self, exits: ExitListener) -> LoopActorRef[StatusActor]:
        return self.system.spawn(StatusActor, self, name=f"node:{self.node}", parent=exits)

    def _opening(self, _exits: ExitListener) -> Service:
        return Opening(self)

    def _dynamic(
        self,
        name: str,
        start: Callable[[str, ExitListener], LoopActorRef[Any]],
        intensity: Intensity | None = None,
        on_give_up: Callable[[str, BaseException], object] | None = None,
    ) -> ChildSpec:
        def supervisor(exits: ExitListener) -> LoopActorRef[PartitionSupervisor]:
            return self.system.spawn(
                PartitionSupervisor,
                ChildKind(start),
                intensity=self._intensity or intensity,
                on_give_up=on_give_up,
                name=name,
                parent=exits,
            )

        return ChildSpec(name, supervisor, type="supervisor")

    def _conversation(self, name: str, exits: ExitListener) -> LoopActorRef[ConversationActor]:
        return self.system.spawn(
            ConversationActor,
            ConvId(name.removeprefix("conv:")),
            self.store,
            self.cluster,
            self.limits,
            self.watchers,
            name=name,
            parent=exits,
            mailbox_limit=self.limits.mailbox,
        )

    def _user(self, name: str, exits: ExitListener) -> LoopActorRef[UserActor]:
        return self.system.spawn(
            UserActor,
            UserId(name.removeprefix("user:")),
            self.store,
            self.cluster,
            self.directory,
            self.limits,
            self.watchers,
            self.far,
            name=name,
            parent=exits,
            mailbox_limit=self.limits.mailbox,
        )

    def _eraser(self, name: str, exits: ExitListener) -> LoopActorRef[EraserActor]:
        return self.system.spawn(
            EraserActor,
            UserId(name.removeprefix("erase:")),
            self.store,
            self.asker,
            name=name,
            parent=exits,
        )

    def _session(self, name: str, exits: ExitListener) -> LoopActorRef[SessionActor]:
        connection = self.directory.connection(name)
        if connection is None:
            raise UnavailableError("Its connection is gone.")
        return self.system.spawn(
            SessionActor,
            connection,
            self.store,
            self.cluster,
            self.asker,
            self.limits,
            name=name,
            parent=exits,
            mailbox_limit=self.limits.mailbox,
        )

    def _session_given_up(self, name: str, reason: BaseException) -> None:
        connection = self.directory.connection(name)
        if connection is not None:
            self.metrics.gave_up.labels("session").inc()
            # It is no more, so it cannot say so itself; without it the user is not online.
            self.cluster.tell(f"user:{connection.user}", Detach(name))
            connection.outbox.close(1011, "This connection's session failed; try again.")

    def _user_given_up(self, name: str, reason: BaseException) -> None:
        # What it was told and had not pushed is lost: its devices come back and sync, at their
        # own pace, instead of waiting in silence for the next message.
        self.metrics.gave_up.labels("user").inc()
        for connection in self.directory.connections(UserId(name.removeprefix("user:"))):
            connection.outbox.close(1011, "This account's actor failed; try again.")


@asynccontextmanager
async def chat(
    *,
    make_store: Callable[[], Store] | None = None,
    limits: Limits | None = None,
    clock: Clock | None = None,
    chance: Chance | None = None,
    intensity: Intensity | None = None,
) -> AsyncGenerator[Chat]:
    """A chat in this process, without sockets: `async with chat() as node: ...`

    When the block ends everything has stopped: no actor, task, timer or thread is left.

    Args:
        make_store: None is a MemoryStore, whose content lasts as long as the block.

    Raises:
        StartError: The store cannot be used.
    """
    memory = MemoryStore(clock=clock)
    async with ActorSystem(clock=clock, chance=chance) as system:
        node = Chat(system, make_store or (lambda: memory), limits=limits, intensity=intensity)
        async with running(system, node.specs()):
            yield node


__all__ = [
    "SESSION_INTENSITY",
    "Chat",
    "ClusterService",
    "MakeCluster",
    "chat",
]
