"""Who is at the other end, and the port that finds it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ...config.ids import DeviceId, UserId


@dataclass(frozen=True, slots=True)
class Identity:
    """A signed-in device of a user.

    Attributes:
        expires_ms: UTC ms; from then on the token vouches for nobody.
    """

    user: UserId
    device: DeviceId
    expires_ms: int


class Authenticator(Protocol):
    """Knows whom an access token stands for."""

    async def authenticate(self, token: str) -> Identity:
        """The holder of this token, as of now: a device that was signed out is told so at once.

        Raises:
            UnauthenticatedError: Expired, forged, or no token at all: sign in, or refresh.
            ForbiddenError: The device was signed out, or the account is closed.
            StoreError: Not known just now.
        """
        ...


__all__ = ["Authenticator", "Identity"]
