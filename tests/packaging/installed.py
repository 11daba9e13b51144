"""An environment that Hubbub's wheel is installed in, and a folder of somebody who uses it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Installed:
    """What runs here sees the wheel, not this checkout."""

    python: Path
    home: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment, without what points at this checkout."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**kept, "PYTHONUNBUFFERED": "1"}

    @property
    def hubbub(self) -> str:
        """The command that the wheel installs."""
        return str(self.python.with_name("hubbub"))

    def run(self, *command: str, text: str | None = None) -> str:
        """Run something in the embedder's folder to its end; what it said."""
        done = subprocess.run(
            command, cwd=self.home, env=self.env, input=text, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def script(self, code: str) -> str:
        """Run some Python in the embedder's folder to its end; what it said."""
        file = self.home / "script.py"
        file.write_text(code)
        return self.run(str(self.python), str(file))


__all__ = ["Installed"]
