"""Every Python block of docs/testing.md runs, against the installed wheel, as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.packaging.installed import Installed

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "testing.md").read_text("utf-8")
#: {first line: code}; a conftest.py says in brackets for which plugin it is.
BLOCKS = dict(re.findall(r"```python\n# (\S+\.py(?: \([^)\n]*\))?)\n(.*?)```", GUIDE, re.DOTALL))
CONFTESTS = {name: code for name, code in BLOCKS.items() if name.startswith("conftest.py")}
FILES = {name: code for name, code in BLOCKS.items() if name not in CONFTESTS}
TESTS = sum(code.count("def test_") for name, code in FILES.items() if name.startswith("test_"))

NO_ASYNCIO = ("-p", "no:asyncio")
NO_ANYIO = ("-p", "no:anyio")
ASYNCIO = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")


def write(installed: Installed, plugin: str | None = None) -> None:
    """The guide's files, with the conftest.py for this plugin."""
    for name, code in FILES.items():
        (installed.home / name).write_text(code)
    if plugin is not None:
        (code,) = (code for name, code in CONFTESTS.items() if plugin in name)
        (installed.home / "conftest.py").write_text(code)


def test_every_block_of_the_guide_is_a_file() -> None:
    assert len(BLOCKS) == GUIDE.count("```python")
    assert len(CONFTESTS) == 2


@pytest.mark.parametrize(
    ("options", "conftest"),
    [
        ((*NO_ASYNCIO, *NO_ANYIO), None),
        ((*NO_ANYIO, *ASYNCIO), None),
        ((*NO_ANYIO, *ASYNCIO), "pytest-asyncio"),
        ((*NO_ASYNCIO, "-o", "anyio_mode=auto"), "anyio"),
    ],
    ids=["neither", "pytest-asyncio", "pytest-asyncio, virtual", "anyio, virtual"],
)
def test_the_guides_tests_pass(
    installed: Installed, options: tuple[str, ...], conftest: str | None
) -> None:
    write(installed, conftest)
    said = installed.run(
        *(str(installed.python), "-m", "pytest", "-q", "-W", "error"),
        *("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *options),
    )
    assert f"{TESTS} passed" in said


def test_the_guides_program_runs_without_pytest(installed: Installed) -> None:
    write(installed)
    said = installed.run(str(installed.python), "without_pytest.py")
    assert "Total(value=5)\n" in said
    assert re.search(r"^g_\w+$", said, re.MULTILINE)
