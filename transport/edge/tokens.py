"""Access and refresh tokens: signed, short-lived, and ended at once by signing a device out.

    access    15 min   shown with every request; checked against the device's row each time
    refresh   30 days  exchanged for a new pair; the store keeps the digests of the newest two

Both are JWTs, HS256, each kind with a key and an audience of its own, so that one never passes for
the other. The signature comes first: a forged token reads and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

import jwt
import structlog

from ...actors.commands import DeviceRevoked
from ...actors.ports import Cluster
from ...config.clock import Chance, Clock
from ...config.errors import ForbiddenError, UnauthenticatedError
from ...config.ids import DeviceId, UserId, letters
from ...config.units import DAYS, MINUTES
from ...storage.accounts import Accounts
from ...storage.records import Device
from .identity import Identity

log = structlog.get_logger(__name__)

ACCESS_S = 15 * MINUTES
REFRESH_S = 30 * DAYS

_ALGORITHM = "HS256"
_ISSUER = "hubbub"
_KEY_BYTES = 32

#: Longer than any token made here; nothing longer is even parsed.
_LONGEST = 2048

_Kind = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True)
class Pair:
    """What a device gets when it signs in or refreshes.

    Attributes:
        expires_in: Seconds that the access token lives.
    """

    user: UserId
    device: DeviceId
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int


class Tokens:
    """Makes tokens and knows whom they stand for; it is the edge's Authenticator."""

    def __init__(
        self,
        accounts: Accounts,
        cluster: Cluster,
        clock: Clock,
        chance: Chance,
        access_key: bytes,
        refresh_key: bytes,
    ) -> None:
        self._accounts = accounts
        self._cluster = cluster
        self._clock = clock
        self._chance = chance
        self._keys: dict[_Kind, bytes] = {"access": access_key, "refresh": refresh_key}

    @classmethod
    async def open(
        cls, accounts: Accounts, cluster: Cluster, clock: Clock, chance: Chance
    ) -> Tokens:
        """With the keys that the store keeps; the first node to ask makes them.

        Raises:
            StoreError: The keys cannot be read.
        """
        return cls(
            accounts,
            cluster,
            clock,
            chance,
            await accounts.secret("access", chance.token(_KEY_BYTES)),
            await accounts.secret("refresh", chance.token(_KEY_BYTES)),
        )

    async def sign_in(self, user: UserId, label: str, limit: int) -> Pair:
        """A new device for this user, who has proved to be it.

        Args:
            limit: The most devices of a user; the least recently seen make room.

        Raises:
            StoreError: It could not be stored.
        """
        now = self._clock.now_ms()
        device = DeviceId("v_" + letters(self._chance.token(13))[:20])
        pair = self._mint(user, device)
        row = Device(
            device,
            user,
            label,
            created_ms=now,
            seen_ms=now,
            refresh=_digest(pair.refresh),
            refresh_expires_ms=now + int(REFRESH_S * 1000),
        )
        for gone in await self._accounts.add_device(row, limit):
            self._cluster.tell(f"user:{user}", DeviceRevoked(gone))
        return pair

    async def refresh(self, token: str) -> Pair:
        """Exchange a refresh token. One used twice signs its device out, everywhere and at once.

        Raises:
            UnauthenticatedError: It is expired, forged, used up, or its device signed out.
            StoreError: Not known just now.
        """
        held = self.holder("refresh", token)
        pair = self._mint(held.user, held.device)
        now = self._clock.now_ms()
        outcome = await self._accounts.rotate_refresh(
            held.device,
            _digest(token),
            _digest(pair.refresh),
            now + int(REFRESH_S * 1000),
            now,
        )
        if outcome == "rotated":
            await self._accounts.touch_device(held.device, now)
            return pair
        if outcome == "reused":
            # Somebody has a copy: a thief, or a device that was set back to an older state.
            log.warning("refresh_reused", user=held.user, device=held.device)
            self._cluster.tell(f"user:{held.user}", DeviceRevoked(held.device))
        raise UnauthenticatedError("Sign in again.")

    async def authenticate(self, token: str) -> Identity:
        """See `Authenticator`. Nothing is cached, so a revocation counts at once on every node."""
        held = self.holder("access", token)
        await self.confirm(held)
        return held

    async def confirm(self, held: Identity) -> None:
        """Hold who has shown an access token to what the store says now.

        Raises: See `authenticate`.
        """
        device = await self._accounts.device(held.device)
        if device is None or device.user != held.user:
            raise UnauthenticatedError("Sign in again.")
        account = await self._accounts.account(held.user)
        if account is None or account.disabled:
            raise ForbiddenError("This account is closed.")
        if device.revoked:
            raise ForbiddenError("This device was signed out.")

    async def sign_out(self, user: UserId, device: DeviceId) -> bool:
        """End a device of this user: its tokens, and its socket on whatever node.

        Returns: False when the user has no such device, or it was signed out before.
        """
        if not await self._accounts.revoke_device(user, device):
            return False
        self._cluster.tell(f"user:{user}", DeviceRevoked(device))
        return True

    def holder(self, kind: Literal["access", "refresh"], token: str) -> Identity:
        """Whose token this is: by its signature and its time alone, whatever became of the device.

        Raises:
            UnauthenticatedError: It is expired or forged.
        """
        try:
            if len(token) > _LONGEST:
                raise jwt.InvalidTokenError
            claims: dict[str, Any] = jwt.decode(
                token,
                self._keys[kind],
                algorithms=[_ALGORITHM],
                audience=_audience(kind),
                issuer=_ISSUER,
                # Time is the clock's business, below.
                options={
                    "verify_exp": False,
                    "verify_iat": False,
                    "require": ["exp", "sub", "dev"],
                },
            )
            held = Identity(
                UserId(claims["sub"]), DeviceId(claims["dev"]), int(claims["exp"]) * 1000
            )
        except (jwt.InvalidTokenError, UnicodeEncodeError):
            # Never the cause: it may quote the token.
            raise UnauthenticatedError("That token is not good; sign in again.") from None
        if held.expires_ms <= self._clock.now_ms():
            raise UnauthenticatedError("That token has expired.")
        return held

    def _mint(self, user: UserId, device: DeviceId) -> Pair:
        return Pair(
            user,
            device,
            self._sign("access", user, device, ACCESS_S),
            self._sign("refresh", user, device, REFRESH_S),
            int(ACCESS_S),
        )

    def _sign(self, kind: _Kind, user: UserId, device: DeviceId, life_s: float) -> str:
        now_s = self._clock.now_ms() // 1000
        claims: dict[str, Any] = {
            "iss": _ISSUER,
            "aud": _audience(kind),
            "sub": user,
            "dev": device,
            "iat": now_s,
            "exp": now_s + int(life_s),
        }
        if kind == "refresh":
            # Two made in one second must differ.
            claims["jti"] = letters(self._chance.token(15))
        return jwt.encode(claims, self._keys[kind], algorithm=_ALGORITHM)


def _audience(kind: _Kind) -> str:
    return f"hubbub:{kind}"


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


__all__ = ["ACCESS_S", "REFRESH_S", "Pair", "Tokens"]
