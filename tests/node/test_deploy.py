"""What `deploy/` holds is what works: real programs read it, and two real nodes run by it."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme
from tests.support.node import ROOT, Node
from tests.support.ws_client import Person, Socket, sign_in, sign_up
from websockets.exceptions import InvalidStatus

from hubbub.config.reading import read_settings
from hubbub.storage.cassandra.schema import migrate
from hubbub.supervision.chat import chat

if TYPE_CHECKING:
    from tests.support.redis_server import RedisServer
    from tests.support.ring import Ring

DEPLOY = ROOT / "deploy"
PATIENCE_S = 60.0


def edited(name: str, changes: dict[str, str]) -> str:
    """A file of the folder, with its example places as they are in a test."""
    text = (DEPLOY / name).read_text()
    for old, new in changes.items():
        assert old in text, f"{name} has no {old}"
        text = text.replace(old, new)
    return text


def test_the_settings_are_those_of_a_node() -> None:
    settings = read_settings({"config": str(DEPLOY / "hubbub.toml")})
    assert (settings.node, settings.store, settings.cluster) == ("n1", "cassandra", "chat")


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    # The program is not installed where the example has it.
    unit = tmp_path / "hubbub.service"
    unit.write_text(edited("hubbub.service", {"/opt/hubbub/bin/hubbub": "/bin/true"}))
    seen = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (seen.returncode, seen.stdout + seen.stderr) == (0, "")


async def test_every_metric_that_the_page_names_is_one() -> None:
    named = set(re.findall(r"hubbub_[a-z_]+", (ROOT / "docs" / "operations.md").read_text()))
    async with chat() as node:
        told = node.metrics.render().decode()
    known = {line.split()[2] for line in told.splitlines() if line.startswith("# TYPE ")}
    assert len(named) > 10
    assert named <= known


def test_every_reason_to_drop_something_is_on_the_page() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    call = re.compile(r'(?:dropped\.labels|_drop|_dropped|_drop_all)\(\s*"([a-z_]+)"')
    sources = [path.read_text() for path in (ROOT / "transport").rglob("*.py")]
    reasons = {reason for source in sources for reason in call.findall(source)}
    assert len(reasons) > 10
    assert {reason for reason in reasons if f"`{reason}`" not in page} == set()


def test_redis_takes_the_configuration_and_lets_the_nodes_user_in_alone(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    config = tmp_path / "redis.conf"
    config.write_text(
        edited("redis.conf", {"bind 10.0.0.31": "bind 127.0.0.1", "6379\nsave": f"{port}\nsave"})
    )
    with subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "redis-server", str(config), "--dir", str(tmp_path)],
        stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        try:
            assert server.stdout is not None
            assert any("Ready to accept connections" in line for line in server.stdout)
            command = ["redis-cli", "-p", port, "--no-auth-warning"]
            user = ["--user", "hubbub", "--pass", "change-this-password"]
            for who, said in (([], "NOAUTH"), (user, "")):
                seen = subprocess.run(
                    [*command, *who, "get", "hubbub:{chat}:members"],
                    capture_output=True, text=True, check=False,
                )  # fmt: skip
                assert seen.stdout.strip().startswith(said)
                assert bool(said) == bool(seen.stdout.strip())
        finally:
            server.kill()


def test_haproxy_takes_the_configuration(tmp_path: Path) -> None:
    pem = tmp_path / "chat.pem"
    trustme.CA().issue_cert("*.chat.example.org").private_key_and_cert_chain_pem.write_to_path(pem)
    config = tmp_path / "haproxy.cfg"
    config.write_text(edited("haproxy.cfg", {"/etc/haproxy/chat.pem": str(pem)}))
    seen = subprocess.run(
        [haproxy(), "-c", "-f", str(config)], capture_output=True, text=True, check=False
    )
    assert (seen.returncode, "arning" in seen.stderr) == (0, False), seen.stderr


def haproxy() -> str:
    found = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    assert found is not None, "run scripts/services"
    return found


# --- two nodes behind it ------------------------------------------------------------------------


@dataclass
class Site:
    """Two nodes, and the proxy before them.

    Attributes:
        port: The proxy's.
        nodes: {name: node}
    """

    port: int
    nodes: dict[str, Node]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def socket(self, person: Person, host: str = "chat.example.org") -> Socket:
        """A welcomed connection through the proxy, to this name; tried until a node takes it."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    ws = await Socket.open(f"http://{host}", host="127.0.0.1", port=self.port)
                except InvalidStatus:
                    await asyncio.sleep(0)
                else:
                    break
        await ws.send(person.hello())
        ws.welcome = await ws.expect("welcome")
        return ws


@contextmanager
def proxy(config: Path) -> Generator[None]:
    """HAProxy for the length of a block."""
    process = subprocess.Popen([haproxy(), "-db", "-f", str(config)], stderr=subprocess.PIPE)
    try:
        yield
        assert process.poll() is None, "it has ended by itself"
    finally:
        process.terminate()
        process.communicate()


@asynccontextmanager
async def site(tmp_path: Path, ring: Ring, redis: RedisServer) -> AsyncGenerator[Site]:
    options = ring.in_keyspace("deploy")
    await asyncio.to_thread(migrate, options)
    token = tmp_path / "operator.token"
    token.write_text("a token that nobody guesses")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nodes: dict[str, Node] = {}
    async with AsyncExitStack() as stack:
        for name in ("n1", "n2"):
            node = nodes[name] = Node(
                tmp_path / name,
                *("--config", str(DEPLOY / "hubbub.toml"), "--host", "127.0.0.1"),
                *("--node", name, "--public-url", f"wss://{name}.chat.example.org/ws"),
                *("--trusted-proxies", "127.0.0.1", "--operator-token-file", str(token)),
                *("--cassandra-contact-points", options.contact_points[0]),
                *("--cassandra-port", str(options.port), "--cassandra-keyspace", "deploy"),
                *("--redis", redis.url, "--cluster", tmp_path.name[:32].replace("_", "-")),
                *("--no-limits", "--log-format", "text"),
            )
            stack.push_async_callback(node.kill)
            await node.start()
        config = tmp_path / "haproxy.cfg"
        places = {
            f"10.0.0.1{n}:8800": node.base.removeprefix("http://")
            for n, node in enumerate(nodes.values(), 1)
        }
        bind = {"bind :443 ssl crt /etc/haproxy/chat.pem alpn http/1.1": f"bind 127.0.0.1:{port}"}
        # The files that this many connections take are more than a test may have.
        few = {"maxconn 100000": "maxconn 1000"}
        config.write_text(edited("haproxy.cfg", {**places, **bind, **few}))
        stack.enter_context(proxy(config))
        here = Site(port, nodes)
        await _until_it_serves(here)
        yield here
        for node in nodes.values():
            assert node.complaints() == []


async def _until_it_serves(here: Site) -> None:
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(base_url=here.base) as http:
        while True:
            try:
                answer = await http.get("/v1/nodes")
                if answer.status_code == 200 and len(answer.json()) == 2:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0)


@pytest.mark.slow
async def test_two_nodes_behind_haproxy_are_one_chat_that_loses_nothing_when_one_is_drained(
    tmp_path: Path, one_node: Ring, redis_server: RedisServer
) -> None:
    async with site(tmp_path, one_node, redis_server) as here, AsyncExitStack() as stack:
        # The ring may have people of earlier tests.
        names = [f"{name}-{token_hex(4)}" for name in ("ann", "ben")]
        ann, ben = [await sign_up(here.base, name) for name in names]
        other = await sign_in(here.base, ben.name)
        for person in (ann, ben, other):
            stack.push_async_callback(person.close)
        ann_ws = await here.socket(ann, "n1.chat.example.org")
        ben_ws = await here.socket(ben, "n2.chat.example.org")
        other_ws = await here.socket(other)
        assert [ws.welcome["node"] for ws in (ann_ws, ben_ws)] == ["n1", "n2"]
        ack = await ann_ws.post(ben.user, 1, "hello")
        for ws in (ben_ws, other_ws):
            assert (await ws.expect("msg", s=ack["s"]))["b"]["text"] == "hello"
        urls = {node["url"] for node in (await ann.http.get("/v1/nodes")).json()}
        assert urls == {f"wss://{name}.chat.example.org/ws" for name in here.nodes}
        for hidden in ("/metrics", "/v1/operator/drain"):
            assert (await ann.http.get(hidden)).status_code == 404
        forged = {"X-Forwarded-For": "203.0.113.9"}
        assert (await ann.http.get("/v1/me", headers=forged)).status_code == 200

        leaving = here.nodes["n1"]
        order = await asyncio.create_subprocess_exec(
            *leaving.command("drain", "n1", "--over-s", "1"), stdout=asyncio.subprocess.PIPE
        )
        await ann_ws.expect("bye")
        assert await ann_ws.close_code() == 4503
        again = await here.socket(ann, "n1.chat.example.org")
        assert again.welcome["node"] == "n2", "the proxy sends nobody to one that drains"
        assert (await again.post(ben.user, 2, "still here"))["s"] == ack["s"] + 1
        assert (await ben_ws.expect("msg", s=ack["s"] + 1))["b"]["text"] == "still here"
        out, _ = await asyncio.wait_for(order.communicate(), PATIENCE_S)
        assert out.decode().endswith("n1 has gone\n")
        assert await asyncio.wait_for(leaving.process.wait(), PATIENCE_S) == 0
        async with asyncio.timeout(PATIENCE_S):
            while len((await ann.http.get("/v1/nodes")).json()) != 1:  # noqa: ASYNC110 - a real one
                await asyncio.sleep(0)
        for ws in (again, ben_ws, other_ws):
            await ws.close()
