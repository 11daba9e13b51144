"""What the README says works as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.packaging.installed import Installed

from hubbub.config.limits import Limits
from hubbub.config.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_readmes_actor_works_in_an_embedders_own_tests(installed: Installed) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    test = installed.home / "test_counter.py"
    test.write_text(code)
    said = installed.run(
        *(str(installed.python), "-m", "pytest", "-q", "-o", "asyncio_mode=auto"),
        *("-o", "asyncio_default_fixture_loop_scope=function"),
        *("-p", "no:cacheprovider", "-W", "error", str(test)),
    )
    assert "1 passed" in said


def test_the_readmes_limits_are_the_limits() -> None:
    usual, settings = Limits(), Settings()
    words = " ".join(README.split())
    assert f"{usual.text_chars:,} code points a text" in words
    assert f"{usual.members} people a group" in words
    assert f"{usual.devices} devices a person" in words
    assert f"{settings.max_connections:,} connections a node" in words
    assert f"{usual.rate_per_s:g} frames a second" in words
    assert f"http://{settings.host}:{settings.port}" in words


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)]+)\)", README))
def test_the_readmes_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


@pytest.mark.parametrize("target", re.findall(r"make (\w+)  ", README))
def test_the_readmes_commands_are_there(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
