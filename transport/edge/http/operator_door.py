"""What an operator may ask of a node from afar, with a token; without one there is no door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

from ....config.errors import StartError

#: The shortest token that is taken: what nobody guesses, at the rate that guesses have.
TOKEN_CHARS = 24


@dataclass(frozen=True, slots=True)
class Leaving:
    """A node goes: so many connections are sent away, over so many seconds."""

    node: str
    connections: int
    over_s: float


#: Has this node go: its name, so that a balancer's choice is noticed, and seconds (None: its own).
LetGo = Callable[[str, float | None], Leaving]
#: Tells how all nodes are, as `models.NodesStatus` has it.
Look = Callable[[], Awaitable[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class OperatorDoor:
    """The token, as a digest, and what it opens."""

    drain: LetGo
    status: Look
    digest: bytes = field(repr=False)

    @classmethod
    def open(cls, token_file: Path, drain: LetGo, status: Look) -> OperatorDoor:
        """The door to the token that stands in this file.

        Raises:
            StartError: It cannot be read, or is too short to be secret.
        """
        try:
            token = token_file.read_bytes().strip()
        except OSError as error:
            raise StartError(f"{token_file}: {error.strerror or error}") from error
        if len(token) < TOKEN_CHARS:
            raise StartError(f"{token_file}: a token has at least {TOKEN_CHARS} characters")
        return cls(drain, status, sha256(token).digest())

    def lets_in(self, token: str) -> bool:
        """Whether this is the token; takes as long for any other."""
        return compare_digest(sha256(token.encode()).digest(), self.digest)


__all__ = ["TOKEN_CHARS", "Leaving", "LetGo", "Look", "OperatorDoor"]
