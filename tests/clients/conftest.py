"""A node for third-party clients, what npm has of theirs, and a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from shutil import which

import pytest_asyncio
from playwright.async_api import Browser, async_playwright
from tests.support.browser import FLAGS
from tests.support.node import Node, running
from tests.support.town import Town

HERE = Path(__file__).parent


@pytest_asyncio.fixture
async def node(tmp_path: Path) -> AsyncGenerator[Node]:
    """A node in a process of its own, with its usual limits."""
    async with running(tmp_path / "data") as node:
        yield node


@pytest_asyncio.fixture
async def town(node: Node) -> AsyncGenerator[Town]:
    """People on that node."""
    async with Town(node.base) as town:
        yield town


@pytest_asyncio.fixture
async def npm_packages() -> None:
    """The npm packages of the tests, as the lock file names them."""
    npm = which("npm")
    assert npm is not None, "node and npm are needed: apt-get install nodejs npm"
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    process = await asyncio.create_subprocess_exec(npm, "ci", cwd=HERE)
    assert await process.wait() == 0
    installed.touch()


@pytest_asyncio.fixture
async def browser() -> AsyncGenerator[Browser]:
    """Debian's Chromium, without a window."""
    chromium = which("chromium")
    assert chromium is not None, "chromium is needed: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()
