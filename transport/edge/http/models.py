"""What goes in and comes out by HTTP, as the OpenAPI page shows it.

What the socket has too (messages, pages, heads, descriptions) is the wire's own; see `openapi`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from ....storage.records import ContactState, Presence, Write
from ...wire.frames import SAFE_INT
from .colours import Colour


class Model(BaseModel):
    """Unknown fields are refused; a repr shows no value, for some are secrets."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    __str__ = __repr__


class Answer(BaseModel):
    """What comes out; a repr shows no value either."""

    model_config = ConfigDict(frozen=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    __str__ = __repr__


Text = Annotated[str, StringConstraints(strict=True)]
Typed = Annotated[str, StringConstraints(strict=True, max_length=1024)]
Id = Annotated[str, StringConstraints(strict=True, max_length=64)]
Cid = Annotated[StrictInt, Field(ge=1, le=SAFE_INT)]
Prev = Annotated[StrictInt, Field(ge=0, le=SAFE_INT)]
Seq = Annotated[StrictInt, Field(ge=0, le=SAFE_INT)]
People = Annotated[list[Id], Field(max_length=1000)]


class Problem(Answer):
    """Why it was not done."""

    code: str = Field(description="For programs: the same codes as on the socket.")
    msg: str = Field(description="For people: one sentence.")
    retry: int | None = Field(default=None, description="When to try again, in ms.")
    last: int | None = Field(default=None, description="The device's last accepted cid here.")


# --- accounts -----------------------------------------------------------------------------------


class Register(Model):
    """A new account."""

    name: Typed = Field(description="2 to 32 letters, digits, '.', '_' or '-' of any script.")
    password: Typed = Field(description="8 to 256 characters.")


class Login(Model):
    """A new device of an account."""

    name: Typed
    password: Typed
    device: Annotated[str, StringConstraints(strict=True, max_length=100)] = Field(
        default="", description="What the device is called in the list of devices."
    )


class Refresh(Model):
    """A refresh token; left out by the web page, which has it in a cookie."""

    refresh: Annotated[str, StringConstraints(strict=True, max_length=4096)] | None = None


class Recover(Model):
    """A recovery code in place of a forgotten password."""

    name: Typed
    code: Typed
    password: Typed = Field(description="The new one.")


class Person(Answer):
    """A user."""

    id: str
    name: str


class Registered(Answer):
    """The account, and the codes that are told this once."""

    user: Person
    recovery: list[str] = Field(description="8 codes; each works once.")


class SignedIn(Answer):
    """A signed-in device, with its tokens."""

    user: Person
    device: str
    access: str
    refresh: str | None = Field(
        default=None, description="Absent for the web page: it is in a cookie."
    )
    expires_in: int = Field(description="Seconds that `access` lives.")


# --- people and devices -------------------------------------------------------------------------


class Found(Answer):
    """Somebody, as others see them."""

    id: str
    name: str
    display: str = Field(description="What to show; the name when none was chosen.")
    colour: Colour = Field(description="Behind the initials.")


class Profile(Found):
    """Somebody, as those see them who share a conversation."""

    about: str = Field(description="Empty for who shares none any more.")


class Called(Answer):
    """What somebody is called."""

    name: str = Field(description="Empty for a stranger and for a deleted account.")


class Me(Answer):
    """The caller."""

    id: str
    name: str
    display: str
    about: str
    presence: Presence = Field(description="Who sees when I am online.")
    write: Write = Field(description="Who may begin a conversation with me.")
    colour: Colour = Field(description="Behind my initials; by my id until I choose one.")
    findable: StrictBool = Field(description="Whether others find me by searching.")


class ChangeMe(Model):
    """What is given is changed; the rest stays."""

    display: Annotated[str, StringConstraints(strict=True, max_length=64)] | None = None
    about: Annotated[str, StringConstraints(strict=True, max_length=500)] | None = None
    presence: Presence | None = None
    write: Write | None = None
    colour: Colour | None = None
    findable: StrictBool | None = None


class ContactLine(Found):
    """Somebody whom the caller asked, who asks the caller, or both."""

    state: ContactState


class Contacts(Answer):
    """A page of the caller's contacts, by id."""

    contacts: list[ContactLine]
    after: str | None = Field(default=None, description="Ask with it for the next page.")


class Blocks(Answer):
    """A page of the people whom the caller blocks, by id."""

    blocks: list[Found]
    after: str | None = Field(default=None, description="Ask with it for the next page.")


class Proof(Model):
    """The caller's password, asked again."""

    password: Typed


class Recovery(Answer):
    """The codes that are told this once."""

    recovery: list[str] = Field(description="8 codes; each works once.")


class LabelDevice(Model):
    """What a device is called in the list of devices."""

    label: Annotated[str, StringConstraints(strict=True, max_length=100)]


class DeviceLine(Answer):
    """A device that is signed in."""

    id: str
    label: str
    created: int = Field(description="UTC ms.")
    seen: int = Field(description="UTC ms of the last refresh.")
    current: StrictBool = Field(description="Whether it is the one that asks.")


# --- nodes --------------------------------------------------------------------------------------


class DrainNode(Model):
    """Which node is to go: the one that is asked, by its name."""

    node: Id
    over_s: Annotated[float, Field(ge=0, le=3600)] | None = Field(
        default=None, description="Seconds over which clients are sent away; else the node's own."
    )


class Draining(Answer):
    """The node goes."""

    node: str
    connections: int = Field(description="So many are sent away.")
    over_s: float = Field(description="Over so many seconds.")


class NodesStatus(Answer):
    """How the nodes are, seen from one of them."""

    asked: str = Field(description="The node that was asked.")
    view: tuple[int, int] | None = Field(description="Its view of the cluster; null in none.")
    nodes: list[dict[str, object]] = Field(
        description="Each with `node` and `state`; one that answered, with all that it counts."
    )


class NodeLine(Answer):
    """A node that takes connections."""

    url: str = Field(description="Where to open the WebSocket.")
    rank: int = Field(description="0 is the first choice of who asks.")
    load: float = Field(description="How full it is, from 0 to 1.")


# --- conversations ------------------------------------------------------------------------------


class Mutation(Model):
    """Its place in the device's order in this conversation (protocol, item 4)."""

    cid: Cid
    prev: Prev


class CreateGroup(Mutation):
    """A new group; the caller is its owner and need not be among the members."""

    title: Text
    members: People = []
    history: Literal["joined", "all"] = Field(
        default="joined", description="Whether newcomers see what was before."
    )


class RenameGroup(Mutation):
    """A new title."""

    title: Text


class InviteMembers(Mutation):
    """More members."""

    users: People


class SetMemberRole(Mutation):
    """A member's role; who gives "owner" away becomes an admin."""

    role: Literal["owner", "admin", "member"]


class LeaveGroup(Mutation):
    """The caller goes."""


class Act(Model):
    """Its place in the device's order of what is the user's own (`mine` in `welcome`)."""

    cid: Cid
    prev: Prev


class ChangeContact(Act):
    """What to do with a contact."""

    do: Literal["request", "accept", "remove"]


class MuteConversation(Act):
    """How long there is no notice of a conversation."""

    until: Annotated[StrictInt, Field(ge=0, le=SAFE_INT)] = Field(
        description="UTC ms; 0 for notices again."
    )


class MakeInvite(Model):
    """A new link to a group."""

    hours: Annotated[StrictInt, Field(ge=1, le=8760)] = Field(
        default=168, description="How long it is good."
    )


class NewInvite(Answer):
    """The link; its token is told this once."""

    id: str = Field(description="What it is revoked by.")
    token: str = Field(description="What others join with: 26 letters.")
    expires: int = Field(description="UTC ms.")


class InviteLine(Answer):
    """A link that is still good, without its token."""

    id: str
    by: str = Field(description="The user who made it.")
    created: int = Field(description="UTC ms.")
    expires: int = Field(description="UTC ms.")


class Cursor(Model):
    """How far, as a seq."""

    s: Seq


__all__ = [
    "Act",
    "Answer",
    "Blocks",
    "Called",
    "ChangeContact",
    "ChangeMe",
    "ContactLine",
    "Contacts",
    "CreateGroup",
    "Cursor",
    "DeviceLine",
    "DrainNode",
    "Draining",
    "Found",
    "InviteLine",
    "InviteMembers",
    "LabelDevice",
    "LeaveGroup",
    "Login",
    "MakeInvite",
    "Me",
    "Model",
    "Mutation",
    "MuteConversation",
    "NewInvite",
    "NodeLine",
    "NodesStatus",
    "Person",
    "Problem",
    "Profile",
    "Proof",
    "Recover",
    "Recovery",
    "Refresh",
    "Register",
    "Registered",
    "RenameGroup",
    "SetMemberRole",
    "SignedIn",
]
