"""A flag for each setting, made from the settings, so that the two cannot differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from ...config.limit_settings import LIMIT_NAMES
from ...config.settings import Settings
from ...config.sources import flag_of, variable_of

_F = TypeVar("_F", bound=Callable[..., Any])


def flags_for(names: Iterable[str]) -> Callable[[_F], _F]:
    """A decorator that gives a click command a flag for each of these settings.

    Values come as text and are checked by the settings, as those of every other source are. A flag
    that is not given is None.
    """
    chosen = tuple(names)

    def add(command: _F) -> _F:
        for name in reversed(chosen):
            command = _flag(name, Settings.model_fields[name])(command)
        return command

    return add


#: The settings in the order in which help shows them: the limits last.
SETTING_NAMES = tuple(sorted(Settings.model_fields, key=lambda name: name in LIMIT_NAMES))


def _flag(name: str, field: FieldInfo) -> Callable[[_F], _F]:
    example = _text(field.examples[0]) if field.examples else ""
    switch = field.annotation is bool
    text = (
        f"{field.description} Default: {_text(field.default)}. "
        f"Example: {flag_of(name)}{'' if switch else ' ' + example}, {variable_of(name)}={example}"
    )
    if switch:
        return click.option(
            flag_of(name), name, is_flag=False, flag_value="true", default=None, help=text,
            metavar="[BOOL]",
        )  # fmt: skip
    return click.option(flag_of(name), name, default=None, help=text, metavar=_metavar(field))


def _metavar(field: FieldInfo) -> str:
    if field.annotation is int:
        return "N"
    if field.annotation is float:
        return "NUMBER"
    if get_origin(field.annotation) is Literal:
        return "|".join(get_args(field.annotation))
    if Path in (field.annotation, *get_args(field.annotation)):
        return "PATH"
    return "TEXT"


def _text(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


__all__ = ["SETTING_NAMES", "flags_for"]
