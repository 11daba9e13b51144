"""A node's HTTP side alone: the real application over a store, with a cluster that writes down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx
from fastapi import FastAPI
from tests.support.clock import ManualClock

from hubbub.actors.answers import Deliveries, Done
from hubbub.actors.commands import CatchUp, HeadTold, OwnCursor, ReplyTo
from hubbub.config.errors import AskTimeoutError, Refusal, UnavailableError
from hubbub.config.ids import DeviceId, UserId
from hubbub.config.limits import Limits
from hubbub.config.metrics import Metrics
from hubbub.storage.contract import Store
from hubbub.storage.memory import MemoryStore
from hubbub.transport.discovery import About
from hubbub.transport.edge.http.app import build_app
from hubbub.transport.edge.http.limiter import Limiter
from hubbub.transport.edge.http.pages import WebFiles
from hubbub.transport.edge.http.passwords import Passwords
from hubbub.transport.edge.http.services import Services
from hubbub.transport.edge.tokens import Tokens

PASSWORD = "correct horse 9"

#: What the web page's requests have.
WEB = {"X-Hubbub-Web": "1", "Origin": "http://chat.test"}


async def login(http: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    """Try to sign in."""
    return await http.post("/v1/login", json={"name": name, "password": password})


class CountingChance:
    """Different every time, the same in every run."""

    def __init__(self) -> None:
        self._drawn = 0

    def token(self, size: int) -> bytes:
        """Bytes nobody drew before."""
        self._drawn += 1
        return sha256(str(self._drawn).encode()).digest()[:size]

    def uniform(self, low: float, high: float) -> float:
        """The middle."""
        return (low + high) / 2


class ToldCluster:
    """Tells nobody, and keeps what it was to tell."""

    node = "node"
    incarnation = "incarnation"
    settles_s = 0.0

    def __init__(self) -> None:
        #: (name, message), in order.
        self.told: list[tuple[str, Any]] = []
        self.deaf = False

    def here(self, shard: int, for_s: float = 0.0) -> bool:
        """Every shard is."""
        return True

    def tell(self, name: str, message: Any) -> bool:
        """Write it down."""
        self.told.append((name, message))
        return not self.deaf

    def fan_out(self, users: Sequence[str], message: Deliveries | HeadTold | OwnCursor) -> None:
        """Nobody is connected."""

    async def epoch(self, shard: int) -> int:
        """No shard is ever moved."""
        return 1

    def disown(self, shard: int, epoch: int) -> None:
        """No shard is ever lost."""


class OpenNodes:
    """Tells what a test says, and writes down for whom."""

    def __init__(self, *nodes: About) -> None:
        self.nodes = nodes or (About(),)
        self.shards: list[int] = []

    def open_nodes(self, shard: int) -> Sequence[About]:
        """Those, whatever the shard."""
        self.shards.append(shard)
        return self.nodes

    def addresses(self) -> Sequence[str]:
        """Of those that have one."""
        return [node.address for node in self.nodes if node.address]


class ScriptedAsker:
    """Answers from a script: {target: answer, or a refusal to raise}; others are unavailable."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        #: (target, command), in order.
        self.asked: list[tuple[str, Any]] = []
        #: How many questions are not answered in time.
        self.silences = 0

    async def request(
        self, target: str, make: Callable[[ReplyTo], Any], timeout_s: float | None = None
    ) -> Any:
        """Write the command down, and give the answer of the script."""
        command = make(ReplyTo("ask:test", len(self.asked)))
        if isinstance(command, CatchUp):
            return Done()  # nothing that it was told is under way
        self.asked.append((target, command))
        if self.silences:
            self.silences -= 1
            raise AskTimeoutError
        answer = self.answers.get(target, UnavailableError())
        if isinstance(answer, Refusal):
            raise answer
        return answer


class CountingPasswords(Passwords):
    """Cheap hashes, and a count of how often each kind of work was done."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"memory_kib": 8, "passes": 1, **settings})
        self.hashed = 0
        self.verified = 0

    async def hash(self, password: str) -> str:
        """Count, then hash."""
        self.hashed += 1
        return await super().hash(password)

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Count, then verify."""
        self.verified += 1
        return await super().verify(hashed, password)


@dataclass
class SignedInPerson:
    """Somebody with a device here, and a client that shows the token."""

    user: UserId
    device: DeviceId
    access: str
    refresh: str
    http: httpx.AsyncClient


@dataclass
class HttpNode:
    """The application and everything it was given."""

    services: Services
    app: FastAPI
    store: Store
    cluster: ToldCluster
    asker: ScriptedAsker
    clock: ManualClock
    passwords: CountingPasswords
    clients: list[httpx.AsyncClient] = field(default_factory=list[httpx.AsyncClient])

    def client(self, **options: Any) -> httpx.AsyncClient:
        """A client of this node, from an address of its own if one is given."""
        address = options.pop("address", "192.0.2.7")
        transport = httpx.ASGITransport(self.app, client=(address, 4711))
        options.setdefault("base_url", "http://chat.test")
        client = httpx.AsyncClient(transport=transport, **options)
        self.clients.append(client)
        return client

    async def register(self, name: str, password: str = PASSWORD) -> list[str]:
        """A new account; its recovery codes."""
        made = await self.client().post("/v1/register", json={"name": name, "password": password})
        assert made.status_code == 201, made.text
        codes: list[str] = made.json()["recovery"]
        return codes

    async def sign_in(self, name: str, password: str = PASSWORD) -> SignedInPerson:
        """A new device of an account."""
        http = self.client()
        answer = await http.post("/v1/login", json={"name": name, "password": password})
        assert answer.status_code == 200, answer.text
        got = answer.json()
        http.headers["Authorization"] = f"Bearer {got['access']}"
        return SignedInPerson(
            UserId(got["user"]["id"]),
            DeviceId(got["device"]),
            got["access"],
            got["refresh"],
            http,
        )

    async def person(self, name: str) -> SignedInPerson:
        """A new account with one device."""
        await self.register(name)
        return await self.sign_in(name)

    async def close(self) -> None:
        """Leave no client, thread or store open."""
        for client in self.clients:
            await client.aclose()
        self.passwords.close()
        await self.store.close()


async def open_http_node(
    *,
    limited: bool = False,
    web: WebFiles | None = None,
    limits: Limits | None = None,
    **services: Any,
) -> HttpNode:
    """A node with nobody on it.

    Args:
        limited: Whether the rates hold.
        services: Fields of Services to set otherwise.
    """
    store = MemoryStore()
    await store.open()
    clock, chance = ManualClock(), CountingChance()
    cluster, asker, passwords = ToldCluster(), ScriptedAsker(), CountingPasswords()
    fields: dict[str, Any] = {
        "store": store,
        "asker": asker,
        "cluster": cluster,
        "tokens": await Tokens.open(store, cluster, clock, chance),
        "passwords": passwords,
        "limiter": Limiter.of(Limits() if limited else Limits(rate_per_s=0), clock),
        "limits": limits or Limits(),
        "metrics": Metrics(),
        "clock": clock,
        "chance": chance,
        "web": web,
        "not_ready": lambda: "",
        "discovery": OpenNodes(),
        **services,
    }
    node = Services(**fields)
    return HttpNode(node, build_app(node), store, cluster, asker, clock, passwords)


__all__ = [
    "PASSWORD",
    "WEB",
    "CountingChance",
    "CountingPasswords",
    "HttpNode",
    "OpenNodes",
    "ScriptedAsker",
    "SignedInPerson",
    "ToldCluster",
    "login",
    "open_http_node",
]
