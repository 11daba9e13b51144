"""The control socket: how an operator's commands reach a running node.

    client   {"do":"user.add","args":{"name":"ada","password":"..."}}
    node     {"ok":"u_..."}    or    {"code":"name_taken","text":"..."}

JSON lines over a unix socket of mode 0600 in the data folder, so whoever may read the folder may
command the node. A command at a time for a connection, any number of commands.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

import msgspec
import structlog

from ..config.errors import BadRequestError, HubbubError, InternalError, Refusal
from .data_dir import DataDir

log = structlog.get_logger(__name__)

#: The longest line either side reads: a list of users is the longest there is.
LINE_BYTES = 16 * 1024 * 1024

#: What a command gets, and what it gives: plain values that JSON can hold.
Command = Callable[[Mapping[str, str]], Awaitable[Any]]
#: Starts a task that lives as long as the node: `Tasks.start`.
StartTask = Callable[[Coroutine[Any, Any, None], str], object]


class Call(msgspec.Struct, frozen=True):
    """A line from the operator."""

    do: str
    args: dict[str, str] = {}

    def __repr__(self) -> str:
        # The arguments may hold a password.
        return f"Call({self.do!r})"


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line from the node: `code` and `text` when it did not do it."""

    ok: Any = None
    code: str = ""
    text: str = ""


class Control:
    """Listens in the data folder while it is started, and does what it is told.

    Args:
        data: The folder, which must be held: a socket that lies in it is a dead node's.
        commands: What can be asked, by name.
        start_task: Starts the task that serves a connection.
    """

    def __init__(
        self, data: DataDir, commands: Mapping[str, Command], start_task: StartTask
    ) -> None:
        self._data = data
        self._commands = commands
        self._start_task = start_task
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen; from here on the operator's commands come to this node."""
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            with self._data.control_address() as address:
                with suppress(FileNotFoundError):
                    os.unlink(address)
                ear.bind(address)
                # Before it listens, so that nobody gets in while the mode is still the umask's.
                os.chmod(address, 0o600)
            self._server = await asyncio.start_unix_server(
                self._connected, sock=ear, limit=LINE_BYTES
            )
        except BaseException:
            ear.close()
            raise

    async def stop(self) -> None:
        """Listen no more; commands under way are cut off."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for writer in tuple(self._writers):
            writer.close()
        with self._data.control_address() as address, suppress(FileNotFoundError):
            os.unlink(address)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self._start_task(self._serve(reader, writer), "control")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # ValueError: a line over the limit. ConnectionError: the operator went away.
            with suppress(ValueError, ConnectionError):
                while line := await reader.readline():
                    writer.write(msgspec.json.encode(await self._answer(line)) + b"\n")
                    await writer.drain()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, line: bytes) -> Answer:
        try:
            call = msgspec.json.decode(line, type=Call)
            command = self._commands.get(call.do)
            if command is None:
                raise BadRequestError(f"This node knows no command {call.do}.")
            return Answer(ok=await command(call.args))
        except msgspec.DecodeError:
            return Answer(code=BadRequestError.code, text="That is not a command.")
        except Refusal as refusal:
            return Answer(code=refusal.code, text=refusal.text)
        except HubbubError as error:
            return Answer(code="unavailable", text=str(error))
        except Exception:
            # The edge of a connection: the operator gets an answer, the log gets the reason.
            log.exception("command_failed")
            return Answer(code=InternalError.code, text="The node could not do it: see its log.")


async def call(data: DataDir, do: str, **args: str) -> Any:
    """Have the running node do something.

    Raises:
        ConnectionRefusedError, FileNotFoundError: No node listens here.
        Refusal: It did not do it; the text says why.
    """
    with data.control_address() as address:
        reader, writer = await asyncio.open_unix_connection(address, limit=LINE_BYTES)
    try:
        writer.write(msgspec.json.encode(Call(do, args)) + b"\n")
        line = await reader.readline()
    finally:
        writer.close()
    if not line:
        raise InternalError("The node went away before it answered.")
    answer = msgspec.json.decode(line, type=Answer)
    if answer.code:
        raise Refusal(answer.text)
    return answer.ok


__all__ = ["LINE_BYTES", "Answer", "Call", "Command", "Control", "StartTask", "call"]
