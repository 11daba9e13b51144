"""The node's tree: the one file that knows all parts, and hands each what it needs.

    node (rest_for_one):  store -> edge -> cluster -> conversations* -> users* -> sessions*
                          -> erasers* -> opening -> control       * partitioned, dynamic

The edge stands before the actors: when one of them gives up, sockets stay, and get new sessions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from ..actors.runtime.exits import Exit, ExitListener
from ..actors.runtime.system import ActorSystem
from ..config.clock import LoopClock, SystemChance
from ..config.settings import Settings
from ..storage.contract import Store
from ..transport.edge.edge import Edge
from ..transport.edge.http.app import build_app
from ..transport.edge.http.limiter import Limiter
from ..transport.edge.http.pages import WebFiles
from ..transport.edge.http.passwords import Passwords
from ..transport.edge.http.services import Services
from ..transport.edge.listener import Listener
from ..transport.edge.origins import Origins
from ..transport.edge.tokens import Tokens
from ..web import STATIC, asset_hash
from .chat import Chat
from .clusters import make_cluster
from .control import Control
from .data_dir import DataDir
from .demo import close_demo, open_demo
from .operator import StoreOperator, commands
from .picture import tree_command
from .root import ROOT, running
from .spec import ChildSpec
from .stores import make_store
from .watchdog import Watchdog

log = structlog.get_logger(__name__)


class Node:
    """A chat with an edge, on embedded storage.

    Attributes:
        chat: The actors.
        listener: Of this life.
        draining: It goes away: no traffic any more.
    """

    listener: Listener

    def __init__(self, settings: Settings, system: ActorSystem, data: DataDir) -> None:
        self._settings = settings
        self._system = system
        self._data = data
        self._passwords = Passwords()
        self.chat = Chat(
            system,
            self._make_store,
            limits=settings.limits,
            node=settings.node,
            cluster=make_cluster(settings),
        )
        self.draining = False

    def specs(self) -> list[ChildSpec]:
        """The children, in the order of starting."""
        edge = ChildSpec("edge", self._edge)
        return [*self.chat.specs([edge]), ChildSpec("control", self._control)]

    def ready(self) -> bool:
        """Whether it may take traffic."""
        return self.chat.open and not self.draining

    def operator(self) -> StoreOperator:
        """What an operator can do with it."""
        chat = self.chat
        return StoreOperator(
            chat.store, self._passwords, chat.cluster.tell, self._system.clock, self._system.chance
        )

    def close(self) -> None:
        """Leave no thread behind."""
        self._passwords.close()

    def _make_store(self) -> Store:
        return make_store(
            self._settings,
            self._data,
            self._system.tasks.start,
            unsettled=self.chat.take_up,
            clock=self._system.clock,
            metrics=self.chat.metrics,
        )

    async def _edge(self, exits: ExitListener) -> Listener:
        settings, chat = self._settings, self.chat
        clock, chance = self._system.clock, self._system.chance
        tokens = Tokens(
            chat.store,
            chat.cluster,
            clock,
            chance,
            await chat.store.secret("access", chance.token(32)),
            await chat.store.secret("refresh", chance.token(32)),
        )
        edge = Edge(
            self._system,
            chat.nursery,
            tokens,
            chat.directory,
            limits=chat.limits,
            node=settings.node,
            incarnation=chat.incarnation,
            clock=clock,
            chance=chance,
            metrics=chat.metrics,
            origins=settings.origins,
            max_connections=settings.max_connections,
            heartbeat_s=settings.heartbeat_s,
        )
        app = build_app(
            Services(
                store=chat.store,
                asker=chat.asker,
                cluster=chat.cluster,
                tokens=tokens,
                passwords=self._passwords,
                limiter=Limiter.of(chat.limits, clock),
                limits=chat.limits,
                metrics=chat.metrics,
                clock=clock,
                chance=chance,
                web=WebFiles(STATIC, asset_hash()),
                ready=self.ready,
                origins=Origins(settings.origins),
                sign_up_open=settings.sign_up == "open",
                metrics_public=settings.metrics_public,
            )
        )
        # Now, and not when it is first asked for: making it holds the loop.
        app.openapi()
        self.listener = Listener(
            edge,
            app,
            host=settings.host,
            port=settings.port,
            tls_cert=settings.tls_cert,
            tls_key=settings.tls_key,
            trusted_proxies=settings.trusted_proxies,
            failed=lambda error: exits(Exit(None, "edge", error)),
        )
        return self.listener

    def _control(self, _exits: ExitListener) -> Control:
        offered = {**commands(self.operator()), "tree": tree_command(self._system, ROOT)}
        return Control(self._data, offered, self._system.tasks.start)


async def serve(settings: Settings, *, ready: Callable[[str], None] | None = None) -> None:
    """Run a node until this is cancelled; then drain it and stop it in order.

    Args:
        ready: Called with the node's address once it takes traffic.

    Raises:
        StartError: It cannot start; one clear line.
        GaveUpError: It failed too often to go on.
    """
    with DataDir(settings.data) as data:
        async with ActorSystem(clock=LoopClock(), chance=SystemChance()) as system:
            node = Node(settings, system, data)
            try:
                await _serve(node, settings, system, ready)
            finally:
                node.close()


async def _serve(
    node: Node, settings: Settings, system: ActorSystem, ready: Callable[[str], None] | None
) -> None:
    async with running(system, node.specs()) as ended:
        await (open_demo if settings.demo else close_demo)(node.operator())
        # From here on: what a start does at once (reading schemas, say) keeps nobody waiting.
        watchdog = Watchdog(system.clock, node.chat.metrics)
        await watchdog.start()
        if ready is not None:
            ready(node.listener.url)
        try:
            exit = await ended
        except asyncio.CancelledError:
            node.draining = True
            await node.listener.drain(settings.drain_s)
            raise
        finally:
            await watchdog.stop()
        if exit.reason is not None:
            raise exit.reason


__all__ = ["Node", "serve"]
