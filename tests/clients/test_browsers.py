"""Two real browsers on the page: signed up, talking, and there again after a kill -9."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from tests.support.browser import DESKTOP, PASSWORD, PHONE, Screen, screen, start_chat, start_group
from tests.support.node import Node
from tests.support.town import Town
from tests.support.ws_client import whole_list, whole_log

pytestmark = [pytest.mark.slow, pytest.mark.browser]


async def picture(phone: Screen, desk: Screen, what: str) -> None:
    """The page on both, light and dark."""
    for scheme in ("light", "dark"):
        await phone.shot(what, scheme, "phone")
        await desk.shot(what, scheme, "desktop")


async def test_two_people_talk_and_everything_is_there_after_a_kill(
    node: Node, browser: Browser
) -> None:
    async with screen(browser, "Anna", DESKTOP) as anna, screen(browser, "Boris", PHONE) as boris:
        await anna.page.goto(node.base)
        await boris.page.goto(node.base)
        await picture(boris, anna, "enter")
        await anna.sign_up(node.base)
        await boris.sign_up(node.base)

        await start_chat(anna, "Boris")
        await anna.say("Hello Boris!")
        await expect(anna.at("message")).to_have_attribute("data-state", "sent")
        await boris.let_in("Anna")
        await boris.sees("Hello Boris!")
        # She is a stranger until he answers: what he reads is shown from then on.
        await boris.say("Hello Anna, <b>how</b> are you? 👋 <script>alert(1)</script>")
        await anna.sees("Hello Boris!", "<b>how</b> are you? 👋 <script>alert(1)</script>")
        await expect(anna.at("message").first).to_have_attribute("data-state", "read")
        await expect(anna.at("presence-dot").first).to_have_attribute("data-on", "true")
        await picture(boris, anna, "direct")

        await boris.at("back").click()
        await start_group(anna, "Walking", "Boris")
        await anna.say("Who walks on Sunday?")
        row = boris.at("conv-row").filter(has_text="Walking")
        await expect(row.get_by_test_id("unread")).to_contain_text("1")
        await boris.open("Walking")
        await boris.sees("Who walks on Sunday?")
        await boris.say("I do.")
        await anna.sees("Who walks on Sunday?", "I do.")
        await picture(boris, anna, "group")

        # The node dies while both have something to say, and comes back.
        anna.offline = boris.offline = True
        await node.kill()
        await anna.say("Nine o'clock?")
        await boris.say("At the station.")
        for who in (anna, boris):
            await expect(who.at("message").last).to_have_attribute("data-state", "pending")
        await node.start()
        for who in (anna, boris):
            await expect(who.at("message")).to_have_count(4, timeout=45_000)
            await expect(who.page.locator('[data-state="pending"]')).to_have_count(0)
        assert await shown(anna) == await shown(boris)
        assert (await shown(anna))[:2] == ["Who walks on Sunday?", "I do."]
        assert set((await shown(anna))[2:]) == {"Nine o'clock?", "At the station."}

        # A page that is loaded anew has what it had not yet sent.
        await node.kill()
        await anna.say("I bring a cake.")
        await expect(anna.at("message").last).to_have_attribute("data-state", "pending")
        await node.start()
        await anna.page.reload()
        for who in (anna, boris):
            await expect(who.at("message")).to_have_count(5, timeout=45_000)
            await expect(who.page.locator('[data-state="pending"]')).to_have_count(0)
        assert (await shown(anna))[4] == (await shown(boris))[4] == "I bring a cake."
        anna.offline = boris.offline = False

        # Loaded once more, all of it is there, and the same.
        before = await shown(anna)
        await anna.page.reload()
        await anna.open("Walking")
        await expect(anna.at("message")).to_have_count(5)
        assert await shown(anna) == before
        await anna.open("Boris")
        await anna.sees("Hello Boris!", "how")
        await picture(boris, anna, "after")

        # Signing out and in on the same browser, with the password.
        await anna.at("settings").click()
        await anna.at("sign-out").click()
        await anna.at("signin-name").fill("Anna")
        await anna.at("signin-password").fill(PASSWORD)
        await anna.at("signin-submit").click()
        await anna.open("Walking")
        await expect(anna.at("message")).to_have_count(5)
        assert await shown(anna) == before


async def shown(who: Screen) -> list[str]:
    """The words of the messages on the screen, by their seq, each once."""
    messages = await who.at("message").all()
    seqs = [int(await m.get_attribute("data-seq") or 0) for m in messages]
    assert seqs == sorted(set(seqs)), f"{who.name} sees {seqs}"
    return [await m.locator(".text").inner_text() for m in messages]


async def test_a_browser_and_another_client_talk(
    node: Node, town: Town, browser: Browser, tmp_path: Path
) -> None:
    ben = await town.person("ben")
    ben_ws = await town.socket(ben)
    async with screen(browser, "Carla", PHONE) as carla:
        await carla.sign_up(node.base)
        await start_chat(carla, ben.name)
        await carla.say("from the page")
        got = await ben_ws.expect("msg")
        await ben_ws.until(lambda f: f["t"] == "msg" and f["b"].get("text") == "from the page")
        c = got["c"]
        for n in range(1, 41):
            assert (await ben_ws.post(c, n, f"from afar {n}"))["t"] == "ack"
        await expect(carla.at("message").last).to_contain_text("from afar 40")
        assert [line["c"] for line in (await whole_list(ben_ws))["convs"]] == [c]
        assert len(await whole_log(ben_ws, c)) == 42
