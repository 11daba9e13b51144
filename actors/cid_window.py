"""One device's mutations of one log: each once, for ever, and in the order of its cids.

The window knows the last accepted cid and the last 32 of them with what they named, so a retry is
told from a new one, and a hole in the chain is found (protocol, item 4; invariant 4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

from ..config.errors import CidOldError, CidUsedError, ResendError

#: How many cids a device's window knows. More than a device may have unacknowledged.
KEPT = 32


@dataclass(frozen=True, slots=True)
class Known:
    """An accepted cid: the seq and time it got, and a digest of what it named.

    No digest: what it named was erased, so any repeat is taken for the same.
    """

    cid: int
    seq: int
    ts: int
    digest: bytes


def digest(body: bytes) -> bytes:
    """What tells two contents apart: 8 bytes of BLAKE2b over an entry's body; b"" for none."""
    if not body:
        return b""
    return blake2b(body, digest_size=8).digest()


@dataclass(slots=True)
class CidWindow:
    """Pure: no clock, no store.

    Attributes:
        last: The last accepted cid; commits under way are included. 0 for none.
    """

    last: int = 0
    #: {cid: Known}: the newest of the accepted ones, in rising order, `last` among them.
    known: dict[int, Known] = field(default_factory=dict[int, Known])

    def find(self, cid: int, content: bytes) -> Known | None:
        """The accepted mutation that this one repeats, or None when it is new.

        Args:
            content: The digest of what it names.

        Raises:
            CidUsedError: The cid is known with another content.
            CidOldError: The cid is at or below the last one, and not known.
        """
        known = self.known.get(cid)
        if known is not None:
            if known.digest and known.digest != content:
                raise CidUsedError(self.last)
            return known
        if cid <= self.last:
            raise CidOldError(self.last)
        return None

    def follow(self, prev: int) -> None:
        """Hold a new mutation to the chain.

        Raises:
            ResendError: Something before it is missing here.
        """
        if prev != self.last:
            raise ResendError(self.last)

    def accept(self, known: Known) -> None:
        """Take a new mutation in; its cid is above `last`."""
        self.last = known.cid
        self.known[known.cid] = known
        if len(self.known) > KEPT:
            del self.known[next(iter(self.known))]


__all__ = ["KEPT", "CidWindow", "Known", "digest"]
