"""What a message holds.

{"k":"text","text":"Hello"}                     re_s: the seq of the message replied to
{"k":"edit","s":99,"text":"Hello again"}
{"k":"delete","s":99}
{"k":"react","s":99,"emoji":"👍"}
{"k":"system","ev":"joined","users":["u_..."]}  by the server only
{"k":"deleted"}                                 what is left of a deleted message
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

_Seq = Annotated[int, Meta(ge=1, le=(1 << 53) - 1)]


class Body(Struct, tag_field="k", omit_defaults=True, kw_only=True, frozen=True, gc=False):
    """What a message holds; `k` names its kind."""


class Text(Body, tag="text", kw_only=True, frozen=True):
    """Words, at most 100,000 code points."""

    text: str
    re_s: _Seq | None = None

    def __repr__(self) -> str:
        return f"Text({len(self.text)} characters)"


class Edit(Body, tag="edit", kw_only=True, frozen=True):
    """Other words for an earlier message of one's own."""

    s: _Seq
    text: str

    def __repr__(self) -> str:
        return f"Edit(s={self.s}, {len(self.text)} characters)"


class Delete(Body, tag="delete", kw_only=True, frozen=True):
    """An earlier message goes: one's own, or in a group anybody's for its owner and admins."""

    s: _Seq


class React(Body, tag="react", kw_only=True, frozen=True):
    """One's reaction to an earlier message: one emoji, at most 64 code points. It replaces the one
    before; an empty one takes it back."""

    s: _Seq
    emoji: Annotated[str, Meta(max_length=1024)]


class System(Body, tag="system", kw_only=True, frozen=True):
    """What the server tells of the conversation itself.

    Attributes:
        users: Whom it is about.
        title: The new title, for "created" (a group's) and "renamed".
        role: The new role, for "role".
    """

    ev: Literal["created", "joined", "left", "kicked", "role", "renamed"]
    users: list[str] = []
    title: str | None = None
    role: str | None = None


class Deleted(Body, tag="deleted", kw_only=True, frozen=True):
    """A tombstone."""


InBody = Text | Edit | Delete | React
OutBody = Text | Edit | Delete | React | System | Deleted

__all__ = [
    "Body",
    "Delete",
    "Deleted",
    "Edit",
    "InBody",
    "OutBody",
    "React",
    "System",
    "Text",
]
