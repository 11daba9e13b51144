"""The ways in: by path, as a module, as the command `hubbub`; one copy of every class in each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.config.version import VERSION

ROOT = Path(__file__).resolve().parents[2]

#: Runs run_node.py as a script by its path, then tells which modules are there twice.
BY_PATH = """
import runpy, sys
sys.argv = [{path!r}, "user", "--help"]
sys.path[0] = {folder!r}
try:
    runpy.run_path({path!r}, run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
bare = ["actors", "config", "storage", "supervision", "transport", "web"]
print([name for name in sys.modules if name.split(".")[0] in bare])
print("hubbub.supervision.cli.main" in sys.modules)
"""


@pytest.mark.parametrize("path", [ROOT / "run_node.py", ROOT / "src" / "hubbub" / "run_node.py"])
def test_run_by_its_path_no_folder_is_imported_under_its_bare_name(path: Path) -> None:
    code = BY_PATH.format(path=str(path), folder=str(path.parent))
    seen = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert seen.stdout.splitlines()[-2:] == ["[]", "True"]


@pytest.mark.parametrize("folder", [ROOT, ROOT / "src", Path("/")])
def test_run_by_its_path_it_works_from_any_folder(folder: Path) -> None:
    seen = subprocess.run(
        [sys.executable, str(ROOT / "run_node.py"), "--version"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert seen.stdout == f"hubbub, version {VERSION}\n"


def test_run_as_a_module_and_as_the_command(tmp_path: Path) -> None:
    command = str(Path(sys.executable).with_name("hubbub"))
    for start in ([sys.executable, "-m", "hubbub.run_node"], [command]):
        seen = subprocess.run(
            [*start, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert seen.stdout == f"hubbub, version {VERSION}\n"
