"""People in the web app: found, asked, let in, muted, blocked, and what each of them may see."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect
from tests.support.browser import DESKTOP, PHONE, Screen, screen
from tests.support.node import Node

pytestmark = [pytest.mark.slow, pytest.mark.browser]


async def test_a_stranger_is_found_asks_and_is_let_in(node: Node, browser: Browser) -> None:
    async with screen(browser, "Kimberly", DESKTOP) as kim, screen(browser, "Louisa", PHONE) as lou:
        await kim.sign_up(node.base)
        await lou.sign_up(node.base)
        await expect(kim.at("first-hint")).to_contain_text("No conversations yet")

        # Found by name, by keyboard alone.
        await kim.page.keyboard.press("Control+k")
        await kim.page.keyboard.type("loui")
        await expect(kim.at("found-person")).to_contain_text("Louisa")
        await kim.page.keyboard.press("Enter")
        await expect(kim.at("chat").locator("header h2")).to_have_text("Louisa")
        await kim.page.keyboard.type("Is this you?")
        await kim.page.keyboard.press("Enter")
        await expect(kim.message("Is this you?")).to_have_attribute("data-state", "sent")

        # She waits apart from the others, and learns nothing by it.
        await expect(lou.at("conv-row")).to_have_count(0)
        await expect(lou.at("requests")).to_contain_text("1")
        await lou.at("requests").click()
        await lou.open("Kimberly")
        await expect(lou.at("composer")).to_have_count(0)
        await lou.sees("Is this you?")
        await expect(kim.message("Is this you?")).to_have_attribute("data-state", "sent")
        await expect(kim.at("chat").get_by_test_id("presence-dot")).to_have_attribute(
            "data-on", "false"
        )
        await lou.at("request-accept").click()
        await lou.say("It is.")
        await expect(kim.message("Is this you?")).to_have_attribute("data-state", "read")

        # Contacts of each other, from the details.
        await kim.at("members-open").click()
        await kim.at("contact-request").click()
        await expect(kim.at("details")).to_contain_text("You asked them")
        await lou.at("back").click()
        await lou.at("settings").click()
        await lou.at("settings-contacts").click()
        await lou.at("contact-accept").click()
        await expect(lou.at("person-row")).to_contain_text("Kimberly")
        await expect(lou.at("contact-accept")).to_have_count(0)
        await lou.page.keyboard.press("Escape")
        await expect(kim.at("presence-line")).to_have_text("online")


async def test_privacy_holds_at_once(node: Node, browser: Browser) -> None:
    async with screen(browser, "Marit", DESKTOP) as marit, screen(browser, "Nils", DESKTOP) as nils:
        await acquaint(node, marit, nils)
        await expect(marit.at("presence-line")).to_have_text("online")
        await nils.at("settings").click()
        await nils.at("settings-privacy").click()
        await nils.at("presence-nobody").click()
        await expect(nils.at("presence-nobody")).to_be_checked()
        # Presence is decided when it is told: from the next time on.
        await marit.page.reload()
        await expect(marit.at("message")).to_have_count(2)
        await expect(marit.at("presence-line")).to_have_text("")
        await nils.at("presence-contacts").click()
        await nils.at("write-nobody").click()
        await expect(nils.at("write-nobody")).to_be_checked()
        await nils.page.reload()
        await nils.at("settings").click()
        await nils.at("settings-privacy").click()
        await expect(nils.at("write-nobody")).to_be_checked()
        await expect(nils.at("presence-contacts")).to_be_checked()


async def test_mute_and_pin_are_marked_in_the_list(node: Node, browser: Browser) -> None:
    async with screen(browser, "Odile", DESKTOP) as odile, screen(browser, "Pavel", PHONE) as pavel:
        await acquaint(node, odile, pavel)
        row = odile.at("conv-row").filter(has_text="Pavel")
        await odile.at("members-open").click()
        await odile.at("mute").select_option("hour")
        await expect(row.get_by_test_id("mark-muted")).to_be_visible()
        await odile.at("pin").check()
        await expect(row.get_by_test_id("mark-pinned")).to_be_visible()

        # From the list, by its menu; and after a reload, which the server and the device remember.
        await odile.page.reload()
        await expect(row.get_by_test_id("mark-pinned")).to_be_visible()
        await expect(row.get_by_test_id("mark-muted")).to_be_visible()
        await row.click(button="right")
        await odile.at("row-mute").click()
        await expect(row.get_by_test_id("mark-muted")).to_have_count(0)
        await row.focus()
        await odile.page.keyboard.press("ContextMenu")
        await expect(odile.at("row-pin")).to_be_focused()
        await odile.page.keyboard.press("Enter")
        await expect(row.get_by_test_id("mark-pinned")).to_have_count(0)
        await expect(row).to_be_focused()

        # On a phone, under a finger that stays; that opens nothing else.
        await pavel.at("back").click()
        theirs = pavel.at("conv-row")
        await pavel.hold(theirs, pavel.at("row-pin"))
        await pavel.at("row-pin").click()
        await expect(theirs.get_by_test_id("mark-pinned")).to_be_visible()
        await expect(pavel.at("chat")).to_have_count(0)
        await theirs.click()
        await expect(pavel.at("chat")).to_be_visible()


async def test_whom_one_blocks_is_told_so_and_reaches_nobody(node: Node, browser: Browser) -> None:
    async with screen(browser, "Quirin", PHONE) as quirin, screen(browser, "Rosa", DESKTOP) as rosa:
        await acquaint(node, quirin, rosa)
        await rosa.sees("Hello", "Good day")
        await rosa.at("members-open").click()
        await rosa.at("block").click()
        await expect(rosa.at("unblock")).to_be_visible()
        await quirin.say("Are you there?")
        failure = quirin.message("Are you there?").get_by_test_id("failure")
        await expect(failure).to_be_visible()
        await rosa.sees("Hello", "Good day")
        await expect(rosa.at("conv-row")).not_to_contain_text("Are you there?")

        # Let in again, the same message goes through.
        await rosa.at("settings").click()
        await rosa.at("settings-blocked").click()
        await rosa.at("person-row").get_by_test_id("unblock").click()
        await expect(rosa.at("person-row")).to_have_count(0)
        await rosa.page.keyboard.press("Escape")
        await failure.get_by_test_id("retry").click()
        await expect(rosa.message("Are you there?")).to_be_visible()


async def acquaint(node: Node, one: Screen, other: Screen) -> None:
    """Two people with a conversation on both screens, each let in by the other."""
    await one.sign_up(node.base)
    await other.sign_up(node.base)
    await one.at("new-chat").click()
    await one.at("new-chat-name").fill(other.name)
    await one.at("new-chat-submit").click()
    await one.say("Hello")
    await other.let_in(one.name)
    await other.say("Good day")
    await expect(one.message("Good day")).to_be_visible()
