"""An operator's command finds the running node; a node that starts or stops is waited for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.clock import LoopClock, SystemChance
from hubbub.config.errors import StartError
from hubbub.config.settings import Settings
from hubbub.storage.sqlite.store import SqliteStore
from hubbub.supervision.cli import reach
from hubbub.supervision.cli.main import main
from hubbub.supervision.control import Control
from hubbub.supervision.data_dir import DataDir
from hubbub.supervision.operator import StoreOperator, commands
from hubbub.transport.edge.http.passwords import Passwords


async def serve(data: DataDir, ready: Callable[[], None], stop: asyncio.Event) -> None:
    """As much of a node as an operator sees."""
    store = SqliteStore(data.database)
    passwords = Passwords(memory_kib=64, passes=1)
    await store.open()
    operator = StoreOperator(store, passwords, lambda _to, _what: None, LoopClock(), SystemChance())
    tasks = Tasks()
    control = Control(data, commands(operator), tasks.start)
    await control.start()
    ready()
    await stop.wait()
    await control.stop()
    await tasks.stop()
    await store.close()
    passwords.close()


@contextmanager
def running_node(folder: Path) -> Generator[None]:
    """A node's operator side in a thread of its own."""
    loop = asyncio.new_event_loop()
    stop, ready = asyncio.Event(), threading.Event()
    with DataDir(folder) as data:
        thread = threading.Thread(
            target=lambda: loop.run_until_complete(serve(data, ready.set, stop))
        )
        thread.start()
        assert ready.wait(20)
        try:
            yield
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()


def test_a_running_node_does_it_and_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with running_node(tmp_path / "data"), (tmp_path / "typed").open("w+") as typed:
        typed.write("correct horse battery\n")
        typed.seek(0)
        monkeypatch.setattr("sys.stdin", typed)
        where = ["--data", str(tmp_path / "data")]
        assert main(["user", "add", "ada", "--password-stdin", *where]) == 0
        assert "through the running node (process " in capsys.readouterr().err
        assert main(["user", "list", *where]) == 0
        assert main(["user", "disable", "ada", *where]) == 0
        assert main(["user", "disable", "eve", *where]) == 1
        assert "hubbub: There is no user eve." in capsys.readouterr().err
        assert main(["backup", "copy.db", *where]) == 0
    assert (tmp_path / "copy.db").exists()
    assert main(["user", "list", *where]) == 0
    seen = capsys.readouterr()
    assert "no node is running" in seen.err
    assert seen.out.endswith("\tdisabled\n")


def test_a_holder_that_never_answers_is_given_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "_PATIENCE_S", 0.0)
    with DataDir(tmp_path) as data:
        data.database.touch()
        with pytest.raises(StartError, match=r"in use by process \d+.* does not answer"):
            reach.operate(Settings(data=tmp_path), lambda way: way.list_users(), make=False)


def test_a_node_that_is_still_starting_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[str] = []

    async def call(_data: DataDir, do: str) -> int:
        calls.append(do)
        if len(calls) == 1:
            raise FileNotFoundError
        # It has stopped meanwhile, and the folder is free.
        held.__exit__(None, None, None)
        raise ConnectionRefusedError

    monkeypatch.setattr(reach, "call", call)
    monkeypatch.setattr(reach, "_PAUSE_S", 0.0)
    held = DataDir(tmp_path)
    held.__enter__()
    assert reach.operate(Settings(data=tmp_path), lambda way: way.list_users(), make=True) == []
    assert calls == ["ping", "ping"]
    assert "no node is running" in capsys.readouterr().err
