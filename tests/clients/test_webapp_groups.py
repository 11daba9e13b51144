"""A group in the web app: made, entered by a link, led, left; and names made to break a page."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Locator, expect
from tests.support.browser import DESKTOP, PHONE, Screen, screen, start_group
from tests.support.node import Node

pytestmark = [pytest.mark.slow, pytest.mark.browser]

#: Marks up, reads from the right, and stacks marks on its letters.
HOSTILE = "<b>x</b> \u05e9\u05dc\u05d5\u05dd " + "a\u0335\u0489" * 12

#: Turns the direction of what follows: the server takes no name with it.
TURNING = "evil\u202e"


def member(who: Screen, name: str) -> Locator:
    """Somebody's line among the members."""
    return who.at("member-row").filter(has_text=name)


async def do(who: Screen, name: str, item: str) -> None:
    """Choose something from a member's menu."""
    await member(who, name).get_by_test_id("member-more").click()
    await who.at(item).click()


async def test_a_group_is_made_led_and_left(node: Node, browser: Browser) -> None:
    async with (
        screen(browser, "Sunniva", DESKTOP) as sunniva,
        screen(browser, "Tobias", DESKTOP) as tobias,
        screen(browser, "Ulrika", PHONE) as ulrika,
    ):
        for who in (sunniva, tobias, ulrika):
            await who.sign_up(node.base)
        # People are chosen as one types the beginnings of their names.
        await sunniva.at("new-group").click()
        await sunniva.at("group-title").fill("Orchestra")
        await sunniva.at("group-members").press_sequentially("tobi")
        await sunniva.at("found-person").click()
        await sunniva.at("group-submit").click()
        await expect(sunniva.at("chat").locator("header h2").first).to_have_text("Orchestra")
        await sunniva.say("Welcome")
        await tobias.open("Orchestra")
        await expect(tobias.message("Welcome")).to_be_visible()

        # A stranger comes by the link, and sees what is said from then on.
        await sunniva.at("members-open").click()
        await sunniva.at("link-make").click()
        address = await sunniva.at("link-address").input_value()
        await ulrika.page.goto(address)
        await expect(ulrika.page).not_to_have_url(address)
        await ulrika.at("join").click()
        await expect(ulrika.at("chat").locator("header h2").first).to_have_text("Orchestra")
        await sunniva.say("Who came late?")
        await expect(ulrika.message("Who came late?")).to_be_visible()
        await expect(ulrika.message("Welcome")).to_have_count(0)

        # Roles: who is an admin may throw out, who is a member may not.
        await expect(sunniva.at("member-row")).to_have_count(3)
        await tobias.at("members-open").click()
        await member(tobias, "Ulrika").get_by_test_id("member-more").click()
        await expect(tobias.at("member-chat")).to_be_visible()
        await expect(tobias.at("kick")).to_have_count(0)
        await tobias.page.keyboard.press("Escape")
        await do(sunniva, "Tobias", "member-role")
        await expect(member(tobias, "Tobias")).to_contain_text("admin")
        await do(tobias, "Ulrika", "kick")
        await expect(ulrika.at("gone")).to_be_visible()
        await expect(ulrika.at("composer")).to_have_count(0)
        await expect(ulrika.message("Who came late?")).to_be_visible()
        await expect(sunniva.at("member-row")).to_have_count(2)

        # The old link is none for her; nobody comes by one that was ended.
        await ulrika.page.goto(address)
        await ulrika.at("join").click()
        await expect(ulrika.page.locator("dialog [role=alert]")).not_to_have_text("")
        ulrika.forgive("403")
        await sunniva.at("link-revoke").click()
        await expect(sunniva.at("link-row")).to_have_count(0)

        # Another title, and a member who goes.
        await sunniva.at("rename-title").fill(TURNING)
        await sunniva.at("rename-submit").click()
        await expect(sunniva.at("details").locator("form [role=alert]").last).not_to_have_text("")
        await sunniva.at("rename-title").fill(HOSTILE)
        await sunniva.at("rename-submit").click()
        await expect(tobias.at("chat").locator("header h2").first).to_have_text(HOSTILE)
        for who in (sunniva, tobias):
            assert await who.page.locator(".list b, header b, .told b").count() == 0
            wide = "document.scrollingElement.scrollWidth - innerWidth"
            assert await who.page.evaluate(wide) <= 0
        await tobias.at("leave").click()
        await tobias.at("confirm").click()
        await expect(tobias.at("gone")).to_be_visible()
        await expect(sunniva.at("system-message").last).to_contain_text("Tobias left")
        await expect(sunniva.at("member-row")).to_have_count(1)


async def test_names_made_to_break_a_page_leave_it_whole(node: Node, browser: Browser) -> None:
    async with screen(browser, "Vilmos", DESKTOP) as vilmos, screen(browser, "Wanda", PHONE) as w:
        await vilmos.sign_up(node.base)
        await w.sign_up(node.base)
        await vilmos.at("settings").click()
        await vilmos.at("settings-profile").click()
        await vilmos.at("profile-display").fill("🦆" * 64)
        await vilmos.at("profile-about").fill("<script>alert(1)</script> " + "W" * 400)
        await vilmos.at("profile-save").click()
        await expect(vilmos.page.locator("dialog [role=status]")).to_have_text("Saved.")
        await vilmos.page.keyboard.press("Escape")
        await start_group(vilmos, "🎻" * 100, "Wanda")
        await vilmos.say("Hello")
        await w.at("conv-row").click()
        await expect(w.at("message")).to_contain_text("Hello")
        await w.at("members-open").click()
        await expect(w.at("member-row")).to_have_count(2)
        for who in (vilmos, w):
            assert (
                await who.page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0
            )
            assert await who.page.locator("script:not([src])").count() == 0
        for row in await w.at("member-row").all():
            box = await row.bounding_box()
            assert box is not None
            assert box["height"] < 160
            assert box["x"] + box["width"] <= PHONE["width"]
