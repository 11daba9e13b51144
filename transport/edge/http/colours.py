"""The colour behind somebody's initials: one of twelve hues, chosen or by the id."""

from __future__ import annotations

from typing import Literal, get_args

from ....storage.records import Account

#: The names that the web page's style sheet has for them.
Colour = Literal[
    "hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5",
    "hue-6", "hue-7", "hue-8", "hue-9", "hue-10", "hue-11",
]  # fmt: skip

COLOURS: tuple[Colour, ...] = get_args(Colour)


def colour_of(account: Account) -> Colour:
    """The colour that everybody sees this person in: the same sum as every client makes."""
    for colour in COLOURS:
        if colour == account.colour:
            return colour
    return COLOURS[sum(map(ord, account.id)) % len(COLOURS)]


__all__ = ["COLOURS", "Colour", "colour_of"]
