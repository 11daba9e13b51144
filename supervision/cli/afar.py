"""A node elsewhere, as an operator reaches it: by HTTPS, with the token.

--url, --token-file -> Far -> GET or POST /v1/operator/..  -> what the node tells
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import click

from ...config.errors import Refusal, StartError
from ...config.settings import is_loopback
from ...config.units import SECONDS

_F = TypeVar("_F", bound=Callable[..., Any])

#: How long a node far away may take to answer.
_ANSWER_S = 10 * SECONDS


def from_afar(command: _F) -> _F:
    """A decorator that gives a click command `url` and `token_file`."""
    for option in (
        click.option(
            "--token-file",
            type=click.Path(path_type=Path),
            help="The operator's token for --url; the node has the same in operator_token_file.",
        ),
        click.option("--url", help="A node elsewhere: its HTTP address."),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Far:
    """A node elsewhere."""

    url: str
    token: str = field(repr=False)

    @classmethod
    def of(cls, url: str | None, token_file: Path | None) -> Far | None:
        """The one of these flags; None without them: it is a node here.

        Raises:
            StartError: One of them is missing, or no good.
        """
        if url is None and token_file is None:
            return None
        if url is None or token_file is None:
            raise StartError("--url and --token-file go together: one of them is missing")
        where = urlsplit(url)
        if where.scheme != "https" and not (
            where.scheme == "http" and is_loopback(where.hostname or "")
        ):
            raise StartError(
                f"--url: the token goes by https only, or on this machine, not to {url}"
            )
        try:
            token = token_file.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise StartError(f"{token_file}: cannot read a token there") from error
        return cls(url.rstrip("/"), token)

    def ask(self, path: str, order: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Give an order there, or without one ask. Returns: what the node tells.

        Raises:
            Refusal: It refuses.
            StartError: It cannot be reached.
        """
        request = Request(
            f"{self.url}{path}",
            None if order is None else json.dumps(order).encode(),
            {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with build_opener(_Straight).open(request, timeout=_ANSWER_S) as answer:
                told: dict[str, Any] = json.load(answer)
        except HTTPError as error:
            raise Refusal(_why(error)) from None
        except (URLError, OSError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            raise StartError(f"{self.url}: {reason}") from None
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


__all__ = ["Far", "from_afar"]
