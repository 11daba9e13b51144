"""What a user's row about another person becomes when something happens.

Each side has one fact, "I want this person as a contact", which only its own actor changes; the
other side holds what it last heard. So both converge, whatever is told twice, late or again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..storage.records import Contact
from .bodies import PersonFact


def changed(row: Contact, fact: PersonFact, seq: int) -> Contact:
    """The row after a fact of the user's own log; the same row when it has that one in it.

    Args:
        seq: The fact's place in the log. Facts about one person come in order.
    """
    if seq <= row.lv:
        return row
    row = replace(row, lv=seq)
    match fact.ev:
        case "block":
            return replace(row, blocked=True, dismissed=True)
        case "unblock":
            return replace(row, blocked=False)
        case "request":
            return replace(row, mine=True, dismissed=False)
        case "accept":
            return replace(row, mine=row.mine or row.state == "asks")
        case "remove":
            return replace(row, mine=False, dismissed=True)
        case "wanted":
            # Who asks again is seen again, unless blocked.
            return replace(row, theirs=True, theirs_at=fact.at, dismissed=row.blocked)
        case "unwanted":
            return replace(row, theirs=False, theirs_at=fact.at)
        case _:
            assert_never(fact.ev)


__all__ = ["changed"]
