"""An outside project tests its own actor with the kit of the installed wheel (tests/embedder)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.packaging.installed import Installed

PROJECT = Path(__file__).resolve().parents[1] / "embedder"

NO_ASYNCIO = ("-p", "no:asyncio")
NO_ANYIO = ("-p", "no:anyio")


@pytest.mark.parametrize(
    "options",
    [
        (*NO_ANYIO, "-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"),
        (*NO_ASYNCIO, "-o", "anyio_mode=auto"),
        (*NO_ASYNCIO, *NO_ANYIO),
    ],
    ids=["pytest-asyncio", "anyio", "neither"],
)
def test_an_outside_project_tests_its_own_actor(
    installed: Installed, options: tuple[str, ...]
) -> None:
    project = installed.home / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
    said = installed.run(
        *(str(installed.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options),
        *(
            "-p",
            "no:hypothesispytest",
            "--rootdir",
            str(project),
            "-c",
            str(project / "pyproject.toml"),
        ),
        str(project / "tests"),
    )
    tests = (PROJECT / "tests").glob("test_*.py")
    count = sum(test.read_text("utf-8").count("async def test_") for test in tests)
    assert f"{count} passed" in said


def test_a_failure_tells_the_outside_project_the_story(installed: Installed) -> None:
    test = installed.home / "test_fails.py"
    test.write_text(
        "from hubbub import LoopActor\n"
        "async def test_fails(system, probe):\n"
        "    system.spawn(LoopActor, name='mute').tell('hello')\n"
        "    await probe.expect(str)\n"
    )
    said = installed.script(
        "import subprocess, sys\n"
        "done = subprocess.run([sys.executable, '-m', 'pytest', '-q', '-p', 'no:asyncio',\n"
        "    '-p', 'no:anyio', '-p', 'no:cacheprovider', 'test_fails.py'],\n"
        "    capture_output=True, text=True)\n"
        "print(done.returncode, done.stdout)\n"
    )
    assert said.startswith("1 ")
    assert "no str came within 3 s; probe was told: nothing" in said
