"""The node's tree: the one file that knows all parts, and hands each what it needs.

    node (rest_for_one):  store -> edge -> cluster -> conversations* -> users* -> sessions*
                          -> erasers* -> opening -> control       * partitioned, dynamic

The edge stands before the actors: when one of them gives up, sockets stay, and get new sessions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from ..actors.runtime.exits import Exit, ExitListener
from ..actors.runtime.system import ActorSystem
from ..config.clock import LoopClock, SystemChance
from ..config.settings import Settings
from ..config.version import VERSION
from ..storage.contract import Store
from ..transport.discovery import About
from ..transport.edge.edge import Edge
from ..transport.edge.http.app import build_app
from ..transport.edge.http.limiter import Limiter
from ..transport.edge.http.operator_door import OperatorDoor
from ..transport.edge.http.pages import WebFiles
from ..transport.edge.http.passwords import Passwords
from ..transport.edge.http.services import Services
from ..transport.edge.listener import STOP_S, Listener
from ..transport.edge.origins import Origins
from ..transport.edge.tokens import Tokens
from ..web import STATIC, asset_hash
from .chat import Chat
from .clusters import check_redis, keep_apart, make_cluster
from .control import Control
from .data_dir import DataDir
from .demo import close_demo, open_demo
from .drain import SHORT_S, Departure, drain, drain_command
from .operator import StoreOperator, commands
from .picture import tree_command
from .root import ROOT, running
from .spec import ChildSpec
from .status import status_command, statuses
from .stores import make_store
from .watchdog import Watchdog

log = structlog.get_logger(__name__)


class Node:
    """A chat with an edge, on embedded storage.

    Attributes:
        chat: The actors.
        edge, listener: Of this life.
        departure: Whether an operator has told it to go.
    """

    edge: Edge
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
        self.chat.about = self._about
        self.departure = Departure(settings.node, settings.drain_s, lambda: len(self.edge))

    def specs(self) -> list[ChildSpec]:
        """The children, in the order of starting."""
        edge = ChildSpec("edge", self._edge, shutdown=STOP_S)
        return [*self.chat.specs([edge]), ChildSpec("control", self._control)]

    def not_ready(self) -> str:
        """Why it is to be sent nobody just now, in a sentence; "" when it takes more traffic."""
        if (why := self._shut()) or self.chat.cluster.serves:
            return why
        return "This node is cut off from the others: it is in no view."

    async def drain(self, over_s: float) -> None:
        """Take leave of everybody; see `drain`."""
        self.chat.draining = True
        await drain(self.chat.cluster, self.edge, over_s)

    def operator(self) -> StoreOperator:
        """What an operator can do with it."""
        chat = self.chat
        return StoreOperator(
            chat.store, self._passwords, chat.cluster.tell, self._system.clock, self._system.chance
        )

    def close(self) -> None:
        """Leave no thread behind."""
        self._passwords.close()

    def _shut(self) -> str:
        if not self.chat.open:
            return "This node is starting."
        if self.chat.draining:
            return "This node is going away."
        return "" if self.edge.wants_more else "This node is full."

    def _about(self) -> About:
        # A node that is alone is where it was asked; others have to be told where it is.
        own = self.listener.ws_url if self._settings.redis else ""
        return About(
            address=self._settings.public_url or own,
            version=VERSION,
            load=self.edge.load,
            full=bool(self._shut()),
        )

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
        if settings.redis:
            await check_redis(settings)
            await keep_apart(chat.store, settings.cluster)
        tokens = Tokens(
            chat.store,
            chat.cluster,
            clock,
            chance,
            await chat.store.secret("access", chance.token(32)),
            await chat.store.secret("refresh", chance.token(32)),
        )
        self.edge = edge = Edge(
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
                not_ready=self.not_ready,
                discovery=chat.cluster,
                origins=Origins(settings.origins),
                sign_up_open=settings.sign_up == "open",
                metrics_public=settings.metrics_public,
                operator=self._operator_door(),
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

    def _operator_door(self) -> OperatorDoor | None:
        token_file = self._settings.operator_token_file
        if not token_file:
            return None
        return OperatorDoor.open(token_file, self.departure.order, partial(statuses, self.chat))

    def _control(self, _exits: ExitListener) -> Control:
        offered = {
            **commands(self.operator()),
            "drain": drain_command(self.departure),
            "status": status_command(self.chat),
            "tree": tree_command(self._system, ROOT),
        }
        return Control(self._data, offered, self._system.tasks.start)


async def serve(settings: Settings, *, ready: Callable[[str], None] | None = None) -> bool:
    """Run a node until this is cancelled, or an operator drains it; then stop it in order.

    Args:
        ready: Called with the node's address once it takes traffic: it has started, and has been
            in a view.

    Returns: whether an operator drained it; it ends by itself otherwise.

    Raises:
        StartError: It cannot start; one clear line.
        GaveUpError: It failed too often to go on.
    """
    with DataDir(settings.data) as data:
        async with ActorSystem(clock=LoopClock(), chance=SystemChance()) as system:
            node = Node(settings, system, data)
            try:
                return await _serve(node, settings, system, ready)
            finally:
                node.close()


async def _serve(
    node: Node, settings: Settings, system: ActorSystem, ready: Callable[[str], None] | None
) -> bool:
    async with running(system, node.specs()) as ended:
        await (open_demo if settings.demo else close_demo)(node.operator())
        # From here on: what a start does at once (reading schemas, say) keeps nobody waiting.
        watchdog = Watchdog(system.clock, node.chat.metrics)
        await watchdog.start()
        telling = system.tasks.start(_tell(node, ready), "ready")
        try:
            return await _until_it_goes(node, ended)
        except asyncio.CancelledError:
            await node.drain(min(settings.drain_s, SHORT_S))
            raise
        finally:
            telling.cancel()
            await watchdog.stop()


async def _tell(node: Node, ready: Callable[[str], None] | None) -> None:
    await node.chat.entered.wait()
    if ready is not None:
        ready(node.listener.url)


async def _until_it_goes(node: Node, ended: asyncio.Future[Exit]) -> bool:
    ordered = node.departure.ordered
    await asyncio.wait((ended, ordered), return_when=asyncio.FIRST_COMPLETED)
    if ordered.done():
        await node.drain(ordered.result())
    if ended.done() and (reason := ended.result().reason) is not None:
        raise reason
    return ordered.done()


__all__ = ["Node", "serve"]
