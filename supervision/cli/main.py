"""The `hubbub` command: its parts, its default, and the one line that an error gets."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from ...config.errors import HubbubError, Refusal, SchemaError, StartError
from ...config.sources import unknown
from ...config.version import VERSION
from .backup import backup
from .drain import drain
from .migrate import migrate
from .node import node
from .status import status
from .tree import tree
from .users import user
from .verify import verify_data

_OWN = ("--help", "--version")


class _NodeByDefault(click.Group):
    """A group that takes `hubbub --port 80` for `hubbub node --port 80`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in _OWN):
            args = ["node", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_NodeByDefault,
    context_settings={"help_option_names": ["--help"], "max_content_width": 100},
    epilog="Without a command it runs a node: `hubbub node --help` tells every setting.",
)
@click.version_option(VERSION, prog_name="hubbub")
def hubbub() -> None:
    """Hubbub, a chat system."""


hubbub.add_command(node)
hubbub.add_command(user)
hubbub.add_command(backup)
hubbub.add_command(drain)
hubbub.add_command(migrate)
hubbub.add_command(verify_data)
hubbub.add_command(status)
hubbub.add_command(tree)


def main(args: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code.

    Args:
        args: What stands after the program's name; None for this process's own.
    """
    try:
        done: Any = hubbub.main(args, prog_name="hubbub", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)  # noqa: T201 - the command line speaks here
        return 2
    except click.ClickException as error:
        return _say(_line(error), 2)
    except (StartError, SchemaError) as error:
        return _say(str(error), 2)
    except Refusal as error:
        return _say(error.text, 1)
    except HubbubError as error:
        return _say(str(error), 1)
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped", 1)
    return done if isinstance(done, int) else 0


def _line(error: click.ClickException) -> str:
    match error:
        case click.NoSuchOption():
            known = [
                name
                for param in (error.ctx.command.params if error.ctx else ())
                for name in param.opts
            ]
            return unknown("setting", error.option_name, known)
        case click.exceptions.NoSuchCommand():
            known = list(hubbub.commands) if error.ctx is None else _commands(error.ctx)
            return unknown("command", error.command_name, known)
        case _:
            return error.format_message()


def _commands(ctx: click.Context) -> list[str]:
    return list(ctx.command.commands) if isinstance(ctx.command, click.Group) else []


def _say(line: str, code: int) -> int:
    print(f"hubbub: {line}", file=sys.stderr)  # noqa: T201 - the command line speaks here
    return code


__all__ = ["hubbub", "main"]
