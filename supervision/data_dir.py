"""The folder that holds everything a node keeps, and the lock against a second node in it.

DIR/                 0700
  hubbub.lock        held while a node, or an operator's command, uses the folder; has the pid
  hubbub.db          the store
  control.sock       0600, the running node's ear for its operator
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ..config.errors import StartError

#: A unix socket's address holds 108 bytes, the closing zero among them.
_ADDRESS_BYTES = 107


class InUseError(StartError):
    """Somebody holds the folder.

    Attributes:
        pid: Who, as the lock file says; None if it does not.
    """

    def __init__(self, folder: Path, pid: int | None) -> None:
        holder = f"process {pid}" if pid else "another process"
        super().__init__(f"{folder} is in use by {holder}: one node at a time")
        self.pid = pid


class DataDir:
    """One data folder, ours while it is entered.

    Attributes:
        folder: Where it is.
        database: The store's file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "hubbub.db"
        self._lock = folder / "hubbub.lock"
        self._held: int | None = None

    def __enter__(self) -> Self:
        """Make the folder if need be, and take it.

        Raises:
            InUseError: A node, or another command, has it.
            StartError: It cannot be made, read or written; one clear line.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            held = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(_cannot_use(self.folder, error)) from error
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(held)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise InUseError(self.folder, self.holder()) from None
            raise StartError(_cannot_use(self.folder, error)) from error
        try:
            os.ftruncate(held, 0)
            os.pwrite(held, f"{os.getpid()}\n".encode("ascii"), 0)
        except OSError as error:
            os.close(held)
            raise StartError(_cannot_use(self.folder, error)) from error
        self._held = held
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let it go. The lock file stays: to remove it would let two processes lock two files."""
        if self._held is not None:
            with suppress(OSError):
                os.ftruncate(self._held, 0)
            os.close(self._held)
            self._held = None

    def holder(self) -> int | None:
        """The process that holds the folder, as it says itself."""
        try:
            return int(self._lock.read_text("ascii"))
        except (OSError, ValueError):
            return None

    def is_made(self) -> bool:
        """Whether a store was ever put here."""
        return self.database.exists()

    @contextmanager
    def control_address(self) -> Generator[str]:
        """The control socket's path, in a form that fits a socket's address while it is in use."""
        path = self.folder / "control.sock"
        if len(os.fsencode(path)) <= _ADDRESS_BYTES:
            yield str(path)
            return
        # The kernel counts the bytes of the address, not of what they lead to.
        folder = os.open(self.folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield f"/proc/self/fd/{folder}/{path.name}"
        finally:
            os.close(folder)


def _cannot_use(folder: Path, error: OSError) -> str:
    match error.errno:
        case errno.EROFS:
            why = "it is on a read-only file system"
        case errno.EACCES | errno.EPERM:
            why = "this user may not write there"
        case errno.ENOTDIR | errno.EEXIST:
            why = "it is not a folder"
        case errno.ENOSPC:
            why = "its disk is full"
        case _:
            why = error.strerror or str(error)
    return f"cannot use {folder} for data: {why}"


__all__ = ["DataDir", "InUseError"]
