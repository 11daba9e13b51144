"""`hubbub drain`: what it asks, and what it says; tests/node has a real node."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from hubbub.config.clock import LoopClock
from hubbub.config.errors import Refusal
from hubbub.supervision.cli import drain as module
from hubbub.supervision.cli.main import main

TOKEN = "a token that is long enough"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """A node that goes after one look; what it was asked."""
    calls: list[dict[str, str]] = []

    async def call(_data: object, do: str, **args: str) -> Any:
        calls.append({"do": do, **args})
        if do == "drain":
            if args["node"] != "n1":
                raise Refusal("This is node n1.")
            return {"node": args["node"], "connections": 1234, "over_s": 30.0}
        if len(calls) > 2:
            raise FileNotFoundError
        return 1

    monkeypatch.setattr(module, "call", call)
    monkeypatch.setattr(module, "_LOOK_S", 0)
    return calls


def test_it_returns_once_the_node_has_gone(
    asked: list[dict[str, str]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["drain", "n1", "--over-s", "30", "--data", str(tmp_path)]) == 0
    assert asked == [
        {"do": "drain", "node": "n1", "over_s": "30.0"},
        {"do": "ping"},
        {"do": "ping"},
    ]
    assert capsys.readouterr().out == "n1 sends 1,234 away over 30 s\nn1 has gone\n"


def test_another_nodes_name_is_refused(
    asked: list[dict[str, str]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["drain", "n2", "--data", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "hubbub: This is node n1.\n"
    assert asked == [{"do": "drain", "node": "n2"}]


def test_a_node_that_does_not_end_is_not_waited_for_for_ever(
    asked: list[dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    times = iter(range(0, 10_000, 40))

    def monotonic(_: LoopClock) -> float:
        return next(times)

    monkeypatch.setattr(LoopClock, "monotonic", monotonic)
    asked.clear()

    async def call(_data: object, do: str, **_args: str) -> Any:
        return {"node": "n1", "connections": 0, "over_s": 0.0}

    monkeypatch.setattr(module, "call", call)
    assert main(["drain", "n1", "--data", str(tmp_path)]) == 2
    assert "does not end" in capsys.readouterr().err


def test_without_a_node_it_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["drain", "n1", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"hubbub: no node is running on {tmp_path}\n"


# --- from afar ----------------------------------------------------------------------------------


@contextmanager
def server(status: int, body: bytes, **headers: str) -> Generator[tuple[str, list[Any]]]:
    """Answers every POST so; its address, and what it was asked."""
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            seen.append(
                (self.path, self.headers["Authorization"], json.loads(self.rfile.read(length)))
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}", seen
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture
def token(tmp_path: Path) -> str:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    return str(tmp_path / "token")


def test_a_node_elsewhere_is_told_with_the_token(
    token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    body = json.dumps({"node": "n1", "connections": 3, "over_s": 2.5}).encode()
    with server(202, body) as (url, seen):
        assert main(["drain", "n1", "--url", f"{url}/", "--token-file", token]) == 0
    order = {"node": "n1", "over_s": None}
    assert seen == [("/v1/operator/drain", f"Bearer {TOKEN}", order)]
    assert capsys.readouterr().out == "n1 sends 3 away over 2.5 s\n"


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b'{"code":"unauthenticated","msg":"That is not it."}', "That is not it."),
        (502, b"<html>", "It answered 502."),
    ],
)
def test_what_it_refuses_is_said(
    token: str, capsys: pytest.CaptureFixture[str], status: int, body: bytes, said: str
) -> None:
    with server(status, body) as (url, _):
        assert main(["drain", "n1", "--url", url, "--token-file", token]) == 1
    err = capsys.readouterr().err
    assert err == f"hubbub: {said}\n"
    assert TOKEN not in err


def test_the_token_goes_nowhere_else(token: str, capsys: pytest.CaptureFixture[str]) -> None:
    with server(202, b"{}") as (other, stolen):
        with server(302, b"", Location=f"{other}/elsewhere") as (url, _):
            assert main(["drain", "n1", "--url", url, "--token-file", token]) == 1
        assert not stolen
    assert main(["drain", "n1", "--url", "http://192.0.2.1", "--token-file", token]) == 2
    assert "by https only" in capsys.readouterr().err


def test_what_is_missing_or_out_of_reach_is_said(
    token: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with server(202, b"{}") as (url, _):
        pass
    assert main(["drain", "n1", "--url", url, "--token-file", token]) == 2
    assert main(["drain", "n1", "--url", url]) == 2
    assert main(["drain", "n1", "--url", url, "--token-file", str(tmp_path / "none")]) == 2
    first, second, third = capsys.readouterr().err.splitlines()
    assert "refused" in first
    assert "go together" in second
    assert "cannot read a token" in third
