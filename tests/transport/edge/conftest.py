"""Tests that use sockets run on both loops: the node uses uvloop, an embedder may not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

_ON_SOCKETS = (
    "test_bounded_http.py",
    "test_edge.py",
    "test_holder.py",
    "test_listener.py",
    "test_sign_in.py",
    "test_watched_socket.py",
    "test_web_socket.py",
)


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Both loops for tests of real sockets, else the default one."""
    if item.path.name in _ON_SOCKETS:
        return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
    return {"asyncio": asyncio.new_event_loop}
