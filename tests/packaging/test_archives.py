"""What is in the archives, and what is not."""

from __future__ import annotations

import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

from hubbub.config.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("config", "storage", "actors", "transport", "supervision", "testkit", "web")


@pytest.fixture(scope="session")
def wheel_names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_has_every_module(wheel_names: set[str]) -> None:
    mine = {"__init__.py", "run_node.py", "py.typed"} | {
        str(file.relative_to(ROOT))
        for floor in FLOORS
        for file in (ROOT / floor).rglob("*.py")
        if "node_modules" not in file.parts
    }
    assert {f"hubbub/{name}" for name in mine} <= wheel_names


def test_the_wheel_has_the_web_page_as_it_is_served(wheel_names: set[str]) -> None:
    static = ROOT / "web" / "static"
    files = {f"hubbub/web/static/{f.relative_to(static)}" for f in static.rglob("*") if f.is_file()}
    assert files
    assert files == {name for name in wheel_names if name.startswith("hubbub/web/static/")}


def test_the_wheel_has_nothing_at_the_top_that_could_clash(wheel_names: set[str]) -> None:
    assert {name.split("/")[0] for name in wheel_names} == {
        "hubbub",
        f"hubbub-{VERSION}.dist-info",
    }


def test_the_wheel_has_no_tests_sources_of_the_page_or_machines_paths(
    wheel_names: set[str], wheel: Path
) -> None:
    assert not [name for name in wheel_names if "node_modules" in name or "/tests/" in name]
    assert not [name for name in wheel_names if name.endswith((".ts", ".tsx", ".pyc"))]
    with zipfile.ZipFile(wheel) as archive:
        for name in wheel_names:
            assert str(ROOT).encode() not in archive.read(name), name


def test_the_wheel_says_name_version_licence_and_what_it_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        info = f"hubbub-{VERSION}.dist-info"
        meta = message_from_bytes(archive.read(f"{info}/METADATA"))
        entries = archive.read(f"{info}/entry_points.txt").decode()
        assert f"{info}/licenses/LICENSE" in archive.namelist()
    assert (meta["Name"], meta["Version"], meta["Requires-Python"]) == ("hubbub", VERSION, ">=3.11")
    assert meta["License-Expression"] == "Apache-2.0"
    assert meta.get_payload().startswith("# Hubbub")  # type: ignore[union-attr]
    needs = meta.get_all("Requires-Dist") or []
    assert "pykka<4.6,>=4.5" in needs
    assert "websockets<17.5,>=17.4" in needs
    assert "hubbub = hubbub.run_node:main" in entries


def test_the_sdist_has_the_sources_the_licence_and_the_page(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
        assert not [member.name for member in archive.getmembers() if member.issym()]
    assert {"LICENSE", "README.md", "setup.cfg", "pyproject.toml"} <= names
    assert "src/hubbub/web/static/index.html" in names
    assert "src/hubbub/actors/runtime/system.py" in names
    assert not [name for name in names if "node_modules" in name]
