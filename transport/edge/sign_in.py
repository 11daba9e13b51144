"""From hello to an identity, or to the close code that says why not."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from ...config.errors import ForbiddenError, Refusal, StoreError, UnauthenticatedError
from ..wire.codes import CloseCode
from ..wire.frames import Hello
from .identity import Authenticator, Identity

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Not signed in; the connection closes like this."""

    code: CloseCode
    reason: str


async def sign_in(authenticator: Authenticator, hello: Hello) -> Identity | TurnedAway:
    """Who this is; raises nothing, for somebody waits at the other end."""
    try:
        who = await authenticator.authenticate(hello.token)
    except UnauthenticatedError as refusal:
        return TurnedAway(CloseCode.UNAUTHENTICATED, refusal.text)
    except ForbiddenError as refusal:
        return TurnedAway(CloseCode.FORBIDDEN, refusal.text)
    except (Refusal, StoreError):
        return TurnedAway(CloseCode.GAVE_UP, "Not possible just now.")
    except Exception as error:  # a connection's edge
        log.error("sign_in_failed", exc_info=error)
        return TurnedAway(CloseCode.GAVE_UP, "Not possible just now.")
    if who.device != hello.device:
        return TurnedAway(CloseCode.FORBIDDEN, "That token is for another device.")
    return who


__all__ = ["TurnedAway", "sign_in"]
