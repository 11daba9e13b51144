"""Tokens that are expired or forged open nothing, by no door."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import jwt
import pytest
from tests.support.node import Node
from tests.support.town import Town
from tests.support.ws_client import Person

pytestmark = pytest.mark.asyncio(loop_scope="module")


def access_key(node: Node) -> bytes:
    """The key that this node signs access tokens with, out of its store."""
    with sqlite3.connect(f"file:{node.data / 'hubbub.db'}?mode=ro", uri=True) as db:
        (key,) = db.execute("SELECT secret FROM secrets WHERE name = 'access'").fetchone()
    return bytes(key)


def short_lived(node: Node, person: Person, seconds: int) -> str:
    """A token of the node's own that expires so soon."""
    claims: dict[str, Any] = jwt.decode(
        person.access, options={"verify_signature": False}, algorithms=["HS256"]
    )
    return jwt.encode({**claims, "exp": int(time.time()) + seconds}, access_key(node), "HS256")


async def test_a_token_that_expires_closes_its_connection_unless_it_was_renewed(
    node: Node, town: Town
) -> None:
    ann, ben = await town.people("ann", "ben")
    long_lived, ann.access = ann.access, short_lived(node, ann, 2)
    ben.access = short_lived(node, ben, 2)
    ann_ws, ben_ws = await town.sockets(ann, ben)
    assert (await ann_ws.ask("auth", token=long_lived))["t"] == "ok"
    assert await ben_ws.close_code() == 4401
    await ann_ws.settled()
    again = await town.stranger()
    await again.send(ben.hello())
    assert await again.close_code() == 4401


def forgeries(node: Node, ann: Person, ben: Person) -> dict[str, str]:
    """Tokens that must open nothing; the device named beside them is Ann's."""
    key = access_key(node)
    claims: dict[str, Any] = jwt.decode(
        ann.access, options={"verify_signature": False}, algorithms=["HS256"]
    )

    def signed(with_key: bytes = key, algorithm: str = "HS256", **changed: Any) -> str:
        merged = {k: v for k, v in {**claims, **changed}.items() if v is not None}
        return jwt.encode(merged, with_key, algorithm=algorithm)

    head, body, mark = ann.access.split(".")
    assert jwt.decode(signed(), key, algorithms=["HS256"], audience=claims["aud"]) == claims
    return {
        "empty": "",
        "words": "let me in",
        "expired": signed(exp=int(time.time()) - 5, iat=int(time.time()) - 1000),
        "without expiry": signed(exp=None),
        "other key": signed(b"k" * 32),
        "no algorithm": jwt.encode(claims, "", algorithm="none"),
        "other algorithm": signed(key + key, "HS512"),
        "other audience": signed(aud="elsewhere"),
        "other issuer": signed(iss="elsewhere"),
        "changed": f"{head}.{body[:-2]}AA.{mark}",
        "cut": ann.access[:-3],
        "no mark": f"{head}.{body}.",
        "refresh as access": ann.refresh,
        "another's": ben.access,
        "somebody else's device": signed(sub=ben.user),
        "no device": signed(dev=None),
        "unknown device": signed(dev="v_" + "a" * 20),
        "odd device": signed(dev="'; DROP TABLE devices; --"),
        "number as a person": signed(sub="5"),
    }


async def test_expired_and_forged_tokens_open_nothing(node: Node, town: Town) -> None:
    ann, ben = await town.people("ann", "ben")
    ws = await town.socket(ann)
    made = forgeries(node, ann, ben)
    for name, token in made.items():
        socket = await town.stranger()
        await socket.send({**ann.hello(), "token": token})
        code = await socket.close_code()
        assert code in (4401, 4403), (name, code)
        renewed = await ws.ask("auth", token=token)
        assert renewed.get("code") in ("unauthenticated", "forbidden"), (name, renewed)
        if name != "another's":
            for scheme in ("Bearer", "bearer"):
                answer = await ann.http.get(
                    "/v1/me", headers={"Authorization": f"{scheme} {token}".strip()}
                )
                assert answer.status_code in (401, 403), (name, answer.status_code)
                assert answer.json()["code"] in ("unauthenticated", "forbidden")
    for scheme in ("Basic", "Token", ""):
        answer = await ann.http.get(
            "/v1/me", headers={"Authorization": f"{scheme} {ann.access}".strip()}
        )
        assert answer.status_code == 401, scheme
    await ws.settled()
    assert not node.logged(token for token in made.values() if token)
