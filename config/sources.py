"""Where settings come from, and one clear line for what is wrong in any of the places.

flags  ->  HUBBUB_* variables  ->  the TOML file  ->  defaults        the first that has it wins
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource

from .errors import StartError

PREFIX = "HUBBUB_"


class Environment(EnvSettingsSource):
    """The HUBBUB_* variables; an unknown one is refused, since it is a misspelt one."""

    def __call__(self) -> dict[str, Any]:
        known = [variable_of(name) for name in self.settings_cls.model_fields]
        for variable in os.environ:
            if variable.startswith(PREFIX) and variable not in known:
                raise StartError(unknown("variable", variable, known))
        return super().__call__()


class TomlFile(PydanticBaseSettingsSource):
    """The file that the setting `config` names, if any; its keys are the settings' names."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Not used: the file is read as a whole."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        named = self.current_state.get("config")
        if named is None:
            return {}
        values = read_toml(Path(named))
        known = [name for name in self.settings_cls.model_fields if name != "config"]
        for key in values:
            if key not in known:
                raise StartError(f"{named}: {unknown('setting', key, known)}")
        return values


def read_toml(path: Path) -> dict[str, Any]:
    """The keys and values of a TOML file.

    Raises:
        StartError: It cannot be read, or is not TOML; says where.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise StartError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise StartError(f"{path}: not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise StartError(f"{path}: not TOML: {error}") from error


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """What to say of a name that nobody knows: the nearest one that somebody does, if any."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no {what} {name}{hint}"


def flag_of(name: str) -> str:
    """The flag of a setting: `tls_cert` is `--tls-cert`."""
    return "--" + name.replace("_", "-")


def variable_of(name: str) -> str:
    """The variable of a setting: `tls_cert` is `HUBBUB_TLS_CERT`."""
    return PREFIX + name.upper()


__all__ = [
    "PREFIX",
    "Environment",
    "TomlFile",
    "flag_of",
    "read_toml",
    "unknown",
    "variable_of",
]
