"""Tokens: what they vouch for, and what ends them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
import structlog
from tests.support.clock import ManualClock
from tests.support.http_node import CountingChance, ToldCluster

from hubbub.actors.commands import DeviceRevoked
from hubbub.config.errors import ForbiddenError, UnauthenticatedError
from hubbub.config.ids import DeviceId, UserId
from hubbub.storage.memory import MemoryStore
from hubbub.storage.records import Account
from hubbub.transport.edge.tokens import ACCESS_S, REFRESH_S, Pair, Tokens

ADA = UserId("u_" + "a" * 20)
BOB = UserId("u_" + "b" * 20)


@dataclass
class Bench:
    """Tokens over a store with Ada and Bob in it."""

    tokens: Tokens
    store: MemoryStore
    cluster: ToldCluster
    clock: ManualClock

    async def sign_in(self, user: UserId = ADA) -> Pair:
        """A new device."""
        return await self.tokens.sign_in(user, "test", 10)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    store, cluster, clock = MemoryStore(), ToldCluster(), ManualClock()
    await store.open()
    for user, name in ((ADA, "ada"), (BOB, "bob")):
        await store.create_account(Account(user, name, name, 1, "hash"), [])
    tokens = await Tokens.open(store, cluster, clock, CountingChance())
    yield Bench(tokens, store, cluster, clock)
    await store.close()


def claims(token: str) -> dict[str, Any]:
    """What a token says, believed."""
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return read


def with_claims(token: str, **changed: Any) -> str:
    """The same signature under other claims."""
    head, _, signature = token.split(".")
    payload = json.dumps({**claims(token), **changed}).encode()
    return f"{head}.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.{signature}"


async def test_an_access_token_names_its_device_until_it_expires(bench: Bench) -> None:
    pair = await bench.sign_in()
    identity = await bench.tokens.authenticate(pair.access)
    assert (identity.user, identity.device) == (ADA, pair.device)
    assert identity.expires_ms == bench.clock.now_ms() + ACCESS_S * 1000
    bench.clock.advance(ACCESS_S - 1)
    await bench.tokens.authenticate(pair.access)
    bench.clock.advance(1)
    with pytest.raises(UnauthenticatedError):
        await bench.tokens.authenticate(pair.access)


async def test_neither_kind_of_token_passes_for_the_other(bench: Bench) -> None:
    pair = await bench.sign_in()
    with pytest.raises(UnauthenticatedError):
        await bench.tokens.authenticate(pair.refresh)
    with pytest.raises(UnauthenticatedError):
        await bench.tokens.refresh(pair.access)
    await bench.tokens.authenticate(pair.access)


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "\ud800", "é.é.é", "x" * 100_000, "Bearer x"]
)
async def test_what_is_no_token_is_refused_without_quoting_it(bench: Bench, token: str) -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        await bench.tokens.authenticate(token)
    assert refused.value.text == "That token is not good; sign in again."
    assert refused.value.__cause__ is None


async def test_no_other_claims_algorithm_or_key_is_believed(bench: Bench) -> None:
    ada, bob = await bench.sign_in(), await bench.sign_in(BOB)
    said = claims(ada.access)
    unsigned = jwt.encode(said, "", algorithm="none")
    forged = [
        with_claims(ada.access, sub=BOB, dev=bob.device),
        with_claims(ada.access, exp=said["exp"] + 1),
        unsigned,
        unsigned + ada.access.rsplit(".", 1)[1],
        jwt.encode(said, "k" * 32, algorithm="HS256"),
        jwt.encode(said, "k" * 64, algorithm="HS512"),
        ada.access[:-4] + ("AAAA" if not ada.access.endswith("AAAA") else "BBBB"),
    ]
    for token in forged:
        with pytest.raises(UnauthenticatedError):
            await bench.tokens.authenticate(token)


async def test_a_forged_refresh_token_cannot_end_anybodys_device(bench: Bench) -> None:
    pair = await bench.sign_in()
    await bench.tokens.refresh(pair.refresh)
    for token in (
        with_claims(pair.refresh, jti="else"),
        jwt.encode(claims(pair.refresh), "k" * 32, algorithm="HS256"),
    ):
        with pytest.raises(UnauthenticatedError):
            await bench.tokens.refresh(token)
    await bench.tokens.authenticate(pair.access)
    assert bench.cluster.told == []


async def test_using_an_old_refresh_token_ends_the_device_and_closes_its_socket(
    bench: Bench,
) -> None:
    pair = await bench.sign_in()
    second = await bench.tokens.refresh(pair.refresh)
    third = await bench.tokens.refresh(second.refresh)
    with structlog.testing.capture_logs() as logs, pytest.raises(UnauthenticatedError):
        await bench.tokens.refresh(pair.refresh)
    (event,) = logs
    assert (event["event"], event["user"], event["device"]) == ("refresh_reused", ADA, pair.device)
    assert pair.refresh not in repr(event)
    assert bench.cluster.told == [(f"user:{ADA}", DeviceRevoked(pair.device))]
    with pytest.raises(ForbiddenError):
        await bench.tokens.authenticate(third.access)
    with pytest.raises(UnauthenticatedError):
        await bench.tokens.refresh(third.refresh)
    assert len(bench.cluster.told) == 1


async def test_a_lost_answer_to_a_refresh_is_asked_for_again(bench: Bench) -> None:
    pair = await bench.sign_in()
    last = pair
    for _ in range(3):
        last = await bench.tokens.refresh(pair.refresh)
    assert (await bench.tokens.refresh(last.refresh)).device == pair.device


async def test_two_tokens_of_one_moment_differ(bench: Bench) -> None:
    pair = await bench.sign_in()
    assert (await bench.tokens.refresh(pair.refresh)).refresh != pair.refresh


async def test_a_refresh_token_expires(bench: Bench) -> None:
    pair = await bench.sign_in()
    bench.clock.advance(REFRESH_S)
    with pytest.raises(UnauthenticatedError):
        await bench.tokens.refresh(pair.refresh)
    assert bench.cluster.told == []


async def test_refreshing_shows_when_the_device_was_last_seen(bench: Bench) -> None:
    pair = await bench.sign_in()
    bench.clock.advance(100)
    await bench.tokens.refresh(pair.refresh)
    device = await bench.store.device(pair.device)
    assert device is not None
    assert device.seen_ms == bench.clock.now_ms()


async def test_a_signed_out_device_is_forbidden_at_once(bench: Bench) -> None:
    pair = await bench.sign_in()
    assert await bench.tokens.sign_out(ADA, pair.device)
    assert bench.cluster.told == [(f"user:{ADA}", DeviceRevoked(pair.device))]
    with pytest.raises(ForbiddenError):
        await bench.tokens.authenticate(pair.access)
    assert not await bench.tokens.sign_out(ADA, pair.device)
    assert len(bench.cluster.told) == 1


async def test_nobody_signs_anothers_device_out(bench: Bench) -> None:
    pair = await bench.sign_in()
    assert not await bench.tokens.sign_out(BOB, pair.device)
    await bench.tokens.authenticate(pair.access)


async def test_a_closed_account_is_forbidden_at_once(bench: Bench) -> None:
    pair = await bench.sign_in()
    await bench.store.set_disabled(ADA, True)
    with pytest.raises(ForbiddenError, match="closed"):
        await bench.tokens.authenticate(pair.access)


async def test_a_device_that_the_store_lost_vouches_for_nobody(bench: Bench) -> None:
    other = MemoryStore()
    await other.open()
    pair = await bench.sign_in()
    keys = [await bench.store.secret(name, b"") for name in ("access", "refresh")]
    tokens = Tokens(other, bench.cluster, bench.clock, CountingChance(), keys[0], keys[1])
    with pytest.raises(UnauthenticatedError):
        await tokens.authenticate(pair.access)
    await other.close()


async def test_the_device_beyond_the_limit_ends_the_one_least_recently_seen(bench: Bench) -> None:
    pairs: list[Pair] = []
    for _ in range(3):
        pairs.append(await bench.tokens.sign_in(ADA, "test", 2))
        bench.clock.advance(1)
    assert bench.cluster.told == [(f"user:{ADA}", DeviceRevoked(pairs[0].device))]
    with pytest.raises(ForbiddenError):
        await bench.tokens.authenticate(pairs[0].access)


async def test_keys_outlive_a_restart(bench: Bench) -> None:
    pair = await bench.sign_in()
    chance = CountingChance()
    chance.token(1)
    again = await Tokens.open(bench.store, bench.cluster, bench.clock, chance)
    assert (await again.authenticate(pair.access)).device == pair.device


async def test_whose_refresh_token_it_is_shows_even_when_it_is_used_up(bench: Bench) -> None:
    pair = await bench.sign_in()
    await bench.tokens.refresh(pair.refresh)
    assert bench.tokens.holder("refresh", pair.refresh).device == pair.device
    with pytest.raises(UnauthenticatedError):
        bench.tokens.holder("refresh", pair.access)


async def test_a_pair_shows_no_token_in_its_repr(bench: Bench) -> None:
    pair = await bench.sign_in()
    assert pair.access not in repr(pair)
    assert pair.refresh not in repr(pair)


async def test_devices_are_named_like_devices(bench: Bench) -> None:
    pair = await bench.sign_in()
    assert len(pair.device) == 22
    assert isinstance(pair.device, str)
    assert DeviceId(pair.device).startswith("v_")
