"""`hubbub drain NODE`: have a node take leave of everybody and end."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import click

from ...config.clock import Clock, LoopClock
from ...config.errors import Refusal, StartError
from ...config.reading import read_settings
from ...config.settings import is_loopback
from ...config.units import SECONDS
from ..control import call
from ..data_dir import DataDir
from .flags import flags_for

#: Between two looks whether the node is still there, and how long it may take besides draining.
_LOOK_S = 0.2 * SECONDS
_STOPPING_S = 60 * SECONDS
#: How long a node far away may take to answer.
_ANSWER_S = 10 * SECONDS


@click.command("drain")
@click.argument("name", metavar="NODE")
@click.option("--over-s", type=float, help="Seconds to send the clients away over; else drain_s.")
@click.option("--url", help="A node elsewhere: its HTTP address.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    help="The operator's token for --url; the node has the same in operator_token_file.",
)
@flags_for(("data", "config"))
def drain(
    name: str,
    over_s: float | None,
    url: str | None,
    token_file: Path | None,
    data: str | None,
    config: str | None,
) -> None:
    """Have NODE send its clients away and hand over what it owns; then it ends with 0.

    Nothing is lost: clients go on at other nodes. Without --url the node is the one that runs on
    --data, and the command returns once it has gone.
    """
    if (url is None) != (token_file is None):
        raise StartError("--url and --token-file go together: one of them is missing")
    if url is not None and token_file is not None:
        _say(_order(url, token_file, name, over_s))
        return
    settings = read_settings({"data": data, "config": config})
    asyncio.run(_drain_here(DataDir(settings.data), name, over_s))


async def _drain_here(data: DataDir, name: str, over_s: float | None) -> None:
    args = {"node": name} if over_s is None else {"node": name, "over_s": str(over_s)}
    try:
        told: dict[str, Any] = await call(data, "drain", **args)
    except (FileNotFoundError, ConnectionError):
        raise StartError(f"no node is running on {data.folder}") from None
    _say(told)
    await _gone(data, LoopClock(), told["over_s"] + _STOPPING_S)
    click.echo(f"{name} has gone")


async def _gone(data: DataDir, clock: Clock, within_s: float) -> None:
    until = clock.monotonic() + within_s
    while clock.monotonic() < until:
        try:
            await call(data, "ping")
        except (Refusal, OSError):
            return
        await asyncio.sleep(_LOOK_S)
    raise StartError("the node does not end: see its log")


def _order(url: str, token_file: Path, name: str, over_s: float | None) -> dict[str, Any]:
    where = urlsplit(url)
    if where.scheme != "https" and not (
        where.scheme == "http" and is_loopback(where.hostname or "")
    ):
        raise StartError(f"--url: the token goes by https only, or on this machine, not to {url}")
    try:
        token = token_file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{token_file}: cannot read a token there") from error
    order = Request(
        f"{url.rstrip('/')}/v1/operator/drain",
        json.dumps({"node": name, "over_s": over_s}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="POST",
    )
    try:
        with build_opener(_Straight).open(order, timeout=_ANSWER_S) as answer:
            told: dict[str, Any] = json.load(answer)
    except HTTPError as error:
        raise Refusal(_why(error)) from None
    except (URLError, OSError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise StartError(f"{url}: {reason}") from None
    return told


class _Straight(HTTPRedirectHandler):
    """Goes nowhere else: the token would go along."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Refuse."""


def _why(error: HTTPError) -> str:
    try:
        return str(json.load(error)["msg"])
    except (ValueError, KeyError, TypeError):
        return f"It answered {error.code}."


def _say(told: dict[str, Any]) -> None:
    click.echo(f"{told['node']} sends {told['connections']:,} away over {told['over_s']:g} s")


__all__ = ["drain"]
