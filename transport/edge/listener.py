"""The one port of a node: uvicorn in this process, for HTTP and for the upgrades to WebSocket.

socket -> uvicorn ──> the FastAPI application
            └─ upgrade ─> the edge's Holder; nothing of uvicorn stays in its path
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import Callable, Collection, Generator
from pathlib import Path
from typing import Any, Final

import uvicorn
from uvicorn.config import Config

from ...config.errors import StartError
from ...config.units import SECONDS
from ..wire.codes import CloseCode
from .bounded_http import BoundedHttp
from .edge import CLOSED_S, Edge
from .handshake import PATH

#: How long requests under way have at the end.
GRACE_S: Final = 5 * SECONDS
#: The longest time that `stop` takes: first the connections close, then the requests end. Whoever
#: supervises a listener gives it as long, or sockets are cut that are closing in order.
STOP_S: Final = CLOSED_S + GRACE_S + 1 * SECONDS
#: Connections that the kernel holds until they are accepted.
BACKLOG: Final = 2048


class Listener:
    """A service: it listens from `start` to `stop`.

    Args:
        app: The ASGI application.
        port: 0 takes a free one.
        tls_cert, tls_key: The certificate chain and its key, as PEM; None speaks plain HTTP.
        trusted_proxies: Addresses and networks whose X-Forwarded-* headers are believed.
        failed: Called when the server ends by itself.
    """

    def __init__(
        self,
        edge: Edge,
        app: Any,
        *,
        host: str,
        port: int,
        tls_cert: Path | None = None,
        tls_key: Path | None = None,
        trusted_proxies: Collection[str] = (),
        failed: Callable[[BaseException], object] | None = None,
    ) -> None:
        self._edge = edge
        self._app = app
        self._host = host
        self._wanted_port = port
        self._tls = None if tls_cert is None or tls_key is None else (tls_cert, tls_key)
        self._proxies = trusted_proxies
        self._failed = failed
        self._sockets: list[socket.socket] = []
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return self._port

    @property
    def url(self) -> str:
        """Where it is found, once started."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'http' if self._tls is None else 'https'}://{host}:{self._port}"

    @property
    def ws_url(self) -> str:
        """Where its WebSockets are, once started."""
        return f"ws{self.url.removeprefix('http')}{PATH}"

    async def start(self) -> None:
        """Listen.

        Raises:
            StartError: The port is taken, the host is not ours, or the TLS files are no good.
        """
        context = None if self._tls is None else _context(*self._tls)
        self._sockets = await self._bind()
        self._port = self._sockets[0].getsockname()[1]
        server = _Server(self._config(context))
        task = self._edge.tasks.start(server.serve(sockets=self._sockets), "listener")
        task.add_done_callback(lambda _: server.is_up.set())
        await server.is_up.wait()
        if not server.started:
            self._close_sockets()
            raise StartError("The listener could not start; the log says why.")
        self._server, self._task = server, task
        task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Close all connections and stop listening; requests under way are finished."""
        server, task = self._server, self._task
        self._server = self._task = None
        if server is None or task is None:
            return
        server.stop_accepting()
        await self._edge.close(CloseCode.RESTART)
        server.end()
        await asyncio.wait((task,))
        self._close_sockets()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._task is task and self._failed is not None and not task.cancelled():
            self._failed(task.exception() or RuntimeError("the listener ended by itself"))

    def _config(self, context: ssl.SSLContext | None) -> Config:
        return Config(
            self._app,
            http=BoundedHttp,
            ws=self._edge.protocol_class(),
            # Ours are bound, and the loop is running.
            lifespan="off",
            interface="asgi3",
            # The node's own logging shows uvicorn's; it never logs a request.
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(self._proxies),
            forwarded_allow_ips=list(self._proxies),
            backlog=BACKLOG,
            timeout_graceful_shutdown=round(GRACE_S),
            ssl_context_factory=None if context is None else lambda _config, _default: context,
        )

    async def _bind(self) -> list[socket.socket]:
        sockets: list[socket.socket] = []
        port = self._wanted_port
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                self._host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            # A name can have an address of each family; port 0 is to be the same one for both.
            for family, _, _, _, address in dict.fromkeys(found):
                sockets.append(_bound(family, (address[0], port, *address[2:])))
                port = sockets[0].getsockname()[1]
        except OSError as error:
            for one in sockets:
                one.close()
            raise StartError(_cannot_listen(self._host, self._wanted_port, error)) from error
        return sockets

    def _close_sockets(self) -> None:
        for one in self._sockets:
            one.close()
        self._sockets = []


class _Server(uvicorn.Server):
    """uvicorn's, without its hold on signals: those are the node's."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()
        self._exit = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say when it is done."""
        await super().startup(sockets)
        self.is_up.set()

    async def main_loop(self) -> None:
        """Keep the Date header fresh until the end, which comes at once when it is called for."""
        while not self._exit.is_set():
            await self.on_tick(0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._exit.wait(), 1 * SECONDS)

    def stop_accepting(self) -> None:
        """Take no new sockets; those here stay."""
        for server in self.servers:
            server.close()

    def end(self) -> None:
        """Finish what is under way and end."""
        self.should_exit = True
        self._exit.set()


def _bound(family: int, address: tuple[Any, ...]) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.setblocking(False)
        one.bind(address)
        # Now, so that a taken port shows here and not in uvicorn.
        one.listen(BACKLOG)
    except OSError:
        one.close()
        raise
    return one


def _cannot_listen(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; choose another one with --port."
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}."


def _context(cert: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path, what in ((cert, "certificate"), (key, "key")):
        if not path.is_file():
            raise StartError(f"The TLS {what} {path} is not there.")
    try:
        # Without a passphrase given, OpenSSL would ask for one on the terminal.
        context.load_cert_chain(cert, key, password=lambda: "")
    except ssl.SSLError as error:
        raise StartError(
            f"The TLS certificate {cert} and key {key} do not work: {error.reason or error}."
        ) from error
    except OSError as error:
        raise StartError(f"Cannot read the TLS files: {error.strerror}.") from error
    return context


__all__ = ["BACKLOG", "GRACE_S", "STOP_S", "Listener"]
