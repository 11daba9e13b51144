"""A person's browser on the page, for tests that look at it as people do."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect
from tests.support.node import ROOT

PHONE: Final = {"width": 390, "height": 844}
TABLET: Final = {"width": 820, "height": 1180}
DESKTOP: Final = {"width": 1280, "height": 800}
PASSWORD: Final = "correct horse 9"
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

ARTEFACTS: Final = ROOT / "artefacts"


class Screen:
    """One person's browser on the page.

    Attributes:
        complaints: What the page wrote to the console as a warning or an error, and exceptions.
    """

    def __init__(self, name: str, context: BrowserContext, page: Page) -> None:
        self.name = name
        self.context = context
        self.page = page
        self.complaints: list[str] = []
        self.offline = False
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not self.offline:
            self.complaints.append(message.text)

    def forgive(self, words: str) -> None:
        """What the browser itself says of an answer that was to be a refusal."""
        found = [complaint for complaint in self.complaints if words in complaint]
        assert found, f"nothing like {words!r} in {self.complaints}"
        self.complaints = [complaint for complaint in self.complaints if words not in complaint]

    def at(self, testid: str) -> Locator:
        """The element of this test id."""
        return self.page.get_by_test_id(testid)

    async def sign_up(self, base: str) -> None:
        """Make an account by the form, and save the recovery codes."""
        await self.page.goto(base)
        await self.at("show-signup").click()
        await self.at("signup-name").fill(self.name)
        await self.at("signup-password").fill(PASSWORD)
        await self.at("signup-submit").click()
        await expect(self.at("recovery-codes").locator("li")).to_have_count(8)
        await self.at("recovery-done").click()
        await expect(self.at("conv-list")).to_be_visible()

    async def sign_in(self, base: str) -> None:
        """Another device of somebody who has an account."""
        await self.page.goto(base)
        await self.at("signin-name").fill(self.name)
        await self.at("signin-password").fill(PASSWORD)
        await self.at("signin-submit").click()
        await expect(self.at("conv-list")).to_be_visible()

    async def say(self, words: str) -> None:
        """Write into the open conversation and send."""
        await self.at("composer").fill(words)
        await self.at("send").click()

    async def open(self, title: str) -> None:
        """Choose a conversation from the list."""
        if await self.at("back").is_visible():
            await self.at("back").click()
        # By its title alone: the names of others stand in last messages too.
        titled = self.page.locator(".row-title").get_by_text(title, exact=True)
        await self.at("conv-row").filter(has=titled).click()
        await expect(self.at("chat").locator("header h2")).to_have_text(title)

    async def let_in(self, title: str) -> None:
        """Open a stranger's conversation from the message requests, and accept it."""
        await self.at("requests").click()
        await self.open(title)
        await self.at("request-accept").click()
        await expect(self.at("request-bar")).to_have_count(0)

    async def sees(self, *words: str) -> None:
        """These messages and no others are on the screen, in this order."""
        messages = self.at("message")
        await expect(messages).to_have_count(len(words))
        for n, text in enumerate(words):
            await expect(messages.nth(n)).to_contain_text(text)

    def message(self, words: str) -> Locator:
        """The message with these words."""
        return self.at("message").filter(has_text=words)

    async def menu(self, words: str, item: str) -> None:
        """Choose something from a message's menu, by the pointer."""
        await self.message(words).hover()
        await self.message(words).get_by_test_id("tool-more").click()
        await self.at(item).click()

    async def long_press(self, words: str) -> None:
        """Hold a finger on a message until its menu opens."""
        await self.hold(self.message(words).locator(".bubble"), self.at("quick-reaction").first)

    async def hold(self, what: Locator, menu: Locator) -> None:
        """Hold a finger on something until what it opens is there."""
        await what.scroll_into_view_if_needed()
        box = await what.bounding_box()
        assert box is not None
        point = {"x": box["x"] + 12, "y": box["y"] + 12}
        cdp = await self.context.new_cdp_session(self.page)
        touch = "Input.dispatchTouchEvent"
        # Playwright leaves the parameters of its own method untyped.
        await cdp.send(touch, {"type": "touchStart", "touchPoints": [point]})  # pyright: ignore[reportUnknownMemberType]
        await expect(menu).to_be_visible()
        await cdp.send(touch, {"type": "touchEnd", "touchPoints": []})  # pyright: ignore[reportUnknownMemberType]
        await cdp.detach()

    async def shot(self, what: str, scheme: str, size: str) -> None:
        """A picture for people to look at."""
        ARTEFACTS.mkdir(exist_ok=True)
        await self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        path = ARTEFACTS / f"page-{what}-{size}-{scheme}.png"
        await self.page.screenshot(path=path)


@asynccontextmanager
async def screen(browser: Browser, name: str, size: dict[str, int]) -> AsyncGenerator[Screen]:
    """A browser of somebody's own: cookies and storage are not shared.

    At its end its console must hold no error, no warning and no exception; what is broken shows
    first in a test that failed already, so then nothing is said of it.
    """
    width, height = size["width"], size["height"]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, has_touch=size is PHONE
    )
    context.set_default_timeout(15_000)
    try:
        one = Screen(name, context, await context.new_page())
        yield one
        assert not one.complaints, f"on the console of {name}'s page: {one.complaints}"
    finally:
        await context.close()


async def start_chat(who: Screen, other: str) -> None:
    """Open the direct conversation with somebody."""
    await who.at("new-chat").click()
    await who.at("new-chat-name").fill(other)
    await who.at("new-chat-submit").click()
    await expect(who.at("chat").locator("header h2")).to_have_text(other)


async def start_group(who: Screen, title: str, *others: str) -> None:
    """Make a group."""
    await who.at("new-group").click()
    await who.at("group-title").fill(title)
    await who.at("group-members").fill(", ".join(others))
    await who.at("group-submit").click()
    # Until the group is made, the conversation before it is still on the screen.
    await expect(who.at("chat").locator("header h2").first).to_have_text(title)
