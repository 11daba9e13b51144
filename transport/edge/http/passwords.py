"""argon2id in a few threads of its own: bounded work, bounded waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ....config.errors import UnavailableError
from ....config.units import KIB

#: 19 MiB and two passes, a common recommendation: about 20 ms of one core here. The memory makes
#: guessing dear; the threads bound what a stampede of sign-ins can take.
MEMORY_KIB = 19 * KIB
PASSES = 2
THREADS = 2
WAITING = 64

_T = TypeVar("_T")


class Passwords:
    """Hashes and verifies.

    Args:
        waiting: How many may wait for a thread; one more is answered `unavailable`.
    """

    def __init__(
        self,
        *,
        memory_kib: int = MEMORY_KIB,
        passes: int = PASSES,
        threads: int = THREADS,
        waiting: int = WAITING,
    ) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._room = threads + waiting
        # No password that is long enough gives this one; it costs what any other costs.
        self._nobody = self._hasher.hash("\0")

    async def hash(self, password: str) -> str:
        """A salted hash of a password, with its parameters.

        Raises:
            UnavailableError: Too many wait already.
        """
        typed = _typed(password)
        return await self._run(lambda: self._hasher.hash(typed))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether this password gave this hash.

        Args:
            hashed: None or "" for nobody's: the same work is done, and the answer is no.

        Raises:
            UnavailableError: Too many wait already.
        """
        typed = _typed(password)
        return await self._run(lambda: self._verify(hashed, typed))

    def close(self) -> None:
        """Finish what runs, then end the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _verify(self, hashed: str | None, password: str) -> bool:
        try:
            self._hasher.verify(hashed or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        # An account without a password has a hash of nothing: nobody's too.
        return bool(hashed)

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._room == 0:
            raise UnavailableError("Too many are signing in; try again.")
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._room += 1


def _typed(password: str) -> str:
    # Keyboards differ in how they compose one and the same letter.
    return normalize("NFC", password)


__all__ = ["MEMORY_KIB", "PASSES", "THREADS", "WAITING", "Passwords"]
