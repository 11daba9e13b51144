"""`hubbub user ...`: people, as the operator manages them. Passwords never stand in arguments."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from ...config.errors import StartError
from ...config.reading import read_settings
from ...config.settings import Settings
from .flags import flags_for
from .reach import operate

_WHERE = flags_for(("data", "config"))
_FROM_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of stdin."
)


@click.group("user")
@_WHERE
@click.pass_context
def user(where: click.Context, data: str | None, config: str | None) -> None:
    """Manage people, while a node runs or not."""
    where.obj = {"data": data, "config": config}


@user.command("add")
@click.argument("name")
@_FROM_STDIN
@_WHERE
def add(name: str, password_stdin: bool, data: str | None, config: str | None) -> None:
    """Sign somebody up, also where sign-up is closed."""
    settings = _settings(data, config)
    password = _password(from_stdin=password_stdin)
    added = operate(settings, lambda way: way.add_user(name, password), make=True)
    click.echo(f"added {name} ({added.id}); recovery codes, shown this once:")
    for code in added.recovery:
        click.echo(f"  {code}")


@user.command("passwd")
@click.argument("name")
@_FROM_STDIN
@_WHERE
def passwd(name: str, password_stdin: bool, data: str | None, config: str | None) -> None:
    """Give somebody a new password and sign out every device."""
    settings = _settings(data, config)
    password = _password(from_stdin=password_stdin)
    operate(settings, lambda way: way.set_password(name, password), make=False)
    click.echo(f"{name} has a new password; every device is signed out")


@user.command("disable")
@click.argument("name")
@_WHERE
def disable(name: str, data: str | None, config: str | None) -> None:
    """Close an account; what it has open closes at once."""
    operate(_settings(data, config), lambda way: way.disable(name), make=False)
    click.echo(f"disabled {name}")


@user.command("enable")
@click.argument("name")
@_WHERE
def enable(name: str, data: str | None, config: str | None) -> None:
    """Open a closed account again."""
    operate(_settings(data, config), lambda way: way.enable(name), make=False)
    click.echo(f"enabled {name}")


@user.command("list")
@_WHERE
def list_users(data: str | None, config: str | None) -> None:
    """Everybody: name, id, created, last active, state."""
    for line in operate(_settings(data, config), lambda way: way.list_users(), make=False):
        state = "disabled" if line.disabled else "-"
        seen = _day(line.last_active_ms)
        click.echo(f"{line.name}\t{line.id}\t{_day(line.created_ms)}\t{seen}\t{state}")


def _settings(data: str | None, config: str | None) -> Settings:
    # The flags may stand before the command or behind it.
    before: dict[str, str | None] = click.get_current_context().obj
    return read_settings(
        {"data": data or before.get("data"), "config": config or before.get("config")}
    )


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise StartError("no terminal to ask for the password: pipe it in with --password-stdin")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d") if ms else "never"


__all__ = ["user"]
