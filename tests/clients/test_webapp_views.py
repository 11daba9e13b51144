"""Each main view of the web app: for axe, by sight, zoomed, and at any place of a long history."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.async_api import Browser, expect
from tests.support.axe import serious
from tests.support.browser import DESKTOP, PASSWORD, PHONE, TABLET, Screen, screen, start_group
from tests.support.node import Node, running
from tests.support.town import Town, group

from benchmarks.pieces.seed import seed

pytestmark = [pytest.mark.slow, pytest.mark.browser]

#: Texts of a seeded day: they are 10 minutes apart.
A_DAY = 144

SETTINGS = (
    "profile",
    "contacts",
    "devices",
    "privacy",
    "blocked",
    "appearance",
    "recovery",
    "data",
)

#: How much wider than the screen the page is.
WIDER = "document.scrollingElement.scrollWidth - innerWidth"


async def fine(who: Screen, what: str, size: str) -> None:
    """Axe finds nothing serious in either theme, nothing is too wide, and there are pictures."""
    assert await serious(who) == [], what
    assert await who.page.evaluate(WIDER) <= 0, what
    for scheme in ("light", "dark"):
        await who.shot(what, scheme, size)


async def test_axe_finds_nothing_serious_in_any_view(
    node: Node, town: Town, browser: Browser, npm_packages: None
) -> None:
    async with (
        screen(browser, "Zora", DESKTOP) as desk,
        screen(browser, "Zora", PHONE) as phone,
        screen(browser, "Zora", TABLET) as tablet,
    ):
        await phone.page.goto(node.base)
        await phone.at("show-signup").click()
        await fine(phone, "sign-up", "phone")
        await phone.at("show-signin").click()
        await phone.at("show-recover").click()
        await fine(phone, "recover", "phone")
        await desk.sign_up(node.base)
        await fine(desk, "first-hint", "desktop")

        alva, bo = await town.people("Alva", "Bo")
        alva_ws, bo_ws = await town.sockets(alva, bo)
        await start_group(desk, "Walking on Sundays", alva.name, bo.name)
        await desk.say("Who walks on Sunday? See https://example.org/route")
        said = await alva_ws.until(lambda frame: frame.get("b", {}).get("k") == "text")
        c, zora = said["c"], said["from"]
        await alva_ws.post(c, 1, "I do. And I bring a cake.")
        await bo_ws.post(c, 1, "\u05e9\u05dc\u05d5\u05dd, \u05de\u05d9 \u05d1\u05d0?")
        for ws, words in ((alva_ws, "May I ask you something?"), (bo_ws, "Is this you?")):
            b = {"k": "text", "text": words}
            assert (await ws.ask("send", to=zora, cid=1, prev=0, b=b))["t"] == "ack"
        await expect(desk.at("requests")).to_contain_text("2")
        for who in (phone, tablet):
            await who.sign_in(node.base)
            await expect(who.at("requests")).to_contain_text("2")
        await fine(phone, "list", "phone")
        for who, size in ((desk, "desktop"), (phone, "phone"), (tablet, "tablet")):
            await who.open("Walking on Sundays")
            await expect(who.at("message")).to_have_count(3)
            await fine(who, "group", size)
            await who.at("members-open").click()
            await expect(who.at("link-make")).to_be_visible()
            await fine(who, "members", size)
            await who.page.keyboard.press("Escape")

        # What opens over the page.
        await desk.at("conv-row").first.click(button="right")
        await fine(desk, "row-menu", "desktop")
        await desk.page.keyboard.press("Escape")
        await desk.at("day").first.click()
        await fine(desk, "date", "desktop")
        await desk.page.keyboard.press("Escape")
        await desk.at("search").fill("alva")
        await expect(desk.at("conv-row")).to_have_count(1)
        await fine(desk, "search", "desktop")
        await desk.at("search").fill("")
        await desk.at("chat").locator("header h2").click()
        await desk.page.keyboard.press("?")
        await fine(desk, "keys", "desktop")
        await desk.page.keyboard.press("Escape")
        for page in SETTINGS:
            await desk.at("settings").click()
            await desk.at(f"settings-{page}").click()
            await expect(desk.page.locator("dialog .stack").first).to_be_visible()
            await fine(desk, page, "desktop")
            await desk.page.keyboard.press("Escape")
        await phone.at("back").click()
        await phone.at("requests").click()
        await phone.open(alva.name)
        await expect(phone.at("request-bar")).to_be_visible()
        await fine(phone, "request", "phone")

        # Twice and four times as large: the same page in half and a quarter of the room.
        for width, height in ((640, 400), (320, 256)):
            await desk.page.set_viewport_size({"width": width, "height": height})
            await expect(desk.at("composer")).to_be_visible()
            await fine(desk, f"zoom-{1280 // width}", "desktop")
        await desk.at("back").click()
        await expect(desk.at("conv-row").first).to_be_visible()
        assert await desk.page.evaluate(WIDER) <= 0


async def test_a_jump_to_a_date_leads_to_its_first_message(
    tmp_path: Path, browser: Browser
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    hashed = PasswordHasher().hash(PASSWORD)
    await seed(data / "hubbub.db", 2, [[0, 1]], texts=[20 * A_DAY], password=hashed)
    async with running(data) as node, screen(browser, "person0", DESKTOP) as reader:
        await reader.sign_in(node.base)
        await reader.at("conv-row").click()
        await expect(reader.at("message").last).to_contain_text(f"Text {20 * A_DAY} ")
        # What is drawn goes back for hours, perhaps to before midnight.
        await expect(reader.at("day").first).to_have_text(re.compile("Today|Yesterday"))
        day = (datetime.now(tz=UTC).astimezone() - timedelta(days=10)).date()

        # By the keyboard, from the messages.
        await reader.page.get_by_role("log").focus()
        await reader.page.keyboard.press("d")
        await reader.at("date").fill(day.isoformat())
        await reader.page.keyboard.press("Enter")
        found = reader.page.locator(".found[data-seq]")
        await expect(found).to_be_visible()
        seq = int(await found.get_attribute("data-seq") or 0)
        assert abs(seq - 10 * A_DAY) <= A_DAY
        part = reader.page.locator(".day-part", has=reader.page.locator(f'[data-seq="{seq}"]'))
        first = part.locator("[data-seq]").first
        assert await first.get_attribute("data-seq") == str(seq)
        assert await reader.at("message").count() <= 260

        # Up to where it begins, and back to the newest.
        await reader.at("day").first.click()
        await reader.at("date").fill("2001-01-01")
        await reader.at("date-go").click()
        await expect(reader.page.get_by_text("This is where it begins.")).to_be_visible()
        await reader.at("to-end").click()
        await expect(reader.at("message").last).to_contain_text(f"Text {20 * A_DAY} ")
        await reader.say("and one more")
        await expect(reader.at("message").last).to_contain_text("and one more")

        # A message that is written far from the end is seen at the end.
        await reader.at("day").first.click()
        await reader.at("date").fill(day.isoformat())
        await reader.at("date-go").click()
        await expect(found).to_be_visible()
        await reader.say("said from afar")
        await expect(reader.at("message").last).to_contain_text("said from afar")


async def test_what_is_unread_begins_where_one_left_off(tmp_path: Path, browser: Browser) -> None:
    async with (
        running(tmp_path / "data", "--no-limits") as node,
        Town(node.base) as town,
        screen(browser, "Asta", DESKTOP) as asta,
    ):
        await asta.sign_up(node.base)
        ben = await town.person("ben")
        ws = await town.socket(ben)
        found = await ben.http.get("/v1/users", params={"q": "Asta"})
        other = await town.person("extra")
        c = await group(ws, other, title="Long talk")
        who = [found.json()[0]["id"]]
        assert (await ws.ask("invite", c=c, users=who, cid=1, prev=0))["t"] in ("ack", "ok")
        for n in range(2, 152):
            assert (await ws.post(c, n, f"news {n}"))["t"] == "ack"
        await expect(asta.at("unread")).to_have_text("150 unread")
        await asta.open("Long talk")
        await expect(asta.at("unread-divider")).to_be_in_viewport()
        await expect(asta.at("message").first).to_be_in_viewport()

        # What is seen is read; the rest is not, until it is seen too.
        await expect(asta.at("unread")).not_to_have_text("150 unread")
        await expect(asta.at("unread").first).to_be_visible()
        await asta.at("to-end").click()
        await expect(asta.at("message").last).to_contain_text("news 151")
        await expect(asta.at("unread")).to_have_count(0)
        await asta.at("to-unread").click()
        await expect(asta.at("unread-divider")).to_be_in_viewport()


async def test_nothing_moves_for_who_wants_it_still(node: Node, browser: Browser) -> None:
    async with screen(browser, "Birk", DESKTOP) as birk:
        await birk.page.emulate_media(reduced_motion="reduce")
        await birk.sign_up(node.base)
        await start_group(birk, "Stillness")
        await birk.say("Nothing moves")
        await birk.at("settings").click()
        moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
        assert await birk.page.evaluate(moving) == 0
