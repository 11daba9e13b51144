"""The opening handshake: one request in, one response out, by a parser that is thrown away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from http import HTTPStatus

from websockets.datastructures import Headers, MultipleValuesError
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from .origins import Origins
from .parser_pool import quiet

#: The one path that may be upgraded.
PATH = "/ws"

#: The answer to what is no upgrade request.
NONSENSE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The upgrade is made once these bytes are written."""

    response: bytes
    subprotocol: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """These bytes say why not; then the connection closes."""

    response: bytes
    status: int


class Handshake:
    """Answers upgrade requests.

    Args:
        subprotocols: In the order of our preference; a client has to offer one of them.
        origins: Whose pages may connect.
    """

    def __init__(self, subprotocols: Collection[str], origins: Origins) -> None:
        self._subprotocols = [Subprotocol(name) for name in subprotocols]
        self._origins = origins

    def answer(
        self, data: bytes, *, secure: bool, refuse: str | None = None
    ) -> Accepted | Rejected:
        """The response to an upgrade request.

        Args:
            data: The whole request.
            secure: Whether it came by TLS of our own.
            refuse: Why nobody is let in just now (503), or None.
        """
        protocol = ServerProtocol(subprotocols=self._subprotocols, logger=quiet)
        try:
            return self._answer(protocol, data, secure, refuse)
        finally:
            # It and its parser hold each other; nobody should have to find that out later.
            protocol.parser.close()

    def _answer(
        self, protocol: ServerProtocol, data: bytes, secure: bool, refuse: str | None
    ) -> Accepted | Rejected:
        protocol.receive_data(data)
        events = protocol.events_received()
        if not events or not isinstance(events[0], Request):
            # Too long a head is answered by the library; other nonsense is dropped in silence.
            said = b"".join(protocol.data_to_send())
            return Rejected(said or NONSENSE, int((said or NONSENSE)[9:12]))
        request = events[0]
        response = self._rejection(protocol, request, secure, refuse) or protocol.accept(request)
        protocol.send_response(response)
        data = b"".join(protocol.data_to_send())
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS or protocol.subprotocol is None:
            return Rejected(data, response.status_code)
        return Accepted(data, protocol.subprotocol)

    def _rejection(
        self, protocol: ServerProtocol, request: Request, secure: bool, refuse: str | None
    ) -> Response | None:
        if request.path.partition("?")[0] != PATH:
            return protocol.reject(HTTPStatus.NOT_FOUND, f"WebSockets are at {PATH}.\n")
        try:
            origin, host = request.headers.get("Origin"), request.headers.get("Host")
        except MultipleValuesError:
            return protocol.reject(HTTPStatus.BAD_REQUEST, "One Host, at most one Origin.\n")
        if not host:
            return protocol.reject(HTTPStatus.BAD_REQUEST, "A Host is needed.\n")
        if origin is not None and not self._origins.is_ours(origin, host, secure=secure):
            return protocol.reject(HTTPStatus.FORBIDDEN, "Not from that origin.\n")
        if refuse is not None:
            response = protocol.reject(HTTPStatus.SERVICE_UNAVAILABLE, f"{refuse}\n")
            _add(response.headers, "Retry-After", "5")
            return response
        return None


def _add(headers: Headers, name: str, value: str) -> None:
    headers[name] = value


__all__ = ["NONSENSE", "PATH", "Accepted", "Handshake", "Rejected"]
