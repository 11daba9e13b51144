"""The wheel beside an embedder's own config.py and storage/: it runs, and nothing clashes."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
from tests.packaging.installed import Installed

from hubbub.config.version import VERSION

#: A start imports everything and opens the store; on a busy machine that takes seconds.
START_S = 60
STOP_S = 30


@contextmanager
def node(installed: Installed, data: Path) -> Generator[tuple[subprocess.Popen[str], str]]:
    """A node of the installed wheel on a free port, and its address."""
    with subprocess.Popen(
        [installed.hubbub, "--port", "0", "--data", str(data), "--demo"],
        cwd=installed.home,
        env=installed.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found is not None, process.communicate(timeout=START_S)
            yield process, found[0]
        finally:
            process.kill()


def test_the_command_tells_its_version(installed: Installed) -> None:
    assert installed.run(installed.hubbub, "--version") == f"hubbub, version {VERSION}\n"


def test_an_embedders_own_config_and_storage_stay_the_embedders(installed: Installed) -> None:
    said = installed.script(
        "import config, storage, hubbub.config.settings, hubbub.storage.contract\n"
        "print(config.MINE, '/', storage.MINE)\n"
        "print(hubbub.config.settings.__file__)\n"
    )
    mine, file = said.splitlines()
    assert mine == "the embedder's own config / the embedder's own storage"
    assert Path(file).is_relative_to(installed.python.parents[1])


def test_a_node_serves_from_the_wheel_and_stops_in_order(
    installed: Installed, tmp_path: Path
) -> None:
    with node(installed, tmp_path / "data") as (process, url):
        assert httpx.get(f"{url}/healthz").status_code == 200
        page = httpx.get(url)
        assert page.status_code == 200
        assert "<title>" in page.text
        assets = re.findall(r"/app/[^\"']+", page.text)
        assert assets
        for asset in assets:
            assert httpx.get(url + asset).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_S) == 0
    said = installed.run(installed.hubbub, "user", "list", "--data", str(tmp_path / "data"))
    assert "demo-ada" in said


def test_an_embedders_types_are_checked_against_ours(installed: Installed) -> None:
    script = installed.home / "typed.py"
    script.write_text(
        "from hubbub import ActorSystem, Settings\n"
        "reveal_type(Settings().port)\n"
        "reveal_type(ActorSystem())\n"
    )
    said = installed.run(
        *(
            str(installed.python),
            "-m",
            "mypy",
            "--strict",
            "--cache-dir",
            str(installed.home / "c"),
        ),
        str(script),
    )
    assert 'note: Revealed type is "int"' in said
    assert 'note: Revealed type is "hubbub.actors.runtime.system.ActorSystem"' in said
