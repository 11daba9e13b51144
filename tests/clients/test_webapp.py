"""What people do in the web app: two of them, four devices, keys, hostile words, and axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from tests.support.axe import serious
from tests.support.browser import DESKTOP, PHONE, Screen, screen, start_chat, start_group
from tests.support.node import Node, running
from tests.support.town import Town
from tests.support.ws_client import sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser]

#: Messages of a long history: many times what is drawn at once.
MANY = 1500

#: Scrolls up by most of a screen; how far the topmost message on the screen was moved by what was
#: drawn above it then, in px.
STEP_UP = """async (log) => {
    log.scrollTop -= 600;
    const top = log.getBoundingClientRect().top;
    const seen = [...log.querySelectorAll("[data-seq]")]
        .find((row) => row.getBoundingClientRect().bottom > top + 20);
    // As laid out: a message that came just now still rises a little.
    const place = () => seen.offsetTop - log.scrollTop;
    const before = place();
    await new Promise((on) => setTimeout(on, 60));
    return seen.isConnected ? place() - before : 9_999;
}"""


async def pictures(phone: Screen, desk: Screen, what: str) -> None:
    """The page on both, light and dark."""
    for scheme in ("light", "dark"):
        await phone.shot(what, scheme, "phone")
        await desk.shot(what, scheme, "desktop")


async def test_two_people_on_four_devices_reply_edit_delete_and_react(
    node: Node, browser: Browser
) -> None:
    async with (
        screen(browser, "Anna", DESKTOP) as anna,
        screen(browser, "Anna", PHONE) as anna_phone,
        screen(browser, "Boris", DESKTOP) as boris,
        screen(browser, "Boris", PHONE) as boris_phone,
    ):
        everybody = (anna, anna_phone, boris, boris_phone)
        await anna.sign_up(node.base)
        await boris.sign_up(node.base)
        await start_chat(anna, "Boris")
        await anna.say("Did it land?")
        await anna.say("On all three?")
        await anna_phone.sign_in(node.base)

        # What is unread is marked, and stays marked when it has been read.
        await boris.let_in("Anna")
        await expect(boris.at("unread-divider")).to_be_visible()
        await boris_phone.sign_in(node.base)
        await boris_phone.open("Anna")
        await anna_phone.open("Boris")
        for who in (boris, boris_phone, anna_phone):
            await expect(who.at("message")).to_have_count(2)
        await expect(anna.at("message").last).to_have_attribute("data-state", "read")

        # Boris's phone says that he writes, on both of Anna's.
        await boris_phone.at("composer").press_sequentially("It")
        for who in (anna, anna_phone):
            await expect(who.at("presence-line")).to_have_text("typing…")
        await boris_phone.at("composer").fill("")

        # A reply, with the pointer; its quote leads back.
        await boris.message("Did it land?").hover()
        await boris.message("Did it land?").get_by_test_id("tool-reply").click()
        await boris.say("It did, on all three.")
        for who in everybody:
            quote = who.message("It did").get_by_test_id("quote")
            await expect(quote).to_contain_text("Did it land?")
        await anna_phone.message("It did").get_by_test_id("quote").click()
        await expect(anna_phone.page.locator(".found")).to_contain_text("Did it land?")

        # A reaction, by a long press; once more takes it back.
        await anna_phone.long_press("It did")
        await anna_phone.at("quick-reaction").first.click()
        for who in everybody:
            await expect(who.message("It did").get_by_test_id("reaction")).to_contain_text("1")
        await boris.message("It did").get_by_test_id("reaction").click()
        for who in everybody:
            await expect(who.message("It did").get_by_test_id("reaction")).to_contain_text("2")
        await pictures(anna_phone, anna, "chat")
        await anna.message("It did").get_by_test_id("reaction").click()
        await expect(boris_phone.message("It did").get_by_test_id("reaction")).to_contain_text("1")

        # Other words, by the arrow key; a word that goes.
        await boris.at("composer").press("ArrowUp")
        await expect(boris.at("editing")).to_be_visible()
        await boris.at("composer").fill("It did, on all four.")
        await boris.at("composer").press("Enter")
        await anna.menu("On all three?", "menu-delete")
        await anna.at("confirm").click()
        for who in everybody:
            await expect(
                who.message("It did, on all four.").get_by_test_id("edited")
            ).to_be_visible()
            await expect(who.message("Deleted message")).to_have_count(1)
            await expect(who.message("On all three?")).to_have_count(0)

        # Who has read it; and all of it again after a reload.
        await boris.menu("It did, on all four.", "menu-info")
        await expect(boris.at("read-by")).to_contain_text("Anna")
        await boris.page.keyboard.press("Escape")
        await boris_phone.page.reload()
        await expect(boris_phone.at("message")).to_have_count(3)
        await expect(boris_phone.message("Deleted message")).to_have_count(1)
        await expect(boris_phone.message("all four").get_by_test_id("reaction")).to_be_visible()
        await expect(boris_phone.message("all four").get_by_test_id("edited")).to_be_visible()

        # A draft stays where it was begun.
        await boris_phone.at("composer").fill("to be said later")
        await boris_phone.at("back").click()
        await expect(boris_phone.at("conv-row")).to_contain_text("Draft: to be said later")
        await boris_phone.page.reload()
        await boris_phone.open("Anna")
        await expect(boris_phone.at("composer")).to_have_value("to be said later")


async def test_the_keyboard_does_everything(node: Node, browser: Browser) -> None:
    async with screen(browser, "Dora", DESKTOP) as dora, screen(browser, "Egon", DESKTOP) as egon:
        await dora.sign_up(node.base)
        await egon.sign_up(node.base)
        await start_group(dora, "Orchestra", "Egon")
        await dora.say("Who plays?")
        await start_chat(dora, "Egon")
        await dora.say("Do you?")
        keys = dora.page.keyboard

        await keys.press("Control+k")
        await expect(dora.at("search")).to_be_focused()
        await keys.type("orch")
        await keys.press("Enter")
        await expect(dora.at("chat").locator("h2")).to_have_text("Orchestra")
        await expect(dora.at("composer")).to_be_focused()
        await keys.press("Alt+ArrowUp")
        await expect(dora.at("chat").locator("h2")).to_have_text("Egon")
        await keys.press("Alt+ArrowDown")
        await expect(dora.at("chat").locator("h2")).to_have_text("Orchestra")

        # To the messages, and what one can do with one.
        await dora.page.get_by_role("log").focus()
        await keys.press("ArrowUp")
        await expect(dora.message("Who plays?")).to_be_focused()
        await keys.press("e")
        await expect(dora.at("emoji-picker")).to_be_visible()
        await keys.type("fire")
        await keys.press("ArrowDown")
        await keys.press("Enter")
        await expect(dora.message("Who plays?").get_by_test_id("reaction")).to_contain_text("1")
        await expect(dora.message("Who plays?")).to_be_focused()
        await keys.press("Enter")
        await expect(dora.at("menu-reply")).to_be_visible()
        await keys.press("Escape")
        await expect(dora.at("menu-reply")).to_have_count(0)
        await keys.press("r")
        await expect(dora.at("replying")).to_be_visible()
        await keys.type("I do.")
        await keys.press("Enter")
        await expect(dora.message("I do.").get_by_test_id("quote")).to_be_visible()

        # Escape closes what is on top, one thing at a time.
        await keys.press("Escape")
        await expect(dora.at("chat")).to_have_count(0)
        await keys.press("?")
        await expect(dora.at("key-map")).to_be_visible()
        await keys.press("Escape")
        await expect(dora.at("key-map")).to_have_count(0)


async def test_hostile_words_are_shown_harmless(node: Node, browser: Browser) -> None:
    async with screen(browser, "Fay", PHONE) as fay, screen(browser, "Gil", DESKTOP) as gil:
        await fay.sign_up(node.base)
        await gil.sign_up(node.base)
        await start_chat(fay, "Gil")
        words = [
            "<img src=x onerror=alert(1)>",
            "javascript:alert(1) and data:text/html,<script>alert(1)</script>",
            "\u202eevil\u202c \u2066isolated",
            "z" + "\u0335\u0489" * 400,
            "W" * 3_000,
            "שלום, world",
            "see https://example.org/a?b=(c).",
        ]
        for word in words:
            await fay.say(word)
        await gil.let_in("Fay")
        for who in (fay, gil):
            await expect(who.at("message")).to_have_count(len(words))
            links = who.at("message").locator("a")
            await expect(links).to_have_count(1)
            await expect(links).to_have_attribute("href", "https://example.org/a?b=(c)")
            await expect(links).to_have_attribute("rel", "noopener noreferrer")
            assert await who.at("message").locator("img, script").count() == 0
            wide = "document.scrollingElement.scrollWidth - innerWidth"
            assert await who.page.evaluate(wide) <= 0

        # 10,000 lines: folded, whole when asked for, and the page goes on.
        # By hand: to type so many lines takes the browser itself minutes.
        await gil.at("composer").evaluate(
            """(area, text) => {
                area.value = text;
                area.dispatchEvent(new Event("input", { bubbles: true }));
            }""",
            "\n".join(f"line {n}" for n in range(10_000)),
        )
        await gil.at("send").click()
        long = fay.at("message").last
        await expect(long.get_by_test_id("show-more")).to_be_visible()
        box = await long.bounding_box()
        assert box is not None
        assert box["height"] < 600
        await long.get_by_test_id("show-more").click()
        await expect(long.locator(".text")).to_contain_text("line 9999")


async def test_axe_finds_nothing_serious(node: Node, browser: Browser, npm_packages: None) -> None:
    async with screen(browser, "Hana", DESKTOP) as hana, screen(browser, "Ivo", PHONE) as ivo:
        for who in (hana, ivo):
            await who.page.goto(node.base)
            await expect(who.at("signin-name")).to_be_visible()
            assert await serious(who) == []
        await hana.sign_up(node.base)
        await ivo.sign_up(node.base)
        assert await serious(hana) == []
        await start_group(hana, "Harbour", "Ivo")
        await hana.say("See https://example.org, and answer.")
        await ivo.open("Harbour")
        await ivo.say("I will")
        await expect(hana.at("message")).to_have_count(2)
        await hana.message("I will").hover()
        await hana.message("I will").get_by_test_id("tool-react").click()
        assert await serious(hana) == []
        await hana.page.keyboard.press("Escape")
        await hana.message("I will").get_by_test_id("tool-more").click()
        assert await serious(hana) == []
        await hana.at("quick-reaction").first.click()
        await hana.message("I will").hover()
        await hana.message("I will").get_by_test_id("tool-reply").click()
        for who in (hana, ivo):
            assert await serious(who) == []
        await ivo.at("back").click()
        assert await serious(ivo) == []
        for page in ("profile", "devices", "privacy", "appearance"):
            await ivo.at("settings").click()
            await ivo.at(f"settings-{page}").click()
            await expect(ivo.page.locator("dialog .stack").first).to_be_visible()
            assert await serious(ivo) == []
            await ivo.shot(page, "dark", "phone")
            await ivo.page.keyboard.press("Escape")
        await pictures(ivo, hana, "list")


async def test_however_far_one_scrolls_little_is_drawn_and_the_place_holds(
    tmp_path: Path, browser: Browser
) -> None:
    async with (
        running(tmp_path / "data", "--no-limits") as node,
        Town(node.base) as town,
        screen(browser, "Jana", DESKTOP) as jana,
    ):
        await jana.sign_up(node.base)
        ben = await town.person("ben")
        ben_ws = await town.socket(ben)
        await start_chat(jana, ben.name)
        await jana.say("the first of all")
        c = (await ben_ws.expect("msg"))["c"]
        other = await sign_in(node.base, jana.name)
        other_ws = await town.socket(other)
        await other_ws.ask("watch", users=[], convs=[c])
        for n in range(1, MANY + 1):
            assert (await ben_ws.post(c, n, f"from afar {n}"))["t"] == "ack"
        # All of it was on the screen: it is read, and the page opens at its end.
        while (await other_ws.expect("rcpt"))["read"].get(other.user, 0) < MANY + 2:
            pass
        await other.close()
        await jana.page.reload()
        await expect(jana.at("message").last).to_contain_text(f"from afar {MANY}")

        log = jana.page.get_by_role("log")
        drawn = 0
        while await jana.message("the first of all").count() == 0:
            # A step up, and whatever comes above: what is on the screen stays where it is.
            moved = await log.evaluate(STEP_UP)
            assert abs(moved) < 2, f"the place moved by {moved} px"
            drawn = max(drawn, await jana.at("message").count())
        assert drawn <= 260
        # To the newest from the first costs nothing of what lies between.
        await jana.at("to-end").click()
        await expect(jana.at("message").last).to_contain_text(f"from afar {MANY}")
