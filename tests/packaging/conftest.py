"""The wheel, as users get it: built from the sdist, installed into an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from tests.packaging.installed import Installed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    """The wheel."""
    (wheel,) = dist.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def sdist(dist: Path) -> Path:
    """The sdist."""
    (sdist,) = dist.glob("*.tar.gz")
    return sdist


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Installed:
    """An environment with the wheel, and an embedder's folder with a config.py and a storage/."""
    env = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(env)], check=True)
    python = env / "bin" / "python"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(python), "install"),
            *("--quiet", "--no-deps", "--no-index", str(wheel)),
        ],
        check=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    # The dependencies are those of the tests: a folder named by a .pth file is searched last, and
    # the .pth files in it, our editable install among them, are not read.
    inside = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(inside, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")

    home = tmp_path / "embedder"
    (home / "storage").mkdir(parents=True)
    (home / "config.py").write_text('MINE = "the embedder\'s own config"\n')
    (home / "storage" / "__init__.py").write_text('MINE = "the embedder\'s own storage"\n')
    return Installed(python, home)
