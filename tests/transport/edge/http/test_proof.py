"""The password asked again."""

from __future__ import annotations

import pytest
import structlog
from tests.support.http_node import PASSWORD, HttpNode

from hubbub.config.errors import ForbiddenError, RateLimitedError
from hubbub.transport.edge.http.models import Proof
from hubbub.transport.edge.http.proof import require_password

WRONG = "another horse 8"


async def test_the_right_password_is_enough_however_often(limited: HttpNode) -> None:
    ada = await limited.person("Ada")
    me = await limited.services.tokens.authenticate(ada.access)
    for _ in range(15):
        await require_password(limited.services, me, PASSWORD)


async def test_guesses_have_a_limit_for_each_user(limited: HttpNode) -> None:
    ada, bob = await limited.person("Ada"), await limited.person("Bob")
    me = await limited.services.tokens.authenticate(ada.access)
    for _ in range(10):
        with pytest.raises(ForbiddenError):
            await require_password(limited.services, me, WRONG)
    with pytest.raises(RateLimitedError):
        await require_password(limited.services, me, PASSWORD)
    other = await limited.services.tokens.authenticate(bob.access)
    await require_password(limited.services, other, PASSWORD)


async def test_who_went_meanwhile_has_no_password(
    node: HttpNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await node.person("Ada")
    me = await node.services.tokens.authenticate(ada.access)

    async def nobody(user: str) -> None:
        return None

    monkeypatch.setattr(node.store, "account", nobody)
    with pytest.raises(ForbiddenError):
        await require_password(node.services, me, PASSWORD)


async def test_no_password_or_code_shows_in_a_log_a_refusal_or_a_repr(
    node: HttpNode, caplog: pytest.LogCaptureFixture
) -> None:
    ada = await node.person("Ada")
    with structlog.testing.capture_logs() as logs:
        refused = await ada.http.post("/v1/me/recovery", json={"password": WRONG})
        invalid = await ada.http.post("/v1/me/recovery", json={"password": [WRONG]})
        codes = (await ada.http.post("/v1/me/recovery", json={"password": PASSWORD})).json()
    said = [caplog.text, repr(logs), refused.text, invalid.text, repr(Proof(password=PASSWORD))]
    for text in said:
        assert not any(secret in text for secret in (WRONG, PASSWORD, *codes["recovery"]))
