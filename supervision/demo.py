"""The two people of `--demo`: well-known passwords, so never where strangers come by.

They exist while a node runs with `--demo`; the next start without it closes their accounts.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..config.errors import NameTakenError, NotFoundError
from .operator import Operator


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A sign-in that everybody may know."""

    name: str
    password: str


DEMO_USERS = (DemoUser("demo-ada", "ada counts on it"), DemoUser("demo-bob", "bob builds on it"))


async def open_demo(operator: Operator) -> None:
    """Make sure that the demo users can sign in; does nothing twice."""
    for user in DEMO_USERS:
        try:
            await operator.add_user(user.name, user.password)
        except NameTakenError:
            await operator.enable(user.name)


async def close_demo(operator: Operator) -> None:
    """Make sure that they cannot: their passwords are in the documentation."""
    for user in DEMO_USERS:
        try:
            await operator.disable(user.name)
        except NotFoundError:
            continue


__all__ = ["DEMO_USERS", "DemoUser", "close_demo", "open_demo"]
