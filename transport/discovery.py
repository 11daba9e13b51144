"""Where clients may connect: what a node says of itself, and what a client is told of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol


@dataclass(frozen=True, slots=True)
class About:
    """What a node says of itself. Short, for it goes with every renewal of a lease.

    Attributes:
        address: Where clients reach it, `wss://HOST/ws`; "" where they are told of it themselves.
        version: Of its program.
        load: How much of its room for connections is taken, from 0 to 1.
        full: It wants no more of them just now.
    """

    address: str = ""
    version: str = ""
    load: float = 0.0
    full: bool = False


#: Of who has said nothing yet.
UNTOLD: Final = About()


class Discovery(Protocol):
    """The nodes, as a client may choose among them."""

    def open_nodes(self, shard: int) -> Sequence[About]:
        """The nodes that take connections, in the rendezvous order of a shard: who lives in it
        has its home at the first, and finds its next home at the second when that one dies.

        Full and draining ones are left out; () when none is known that takes any.
        """
        ...

    def addresses(self) -> Sequence[str]:
        """Where all that are there can be reached, the full and the draining ones as well; of those
        that say where they are."""
        ...


__all__ = ["UNTOLD", "About", "Discovery"]
