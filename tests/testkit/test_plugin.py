"""The plugin, with pytest-asyncio, with anyio's plugin, with both and with neither."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SUITE = """
import asyncio
import pytest
from hubbub import LoopActor
from hubbub.testkit.clock import VirtualLoop


class Echo(LoopActor):
    def on_receive(self, message):
        whom, what = message
        whom.tell(what)


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_an_actor_answers(system, probe, clock):
    echo = system.spawn(Echo)
    system.after(60, echo.tell, (probe.ref, "hello"))
    assert await probe.expect(str, within=61) == "hello"
    assert clock.monotonic() == 60
    print("loop", type(asyncio.get_running_loop()).__name__)


async def test_an_expectation_fails(system, probe):
    system.spawn(Echo, name="echo").tell((probe.ref, 1))
    await probe.expect(str)


async def test_a_task_is_left(system):
    asyncio.get_running_loop().create_task(asyncio.Event().wait(), name="forgotten")


@pytest.mark.hubbub(seed=7)
async def test_a_marker_reaches_the_kit(hubbub_kit):
    assert hubbub_kit.seed == 7


def test_a_synchronous_test_may_have_the_kit_and_not_run_it(system):
    assert not system.is_open
"""

ASYNCIO = "@pytest.mark.asyncio\n"
ANYIO = "@pytest.mark.anyio\n"
PYTEST_ASYNCIO = (
    *("-p", "pytest_asyncio.plugin"),
    *("-o", "asyncio_default_fixture_loop_scope=function"),
)
PYTEST_ANYIO = ("-p", "anyio.pytest_plugin")
VIRTUAL, PLAIN = "VirtualLoop", "_UnixSelectorEventLoop"


def run(folder: Path, mark: str, *options: str) -> str:
    """Run the suite in a pytest of its own; what it said."""
    (folder / "test_suite.py").write_text(SUITE.replace("async def test", f"{mark}async def test"))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "hubbub.testkit.plugin"),
            *("-q", "-s", "-p", "no:cacheprovider", "-W", "error", *options),
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("mark", "options", "loop"),
    [
        ("", (), VIRTUAL),
        (ASYNCIO, PYTEST_ASYNCIO, PLAIN),
        ("", (*PYTEST_ASYNCIO, "-o", "asyncio_mode=auto"), PLAIN),
        ("", (*PYTEST_ASYNCIO, "-o", "asyncio_mode=strict"), VIRTUAL),
        (ANYIO, PYTEST_ANYIO, PLAIN),
        (ANYIO, (*PYTEST_ANYIO, *PYTEST_ASYNCIO), PLAIN),
    ],
    ids=["neither", "asyncio marked", "asyncio auto", "asyncio strict", "anyio", "both"],
)
def test_the_fixtures_work_whoever_runs_the_tests(
    tmp_path: Path, mark: str, options: tuple[str, ...], loop: str
) -> None:
    said = run(tmp_path, mark, *options)
    assert f"loop {loop}" in said
    assert "2 failed, 3 passed" in said, said
    assert "no str came within 3 s; probe was told: 1" in said
    assert "handles   echo" in said
    assert "task forgotten" in said


def test_a_kit_that_is_used_outside_of_an_async_test_is_refused(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import asyncio, pytest\n"
        "from hubbub import LoopActor\n"
        "@pytest.fixture\n"
        "def anyio_backend(): return 'asyncio'\n"
    )
    suite = (
        "import asyncio\nfrom hubbub import LoopActor\n"
        "def test_by_hand(system):\n"
        "    async def go(): system.spawn(LoopActor)\n"
        "    asyncio.run(go())\n"
    )
    (tmp_path / "test_by_hand.py").write_text(suite)
    said = run(tmp_path, "", "-k", "by_hand")
    assert "use `async with Kit()` there" in said


def test_a_users_own_async_fixture_may_use_the_system(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom hubbub import LoopActor\n"
        "class Greeter(LoopActor):\n"
        "    def on_receive(self, message): return f'hello {message}'\n"
        "@pytest.fixture\n"
        "async def greeter(system):\n"
        "    yield system.spawn(Greeter, name='greeter')\n"
    )
    (tmp_path / "test_own.py").write_text(
        "async def test_own(system, greeter):\n"
        "    assert await system.ask(greeter, 'you', timeout_s=1) == 'hello you'\n"
    )
    said = run(tmp_path, "", *PYTEST_ASYNCIO, "-o", "asyncio_mode=auto", "-k", "own")
    assert "1 passed" in said, said
