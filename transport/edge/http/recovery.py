"""Recovery codes: what brings somebody back who forgot the password, each once."""

from __future__ import annotations

from hashlib import sha256

from ....config.clock import Chance
from ....config.ids import letters

#: How many one account gets.
CODES = 8
_BYTES = 10
_GROUP = 4

#: What people read for letters that no code has.
_MISREAD = str.maketrans("018", "olb")


def new_code(chance: Chance) -> str:
    """80 bits in groups for reading: `k3fq-7mzd-aaxe-p2uv`."""
    text = letters(chance.token(_BYTES))
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def new_codes(chance: Chance) -> list[str]:
    """A set of them."""
    return [new_code(chance) for _ in range(CODES)]


def code_digest(code: str) -> bytes:
    """What the store keeps of a code, however it was typed.

    80 bits of chance need neither salt nor a slow hash.
    """
    typed = "".join(c for c in code.casefold() if c.isalnum()).translate(_MISREAD)
    return sha256(typed.encode()).digest()


__all__ = ["CODES", "code_digest", "new_code", "new_codes"]
