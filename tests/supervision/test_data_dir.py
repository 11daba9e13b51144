"""The data folder: made, locked, and its socket's address."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.config.errors import StartError
from hubbub.supervision.data_dir import DataDir, InUseError

HOLD = """
import sys
from pathlib import Path
from hubbub.supervision.data_dir import DataDir
with DataDir(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds `tmp_path / "data"` until its stdin closes."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "data")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with DataDir(tmp_path / "deep" / "data") as data:
        assert mode(data.folder) == 0o700
        assert mode(data.folder / "hubbub.lock") == 0o600
        assert data.holder() == os.getpid()
        assert not data.is_made()
        data.database.touch()
        assert data.is_made()


def test_a_second_holder_is_refused_and_told_who_the_first_one_is(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(InUseError, match=f"in use by process {holder.pid}:") as caught:
        DataDir(tmp_path / "data").__enter__()
    assert caught.value.pid == holder.pid


def test_a_folder_whose_holder_was_killed_is_free(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    with DataDir(tmp_path / "data") as data:
        assert data.holder() == os.getpid()


def test_a_folder_can_be_held_again_and_again(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    for _ in range(3):
        with data:
            assert data.holder() == os.getpid()
        assert data.holder() is None


def test_a_holder_that_does_not_say_who_it_is_is_another_process(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    os.truncate(tmp_path / "data" / "hubbub.lock", 0)
    with pytest.raises(InUseError, match="another process"):
        DataDir(tmp_path / "data").__enter__()


def test_a_file_in_the_folders_place_gets_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StartError, match="it is not a folder"):
        DataDir(tmp_path / "data").__enter__()
    with pytest.raises(StartError, match="it is not a folder"):
        DataDir(tmp_path / "data" / "below").__enter__()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_read_only_file_system_gets_one_clear_line(tmp_path: Path) -> None:
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", str(tmp_path)], check=True
    )
    try:
        for folder in (tmp_path, tmp_path / "data"):
            with pytest.raises(StartError, match="read-only file system"):
                DataDir(folder).__enter__()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.fixture
def as_nobody(tmp_path: Path) -> Iterator[None]:
    """No rights beyond one's own: root may write anywhere, so it is somebody else meanwhile."""
    tmp_path.chmod(0o500)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)


@pytest.mark.usefixtures("as_nobody")
def test_a_folder_of_somebody_else_gets_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="may not write"):
        DataDir(tmp_path / "data").__enter__()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_full_disk_gets_one_clear_line(tmp_path: Path) -> None:
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=2", "tmpfs", str(tmp_path)], check=True
    )
    try:
        (tmp_path / "last").touch()
        with pytest.raises(StartError, match="its disk is full"):
            DataDir(tmp_path).__enter__()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.parametrize("depth", [0, 3])
def test_a_socket_can_be_reached_however_long_the_folders_path_is(
    tmp_path: Path, depth: int
) -> None:
    data = DataDir(tmp_path.joinpath(*["x" * 60] * depth))
    before = os.listdir("/proc/self/fd")
    with data, socket.socket(socket.AF_UNIX) as ear, socket.socket(socket.AF_UNIX) as caller:
        with data.control_address() as address:
            ear.bind(address)
        ear.listen()
        with data.control_address() as address:
            assert len(address) <= 107
            caller.connect(address)
        assert (data.folder / "control.sock").is_socket()
    assert len(os.listdir("/proc/self/fd")) == len(before)
