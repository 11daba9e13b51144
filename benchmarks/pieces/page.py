"""The web app in a real browser, as one person has it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from shutil import which
from typing import Any, Final

from playwright.async_api import CDPSession, Page, WebSocket, async_playwright

from .result import LostError

_FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

#: Opens a conversation, and waits until its message is drawn; ms between the two.
_OPEN = """async ([c, s]) => {
    const begun = performance.now();
    document.querySelector(`.row[data-c="${c}"]`).click();
    while (document.querySelector(`[data-seq="${s}"]`) === null) {
        await new Promise(requestAnimationFrame);
    }
    return performance.now() - begun;
}"""

#: Scrolls up by so much, lets the page draw, and tells what is drawn: [first seq, messages].
_UP = """async (px) => {
    const log = document.querySelector(".log");
    log.scrollTop -= px;
    for (let n = 0; n < 3; n += 1) await new Promise(requestAnimationFrame);
    const rows = log.querySelectorAll("[data-seq]");
    return [Number(rows[0]?.dataset.seq ?? 0), rows.length];
}"""

#: Goes where the date field says: [ms until that is drawn, its seq].
_DATE = """async () => {
    const begun = performance.now();
    document.querySelector('[data-testid="date-go"]').click();
    let found = null;
    while ((found = document.querySelector(".found[data-seq]")) === null) {
        await new Promise(requestAnimationFrame);
    }
    return [performance.now() - begun, found.dataset.seq];
}"""


class WebPage:
    """One person's page.

    Attributes:
        asked: The frames it sent since they were last forgotten, by type.
        bytes_in: What came over its socket since then.
    """

    def __init__(self, page: Page, cdp: CDPSession) -> None:
        self._page = page
        self._cdp = cdp
        self.asked: dict[str, int] = {}
        self.bytes_in = 0
        page.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._came)

    def _sent(self, text: str | bytes) -> None:
        kind: str = json.loads(text)["t"]
        self.asked[kind] = self.asked.get(kind, 0) + 1

    def _came(self, text: str | bytes) -> None:
        self.bytes_in += len(text)

    def forget(self) -> None:
        """Count from here."""
        self.asked = {}
        self.bytes_in = 0

    async def sign_in(self, base: str, name: str, password: str) -> None:
        """By the form, to the list."""
        await self._page.goto(base)
        await self._page.get_by_test_id("signin-name").fill(name)
        await self._page.get_by_test_id("signin-password").fill(password)
        await self._page.get_by_test_id("signin-submit").click()
        await self._page.get_by_test_id("conv-row").first.wait_for()

    async def list(self, base: str) -> None:
        """The page anew, with nothing open."""
        await self._page.goto(f"{base}/?{id(self)}")
        await self._page.get_by_test_id("conv-row").first.wait_for()
        await self._page.wait_for_load_state("networkidle")
        self.forget()

    async def open(self, conv: str, head: int) -> float:
        """Open a conversation at its end: ms until its last message is drawn."""
        took: float = await self._page.evaluate(_OPEN, [conv, head])
        return took

    async def up(self, px: int) -> tuple[int, int]:
        """Scroll up: the first seq that is drawn now, and how many messages are."""
        first, drawn = await self._page.evaluate(_UP, px)
        return int(first), int(drawn)

    async def to_date(self, day: str) -> tuple[float, int]:
        """Go to a date (YYYY-MM-DD): ms until its first message is drawn, and the seq of that."""
        await self._page.locator('.log[aria-busy="false"]').wait_for()
        await self._page.get_by_test_id("day").first.click()
        self.forget()
        await self._page.get_by_test_id("date").fill(day)
        took, seq = await self._page.evaluate(_DATE)
        return float(took), int(seq)

    async def elements(self) -> int:
        """Elements in the page."""
        return int(await self._page.evaluate("document.querySelectorAll('*').length"))

    async def heap_bytes(self) -> float:
        """What its scripts hold, after a collection of what they do not."""
        # Playwright leaves the parameters of its own method untyped.
        send: Any = self._cdp.send  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        await send("HeapProfiler.collectGarbage")
        metrics = await send("Performance.getMetrics")
        found = {metric["name"]: float(metric["value"]) for metric in metrics["metrics"]}
        return found["JSHeapUsedSize"]


@asynccontextmanager
async def web_page() -> AsyncGenerator[WebPage]:
    """Debian's Chromium without a window, at the size of a small laptop."""
    chromium = which("chromium")
    if chromium is None:
        raise LostError("chromium is needed: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        try:
            context = await browser.new_context(viewport={"width": 1280, "height": 800})
            page = await context.new_page()
            cdp = await context.new_cdp_session(page)
            send: Any = cdp.send  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            await send("Performance.enable")
            yield WebPage(page, cdp)
        finally:
            await browser.close()


__all__ = ["WebPage", "web_page"]
