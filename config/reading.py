"""Reading the settings for an operator, who gets one clear line for whatever is wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .errors import StartError
from .settings import Settings
from .sources import flag_of, unknown, variable_of


def read_settings(flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings of a node, from flags, environment, file and defaults.

    Args:
        flags: What the command line said, by the settings' names; None values are left out.

    Raises:
        StartError: A name is unknown, or a value is wrong; the line says which, and where it
            came from.
    """
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise StartError(_line(first, given)) from None


def _line(error: ErrorDetails, flags: Mapping[str, Any]) -> str:
    text = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return text
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return unknown("setting", name, Settings.model_fields)
    line = f"{_source(name, flags)}: {text[:1].lower()}{text[1:]}"
    # A secret is not shown, even if it is wrong.
    return f"{line}, not {error['input']!r}" if Settings.model_fields[name].repr else line


def _source(name: str, flags: Mapping[str, Any]) -> str:
    if name in flags:
        return flag_of(name)
    variable = variable_of(name)
    # An empty variable counts as none, as it does for the values themselves.
    if os.environ.get(variable):
        return variable
    file = flags.get("config") or os.environ.get(variable_of("config"))
    return f"{file}: {name}"


__all__ = ["read_settings"]
