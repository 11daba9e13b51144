"""The way in: `python run_node.py`, `python -m hubbub.run_node`, and the command `hubbub`."""

if __name__ == "__main__" and not __package__:
    # Run by its path: take our place in the package `hubbub` (PEP 366), and put the folder that
    # holds it first in the path instead of ours, where `import config` would find a second copy.
    import sys
    from pathlib import Path

    _here = Path(__file__).resolve().parent
    sys.path[0] = str(_here / "src" if (_here / "src" / "hubbub").is_dir() else _here.parent)
    __package__ = "hubbub"


def main() -> int:
    """Run the command line of this process; the exit code."""
    # Not at the top: by then the lines above have to have run.
    from .supervision.cli.main import main as command_line  # noqa: PLC0415

    return command_line()


if __name__ == "__main__":
    raise SystemExit(main())
