"""Which versions of envelopes nodes speak with each other. Pure.

A program writes VERSION, reads it, and reads and writes the one before: so a cluster is upgraded
node by node, one version at a time. Nodes further apart do not share a view.
"""

from __future__ import annotations

from typing import Final

#: To raise it is to change this line, and to keep `envelopes.LATER` true.
#:
#: 2   an envelope repeats nothing of its batch; a fan-out is flat
#: 1   the first that nodes spoke
VERSION: Final = 2


def reads(version: int) -> bool:
    """Whether this program reads envelopes of a version."""
    return version in (VERSION - 1, VERSION)


def shared(one: int, other: int) -> int | None:
    """The newest version that two programs both speak, by the newest of each; None for none."""
    return min(one, other) if abs(one - other) <= 1 else None


__all__ = ["VERSION", "reads", "shared"]
