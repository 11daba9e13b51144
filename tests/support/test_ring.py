"""What the tests' own Cassandra leaves behind, however a run of the tests ends: nothing."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .ring import SCRIPT, reserved_port


class Stand:
    """A process that the script takes for a node, and waits for its end."""

    def __init__(self, argument: str) -> None:
        command = [sys.executable, "-c", "print('up', flush=True); input()", argument]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"up\n"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Stand]:
    """Node 1 of a ring in `tmp_path`."""
    node = Stand(f"-Dcassandra.storagedir={tmp_path}/1")
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "pid").write_text(f"{node.process.pid}")
    yield node
    node.process.kill()
    node.process.communicate()


def test_a_ring_ends_with_whoever_holds_it(tmp_path: Path, node: Stand) -> None:
    keeper = subprocess.Popen([str(SCRIPT), "keep", str(tmp_path)], stdin=subprocess.PIPE)
    assert node.process.poll() is None
    # As when a process dies: nobody says anything, its files are closed.
    keeper.communicate()
    assert keeper.returncode == 0
    assert node.process.wait() < 0
    assert not tmp_path.exists()


def test_a_number_that_is_another_process_now_is_left_alone(tmp_path: Path, node: Stand) -> None:
    (tmp_path / "2").mkdir()
    (tmp_path / "2" / "pid").write_text(f"{node.process.pid}")
    (tmp_path / "1" / "pid").unlink()
    subprocess.run([str(SCRIPT), "stop", str(tmp_path)], check=True)
    assert node.process.poll() is None


def test_two_rings_at_once_have_ports_of_their_own() -> None:
    with reserved_port(3) as one, reserved_port(1) as other:
        assert one != other
        with socket.create_server(("127.0.0.3", one)) as server:
            assert server.getsockname()[1] == one
        with socket.socket() as greedy, pytest.raises(OSError):
            greedy.bind(("127.0.0.1", other))
