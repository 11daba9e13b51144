"""Register, login, refresh, recover, logout.

Login and recovery tell nobody whether a name exists: not by their answers, and not by their time,
for they do the same work for a name that is nobody's.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ....actors.commands import DeviceRevoked
from ....config.errors import ForbiddenError, Refusal, UnauthenticatedError
from ....config.ids import UserId
from ..tokens import Pair
from . import cookies
from .caller import Address, Bearer
from .devices import visible_label
from .errors import answer_of
from .models import Login, Person, Recover, Refresh, Register, Registered, SignedIn
from .recovery import code_digest
from .services import Node, Services
from .signup import check_password, fold_name, sign_up

router = APIRouter(tags=["accounts"])

#: Whose recovery codes are looked up for a name that is nobody's.
_NOBODY = UserId("u_" + "a" * 20)


@router.post("/register", status_code=201)
async def register(new: Register, node: Node, address: Address) -> Registered:
    """Make an account. The recovery codes are told this once."""
    if not node.sign_up_open:
        raise ForbiddenError("Sign-up is closed here: ask who runs this server.")
    node.limiter.take("register address", address)
    node.limiter.take("register name", fold_name(new.name))
    made = await sign_up(
        node.store, node.passwords, node.clock, node.chance, new.name, new.password
    )
    return Registered(user=Person(id=made.user, name=made.name), recovery=made.recovery)


@router.post("/login", response_model_exclude_none=True)
async def login(
    who: Login, node: Node, address: Address, request: Request, response: Response
) -> SignedIn:
    """Sign in on a new device."""
    web = cookies.is_web(request)
    if web:
        cookies.check_origin(request, node)
    name = fold_name(who.name)
    node.limiter.take("login address", address)
    node.limiter.take("login name", name)
    account = await node.store.account_by_name(name)
    hashed = account.password if account is not None else None
    right = await node.passwords.verify(hashed, who.password)
    if account is None or not right:
        raise UnauthenticatedError("The name or the password is wrong.")
    # Only guesses count against a name, or anybody could keep its owner out for long.
    node.limiter.give_back("login name", name)
    if account.disabled:
        raise ForbiddenError("This account is closed.")
    label = visible_label(who.device)
    pair = await node.tokens.sign_in(account.id, label, node.limits.devices)
    return _signed_in(pair, account.name, request, response, web=web)


@router.post("/refresh", response_model=SignedIn, response_model_exclude_none=True)
async def refresh(
    node: Node, request: Request, response: Response, held: Refresh | None = None
) -> SignedIn | Response:
    """Exchange a refresh token for a new pair.

    The token before it goes on working until the new one was used once; after that, using it
    again signs the device out. The web page sends an empty body and its cookie.
    """
    token = held.refresh if held is not None else None
    web = token is None
    if token is None:
        token = cookies.refresh_cookie(request)
        if token is None:
            raise UnauthenticatedError("There is no refresh token.")
        cookies.check_origin(request, node)
    try:
        pair = await node.tokens.refresh(token)
        account = await node.store.account(pair.user)
        if account is None:
            raise UnauthenticatedError("Sign in again.")
    except UnauthenticatedError as refusal:
        return _refused(refusal, request, node, web=web)
    return _signed_in(pair, account.name, request, response, web=web)


@router.post("/recover", status_code=204)
async def recover(asked: Recover, node: Node, address: Address) -> None:
    """Set a new password by a recovery code, which it uses up. Every device is signed out."""
    name = fold_name(asked.name)
    node.limiter.take("recover address", address)
    node.limiter.take("recover name", name)
    # Hashed first: a code must not be used up and nothing done because the hasher was busy.
    hashed = await node.passwords.hash(check_password(asked.password))
    account = await node.store.account_by_name(name)
    user = account.id if account is not None and not account.disabled else _NOBODY
    if not await node.store.use_recovery(user, code_digest(asked.code)):
        raise UnauthenticatedError("The name or the code is wrong.")
    await node.store.set_password(user, hashed)
    node.cluster.tell(f"user:{user}", DeviceRevoked(None))


@router.post("/logout", status_code=204)
async def logout(
    node: Node, request: Request, bearer: Bearer, held: Refresh | None = None
) -> Response:
    """Sign this device out: by its access token, or by its refresh token in body or cookie."""
    web = cookies.is_web(request)
    try:
        token = held.refresh if held is not None else None
        if token is None and (cookie := cookies.refresh_cookie(request)) is not None:
            cookies.check_origin(request, node)
            token = cookie
        if token is not None:
            me = node.tokens.holder("refresh", token)
        elif bearer is not None:
            me = await node.tokens.authenticate(bearer.credentials)
        else:
            raise UnauthenticatedError("Sign in first.")
    except UnauthenticatedError as refusal:
        return _refused(refusal, request, node, web=web)
    await node.tokens.sign_out(me.user, me.device)
    answer = Response(status_code=204)
    if web:
        cookies.drop_refresh_cookie(request, answer)
    return answer


def _signed_in(
    pair: Pair, name: str, request: Request, response: Response, *, web: bool
) -> SignedIn:
    if web:
        cookies.put_refresh_cookie(request, response, pair.refresh)
    return SignedIn(
        user=Person(id=pair.user, name=name),
        device=pair.device,
        access=pair.access,
        refresh=None if web else pair.refresh,
        expires_in=pair.expires_in,
    )


def _refused(refusal: Refusal, request: Request, node: Services, *, web: bool) -> Response:
    # As an answer, not raised: the cookie that is no good goes with it.
    node.metrics.refusals.labels(refusal.code).inc()
    answer = answer_of(refusal)
    if web:
        cookies.drop_refresh_cookie(request, answer)
    return answer


__all__ = ["router"]
