"""What the HTTP routes need, in one value that is handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request

from ....actors.commands import ReplyTo
from ....actors.ports import Cluster
from ....config.clock import Chance, Clock
from ....config.limits import Limits
from ....config.metrics import Metrics
from ....storage.contract import Store
from ...discovery import Discovery
from ..origins import Origins
from ..tokens import Tokens
from .limiter import Limiter
from .operator_door import OperatorDoor
from .pages import WebFiles
from .passwords import Passwords


class Asks(Protocol):
    """Asks an actor and waits for its answer (`actors.asker.Asker` does)."""

    async def request(
        self, target: str, make: Callable[[ReplyTo], Any], timeout_s: float | None = None
    ) -> Any:
        """Tell `target` what `make` makes, and return the answer.

        Raises:
            Refusal: What the actor answered with, or that it did not.
        """
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """All that the routes use.

    Attributes:
        web: The web page's files; None for a node that serves none.
        origins: Whose pages may use the cookie.
        sign_up_open: Whether strangers may register.
        metrics_public: Whether `/metrics` answers more than loopback.
        discovery: Where clients may connect.
        operator: What an operator's token opens; None without one.
        not_ready: Why this node is to be sent nobody just now, in a sentence; "" when it takes more
            traffic.
    """

    store: Store
    asker: Asks
    cluster: Cluster
    tokens: Tokens
    passwords: Passwords
    limiter: Limiter
    limits: Limits
    metrics: Metrics
    clock: Clock
    chance: Chance
    web: WebFiles | None
    not_ready: Callable[[], str]
    discovery: Discovery
    origins: Origins = field(default_factory=Origins)
    sign_up_open: bool = True
    metrics_public: bool = False
    operator: OperatorDoor | None = None


def services_of(request: Request) -> Services:
    """The services of the application that this request came to."""
    services: Services = request.app.state.services
    return services


#: A route's parameter of this type is the node's services.
Node = Annotated[Services, Depends(services_of)]

__all__ = ["Asks", "Node", "Services", "services_of"]
