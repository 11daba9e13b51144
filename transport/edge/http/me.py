"""The caller: the profile, who may see what of it, and new recovery codes."""

from __future__ import annotations

from fastapi import APIRouter

from ....actors.content_rules import is_line
from ....config.errors import BadRequestError, UnauthenticatedError
from ....storage.records import Account
from ..identity import Identity
from .caller import Caller
from .colours import colour_of
from .models import ChangeMe, Me, Proof, Recovery
from .proof import require_password
from .recovery import code_digest, new_codes
from .services import Node, Services
from .signup import fold_name

router = APIRouter(tags=["people"])


@router.get("/me")
async def read_me(node: Node, me: Caller) -> Me:
    """Who I am."""
    return _me(await _account(node, me))


@router.patch("/me")
async def change_me(change: ChangeMe, node: Node, me: Caller) -> Me:
    """Change what is given; the answer is what I am then."""
    if change.display is not None:
        _require_line("display", change.display)
    if change.about is not None:
        _require_lines("about", change.about)
    account = await _account(node, me)
    old = _me(account)
    new = old.model_copy(update=change.model_dump(exclude_none=True))
    display = new.display.strip()
    await node.store.set_profile(
        me.user,
        display,
        new.about.strip(),
        new.presence,
        sought=fold_name(display),
        # Not the one by the id: it stays nobody's choice.
        colour=change.colour or account.colour,
        findable=new.findable,
    )
    if new.write != old.write:
        await node.store.set_write(me.user, new.write)
    return _me(await _account(node, me))


@router.post("/me/recovery")
async def renew_recovery(proof: Proof, node: Node, me: Caller) -> Recovery:
    """New recovery codes, told this once; all older ones end. It takes the password again."""
    await require_password(node, me, proof.password)
    codes = new_codes(node.chance)
    await node.store.set_recovery(me.user, [code_digest(code) for code in codes])
    return Recovery(recovery=codes)


async def _account(node: Services, me: Identity) -> Account:
    account = await node.store.account(me.user)
    if account is None:
        raise UnauthenticatedError("Sign in again.")
    return account


def _me(account: Account) -> Me:
    return Me(
        id=account.id,
        name=account.name,
        display=account.display,
        about=account.about,
        presence=account.presence,
        write=account.write,
        colour=colour_of(account),
        findable=account.findable,
    )


def _require_line(field: str, text: str) -> None:
    if not is_line(text):
        raise BadRequestError(f"{field}: one line of visible characters.")


def _require_lines(field: str, text: str) -> None:
    for line in text.split("\n"):
        _require_line(field, line)


__all__ = ["router"]
