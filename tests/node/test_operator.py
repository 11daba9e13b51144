"""An operator's commands on a running node, and how it stops: real processes, real sockets."""

from __future__ import annotations

import asyncio
import json
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from tests.support.node import Node, running
from tests.support.town import Town
from tests.support.ws_client import PASSWORD, sign_in, sign_up

from hubbub.supervision.demo import DEMO_USERS

module = pytest.mark.asyncio(loop_scope="module")


async def hubbub(node: Node, *words: str, typed: str = "", code: int = 0) -> tuple[str, str]:
    """Run an operator's command on the node's data; what it said on stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        *node.command(*words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(typed.encode()), 60)
    assert process.returncode == code, err.decode()
    return out.decode(), err.decode()


async def status_of_login(node: Node, name: str, password: str) -> int:
    async with httpx.AsyncClient(base_url=node.base) as http:
        body = {"name": name, "password": password, "device": "test"}
        return (await http.post("/v1/login", json=body)).status_code


@module
async def test_a_disabled_users_sockets_close_at_once_and_no_sign_in_works(
    node: Node, town: Town
) -> None:
    ann = await town.person("ann")
    phone = await town.device(ann)
    desk_ws, phone_ws = await town.sockets(ann, phone)
    _out, err = await hubbub(node, "user", "disable", ann.name)
    assert f"through the running node (process {node.process.pid})" in err
    assert [await ws.close_code() for ws in (desk_ws, phone_ws)] == [4403, 4403]
    assert (await ann.http.get("/v1/me")).status_code in (401, 403)
    assert await status_of_login(node, ann.name, PASSWORD) in (401, 403)
    await hubbub(node, "user", "enable", ann.name)
    assert await status_of_login(node, ann.name, PASSWORD) == 200


@module
async def test_a_new_password_signs_every_device_out_and_is_the_only_one_that_works(
    node: Node, town: Town
) -> None:
    ann = await town.person("ann")
    ws = await town.socket(ann)
    await hubbub(node, "user", "passwd", ann.name, "--password-stdin", typed="another horse\n")
    assert await ws.close_code() == 4403
    assert await status_of_login(node, ann.name, PASSWORD) == 401
    assert await status_of_login(node, ann.name, "another horse") == 200
    assert node.logged(["another horse", PASSWORD]) == []


@module
async def test_the_tree_of_a_running_node_shows_who_is_there_and_who_crashed(
    node: Node, town: Town
) -> None:
    ann = await town.person("ann")
    await town.socket(ann)
    out, err = await hubbub(node, "tree")
    assert err == ""
    heading, root, *rows = out.splitlines()
    assert heading.split() == ["NAME", "STATE", "RESTARTS", "MAILBOX", "KIND", "LAST", "ERROR"]
    assert root.startswith("node ")
    names = [row.split()[1] for row in rows if row.startswith(("├─", "└─"))]
    assert names[:3] == ["store", "edge", "cluster"]
    assert {"conversations", "users", "sessions", "control"} <= set(names)
    assert "session:" not in out, "nobody asked for the children"
    told = json.loads((await hubbub(node, "tree", "--all", "--json"))[0])
    (sessions,) = [line for line in told["children"] if line["name"] == "sessions"]
    below = [child for part in sessions["children"] for child in part["children"]]
    assert len(below) >= 1
    assert {child["kind"] for child in below} == {"SessionActor"}
    assert sum(part["count"] for part in sessions["children"]) == len(below)


@module
async def test_a_command_that_the_node_refuses_says_so_and_gives_1(node: Node, town: Town) -> None:
    ann = await town.person("ann")
    words = ("user", "add", ann.name, "--password-stdin")
    _out, err = await hubbub(node, *words, typed=f"{PASSWORD}\n", code=1)
    assert err.splitlines()[-1] == f"hubbub: The name {ann.name} is taken."


@module
async def test_a_backup_of_a_running_node_holds_what_was_acknowledged(
    node: Node, town: Town, tmp_path: Path
) -> None:
    ann, ben = await town.people("ann", "ben")
    ws = await town.socket(ann)
    ack = await ws.post(ben.user, 1, "kept")
    restored = tmp_path / "restored"
    restored.mkdir()
    await hubbub(node, "backup", str(restored / "hubbub.db"))
    async with running(restored) as other, AsyncExitStack() as stack:
        again = await sign_in(other.base, ann.name)
        stack.push_async_callback(again.close)
        page = await again.http.get(f"/v1/conversations/{ack['c']}/messages?after={ack['s'] - 1}")
        assert [each["b"]["text"] for each in page.json()["msgs"]] == ["kept"]


async def test_where_sign_up_is_closed_the_operator_adds_people(tmp_path: Path) -> None:
    async with running(tmp_path / "data", "--sign-up", "closed") as node:
        async with httpx.AsyncClient(base_url=node.base) as http:
            answer = await http.post("/v1/register", json={"name": "eve", "password": PASSWORD})
            assert answer.status_code == 403
        out, _err = await hubbub(
            node, "user", "add", "ada", "--password-stdin", typed=f"{PASSWORD}\n"
        )
        assert await status_of_login(node, "ada", PASSWORD) == 200
        code = out.splitlines()[1].strip()
        async with httpx.AsyncClient(base_url=node.base) as http:
            body = {"name": "ada", "code": code, "password": "another horse"}
            assert (await http.post("/v1/recover", json=body)).is_success
        assert await status_of_login(node, "ada", "another horse") == 200


async def test_demo_users_sign_in_on_a_demo_node_and_on_no_other(tmp_path: Path) -> None:
    async with running(tmp_path / "data", "--demo") as node:
        for user in DEMO_USERS:
            assert await status_of_login(node, user.name, user.password) == 200
    async with running(tmp_path / "data") as node:
        for user in DEMO_USERS:
            assert await status_of_login(node, user.name, user.password) in (401, 403)


@pytest.mark.parametrize("received", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopped_node_says_goodbye_ends_with_0_and_lets_the_data_go(
    tmp_path: Path, received: signal.Signals
) -> None:
    node = Node(tmp_path / "data", "--drain-s", "0.2")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(node.kill)
        await node.start()
        ann = await sign_up(node.base, "ann")
        stack.push_async_callback(ann.close)
        ws = await ann.socket()
        stack.push_async_callback(ws.close)
        node.process.send_signal(received)
        await ws.expect("bye")
        assert await ws.close_code() in (1001, 1012, 4503)
        assert await asyncio.wait_for(node.process.wait(), 30) == 0
    assert not (node.data / "control.sock").exists()
    out, err = await hubbub(node, "user", "list")
    assert "no node is running" in err
    assert out.startswith("ann\t")


async def test_a_drained_node_sends_its_clients_away_and_ends_with_0(tmp_path: Path) -> None:
    token = tmp_path / "operator.token"
    token.write_text("a token that nobody guesses")
    node = Node(tmp_path / "data", "--node", "here", "--operator-token-file", str(token))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(node.kill)
        await node.start()
        ann = await sign_up(node.base, "ann")
        stack.push_async_callback(ann.close)
        ws = await ann.socket()
        stack.push_async_callback(ws.close)
        _out, err = await hubbub(node, "drain", "n1", code=1)
        assert err == "hubbub: This is node here, not n1.\n"
        far = ("drain", "n1", "--url", node.base, "--token-file", str(token))
        _out, err = await hubbub(node, *far, code=1)
        assert err == "hubbub: This is node here, not n1.\n"
        look = ("status", "--json", "--url", node.base, "--token-file", str(token))
        out, _err = await hubbub(node, *look)
        assert json.loads(out)["nodes"][0]["state"] == "ready"
        assert [n["rank"] for n in (await ann.http.get("/v1/nodes")).json()] == [0]
        order = asyncio.ensure_future(hubbub(node, "drain", "here", "--over-s", "2"))  # noqa: TID251
        bye = await ws.expect("bye")
        assert 0 <= bye["after"] <= 2000
        assert (await ann.http.get("/readyz")).status_code == 503
        assert (await ann.http.get("/v1/nodes")).status_code == 503
        assert (await ann.http.get("/v1/me")).status_code == 200
        assert await ws.close_code() == 4503
        out, _err = await order
        assert out == "here sends 1 away over 2 s\nhere has gone\n"
        assert await asyncio.wait_for(node.process.wait(), 30) == 0
    assert node.complaints() == []
    assert node.logged(["a token that nobody"]) == []


@module
async def test_the_status_of_a_node_of_its_own_tells_of_its_connections(
    node: Node, town: Town
) -> None:
    ann = await town.person("ann")
    await town.sockets(ann)
    out, _err = await hubbub(node, "status", "--json")
    (told,) = json.loads(out)["nodes"]
    assert (told["node"], told["state"], told["crashes"]) == ("n1", "ready", 0)
    assert told["connections"] >= 1
    assert 0 < told["store_ms"] < 1000
    out, _err = await hubbub(node, "status")
    assert "n1    ready" in out
