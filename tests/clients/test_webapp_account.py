"""One's own account in the web app: profile, links, what to take away, and the end of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from tests.support.browser import DESKTOP, PASSWORD, PHONE, Screen, screen, start_chat, start_group
from tests.support.node import Node

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES = ("profile", "contacts", "devices", "privacy", "blocked", "recovery", "data")


async def settings(who: Screen, page: str) -> None:
    """Open one of the settings."""
    await who.at("settings").click()
    await who.at(f"settings-{page}").click()
    await expect(who.page.locator("dialog .stack").first).to_be_visible()


async def closed(who: Screen) -> None:
    await who.page.keyboard.press("Escape")
    await expect(who.page.locator("dialog")).to_have_count(0)


async def test_settings_and_details_ask_for_nothing_that_is_not_there(
    node: Node, browser: Browser
) -> None:
    async with screen(browser, "Lotte", DESKTOP) as lotte, screen(browser, "Marek", DESKTOP) as m:
        await lotte.sign_up(node.base)
        await m.sign_up(node.base)
        for page in PAGES:
            await settings(lotte, page)
            await closed(lotte)
        # A stranger nobody has written to yet, then one who is asked, then one who accepted.
        await start_chat(lotte, "Marek")
        await lotte.at("members-open").click()
        await expect(lotte.at("contact-request")).to_be_visible()
        await lotte.say("Hello?")
        await expect(lotte.at("mute")).to_be_visible()
        await m.let_in("Lotte")
        await m.at("members-open").click()
        await expect(m.at("block")).to_be_visible()
        await lotte.page.reload()
        await lotte.open("Marek")
        await start_group(lotte, "Harbour", "Marek")
        await lotte.at("members-open").click()
        await expect(lotte.at("link-make")).to_be_visible()


async def test_a_chosen_colour_and_a_name_are_what_others_see(node: Node, browser: Browser) -> None:
    async with screen(browser, "Nora", DESKTOP) as nora, screen(browser, "Olaf", DESKTOP) as olaf:
        await nora.sign_up(node.base)
        await olaf.sign_up(node.base)
        for colour in ("hue-3", "hue-9"):
            await settings(nora, "profile")
            await nora.page.locator(f".colour.{colour} input").check(force=True)
            await nora.at("profile-save").click()
            await expect(nora.page.locator("dialog [role=status]")).to_have_text("Saved.")
            await closed(nora)
            await olaf.page.reload()
            if colour == "hue-3":
                await start_chat(olaf, "Nora")
                await olaf.say("Hello")
            else:
                await olaf.open("Nora")
            for place in ("conv-row", "chat"):
                avatar = olaf.at(place).locator(".avatar").first
                await expect(avatar).to_have_class(f"avatar {colour}")


async def test_a_link_lets_in_and_a_deleted_account_is_said_to_be_one(
    node: Node, browser: Browser, tmp_path: Path
) -> None:
    async with screen(browser, "Paul", DESKTOP) as paul, screen(browser, "Rosa", DESKTOP) as rosa:
        await paul.sign_up(node.base)
        await rosa.sign_up(node.base)
        await start_group(paul, "Harbour")
        await paul.at("members-open").click()
        await paul.at("link-make").click()
        address = await paul.at("link-address").input_value()
        await expect(paul.at("link-row")).to_have_count(1)
        await rosa.page.goto(address)
        await rosa.at("join").click()
        await expect(rosa.at("chat").locator("header h2").first).to_have_text("Harbour")
        await rosa.say("I am in")
        await expect(paul.message("I am in")).to_be_visible()
        await start_chat(rosa, "Paul")
        await rosa.say("Hello Paul")
        await paul.let_in("Rosa")

        await settings(rosa, "data")
        async with rosa.page.expect_download() as coming:
            await rosa.at("export-json").click()
        path = tmp_path / "taken.json"
        await (await coming.value).save_as(path)
        taken = json.loads(path.read_text())
        assert taken["profile"]["name"] == "Rosa"
        assert {each["title"] for each in taken["conversations"]} == {"Harbour", "Paul"}

        await rosa.page.get_by_role("button", name="Delete account").click()
        await rosa.at("delete-password").fill(PASSWORD)
        await rosa.at("delete-account").click()
        await expect(rosa.at("signin-name")).to_be_visible()
        await paul.open("Harbour")
        await expect(paul.at("system-message").last).to_contain_text("left")
        await paul.page.reload()
        await paul.open("Deleted account")
        await paul.at("members-open").click()
        await expect(paul.message("Hello Paul")).to_be_visible()
        await expect(paul.at("block")).to_have_count(0)
        await paul.open("Harbour")
        await expect(paul.message("I am in")).to_contain_text("Deleted account")


async def test_new_recovery_codes_end_the_old_ones_and_let_one_in(
    node: Node, browser: Browser
) -> None:
    async with screen(browser, "Xenia", DESKTOP) as xenia, screen(browser, "Xenia", PHONE) as phone:
        await xenia.sign_up(node.base)
        await settings(xenia, "recovery")
        await xenia.at("recovery-password").fill("not the password")
        await xenia.at("recovery-renew").click()
        await expect(xenia.page.locator("dialog [role=alert]")).not_to_have_text("")
        xenia.forgive("the server responded with a status of 4")
        await xenia.at("recovery-password").fill(PASSWORD)
        await xenia.at("recovery-renew").click()
        codes = xenia.at("recovery-codes").locator("li")
        await expect(codes).to_have_count(8)
        code = await codes.first.inner_text()
        await closed(xenia)

        # On another device, without the password; the first device is signed out, live.
        await phone.page.goto(node.base)
        await phone.at("show-recover").click()
        await phone.at("recover-name").fill("Xenia")
        await phone.at("recover-code").fill(code)
        await phone.at("recover-password").fill("another horse 8")
        await phone.at("recover-submit").click()
        await expect(phone.at("conv-list")).to_be_visible()
        await expect(xenia.at("signin-name")).to_be_visible()


async def test_a_device_that_is_signed_out_elsewhere_is_out_at_once(
    node: Node, browser: Browser
) -> None:
    async with screen(browser, "Yrsa", DESKTOP) as yrsa, screen(browser, "Yrsa", PHONE) as phone:
        await yrsa.sign_up(node.base)
        await phone.sign_in(node.base)
        await settings(yrsa, "devices")
        rows = yrsa.at("device-row")
        await expect(rows).to_have_count(2)
        await yrsa.page.locator('[data-current="false"]').get_by_test_id("device-name").click()
        await yrsa.at("device-label").fill("The old phone")
        await yrsa.at("device-save").click()
        old = rows.filter(has_text="The old phone")
        await old.get_by_test_id("device-revoke").click()
        await expect(rows).to_have_count(1)
        await expect(phone.at("signin-name")).to_be_visible()
        await phone.page.reload()
        await expect(phone.at("signin-name")).to_be_visible()
        await closed(yrsa)
        await expect(yrsa.at("conv-list")).to_be_visible()
