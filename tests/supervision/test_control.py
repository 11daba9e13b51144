"""The control socket: commands in, answers out, nothing else in."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hubbub.actors.runtime.tasks import Tasks
from hubbub.config.errors import NameTakenError, Refusal, StoreRetryableError
from hubbub.supervision.control import Call, Command, Control, call
from hubbub.supervision.data_dir import DataDir

PASSWORD = "correct horse battery"


async def echo(args: Mapping[str, str]) -> dict[str, str]:
    return dict(args)


async def refuse(_args: Mapping[str, str]) -> None:
    raise NameTakenError("The name ada is taken.")


async def fail(_args: Mapping[str, str]) -> None:
    raise StoreRetryableError("the disk is full")


async def crash(_args: Mapping[str, str]) -> None:
    raise RuntimeError("a bug")


COMMANDS: dict[str, Command] = {"echo": echo, "refuse": refuse, "fail": fail, "crash": crash}


@asynccontextmanager
async def listening(data: DataDir) -> AsyncGenerator[Control]:
    tasks = Tasks()
    control = Control(data, COMMANDS, tasks.start)
    await control.start()
    try:
        yield control
    finally:
        await control.stop()
        await tasks.stop()
        assert tasks.failed == 0


@pytest.fixture
async def data(tmp_path: Path) -> AsyncIterator[DataDir]:
    with DataDir(tmp_path) as held:
        async with listening(held):
            yield held


async def raw(data: DataDir, *lines: bytes) -> list[bytes]:
    """What comes back for these bytes, until the node hangs up or all are answered."""
    with data.control_address() as address:
        reader, writer = await asyncio.open_unix_connection(address)
    writer.writelines(lines)
    writer.write_eof()
    answers = (await reader.read()).splitlines()
    writer.close()
    return answers


async def test_a_command_gets_its_arguments_and_gives_its_answer(data: DataDir) -> None:
    assert await call(data, "echo", name="ada", password=PASSWORD) == {
        "name": "ada",
        "password": PASSWORD,
    }


async def test_the_socket_is_for_its_owner_alone(data: DataDir) -> None:
    path = data.folder / "control.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("do", "says"),
    [
        ("refuse", "The name ada is taken."),
        ("fail", "the disk is full"),
        ("nothing", "knows no command nothing"),
        ("crash", "see its log"),
    ],
)
async def test_a_command_that_is_not_done_says_why(data: DataDir, do: str, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        await call(data, do)


async def test_a_command_that_crashes_is_logged_and_leaves_the_node_listening(
    data: DataDir,
) -> None:
    with capture_logs() as logged, pytest.raises(Refusal):
        await call(data, "crash", password=PASSWORD)
    assert [line["event"] for line in logged] == ["command_failed"]
    assert PASSWORD not in repr(logged)
    assert await call(data, "echo") == {}


@pytest.mark.parametrize(
    "line",
    [b"not json\n", b"[]\n", b'{"do":5}\n', b'{"do":"echo","args":{"n":1}}\n', b"\xff\n", b"{}\n"],
)
async def test_what_is_no_command_is_answered_and_the_next_one_is_done(
    data: DataDir, line: bytes
) -> None:
    bad, good = await raw(data, line, b'{"do":"echo"}\n')
    assert b"bad_request" in bad
    assert good == b'{"ok":{}}'


async def test_one_connection_carries_many_commands_in_order(data: DataDir) -> None:
    lines = [b'{"do":"echo","args":{"n":"%d"}}\n' % n for n in range(3)]
    assert await raw(data, *lines) == [b'{"ok":{"n":"%d"}}' % n for n in range(3)]


async def test_an_operator_who_hangs_up_halfway_does_no_harm(data: DataDir) -> None:
    with data.control_address() as address:
        _reader, writer = await asyncio.open_unix_connection(address)
    writer.write(b'{"do":"ec')
    writer.close()
    assert await call(data, "echo") == {}


async def test_a_dead_nodes_socket_is_replaced(tmp_path: Path) -> None:
    with DataDir(tmp_path) as data:
        tasks = Tasks()
        killed = Control(data, COMMANDS, tasks.start)
        await killed.start()
        async with listening(data):
            assert await call(data, "echo") == {}
        await killed.stop()


async def test_a_stopped_node_leaves_no_socket_and_hangs_up(tmp_path: Path) -> None:
    with DataDir(tmp_path) as data:
        async with listening(data) as control:
            with data.control_address() as address:
                reader, writer = await asyncio.open_unix_connection(address)
            writer.write(b'{"do":"echo"}\n')
            assert await reader.readline()
            await control.stop()
            assert await reader.read() == b""
            writer.close()
            assert not (tmp_path / "control.sock").exists()
            await control.stop()
        with pytest.raises(FileNotFoundError):
            await call(data, "echo")


async def test_a_node_that_goes_away_before_it_answers_is_told_apart(tmp_path: Path) -> None:
    with DataDir(tmp_path) as data:
        tasks = Tasks()

        async def hang_up(_args: Mapping[str, str]) -> Any:
            await control.stop()

        control = Control(data, {"bye": hang_up}, tasks.start)
        await control.start()
        with pytest.raises(Refusal, match="went away"):
            await call(data, "bye")
        await tasks.stop()


def test_a_call_does_not_show_its_arguments() -> None:
    assert PASSWORD not in repr(Call("user.add", {"password": PASSWORD}))
