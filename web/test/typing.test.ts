import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Page } from "./page.js";

const withGroup = async (): Promise<Page> => {
  const page = new Page();
  page.node.group("g");
  await page.start();
  page.client.open("g");
  await page.clock.pass(300);
  return page;
};

describe("typing", () => {
  test("somebody who types is shown for 6 s after the last sign of it", async () => {
    const page = await withGroup();
    const now = () => page.client.store.typists.now.value.get("g") ?? [];
    page.node.push({ t: "typing", c: "g", u: "u_bo" });
    await page.clock.pass(4_000);
    page.node.push({ t: "typing", c: "g", u: "u_bo" });
    await page.clock.pass(5_000);
    assert.deepEqual(now(), ["u_bo"]);
    await page.clock.pass(1_100);
    assert.deepEqual(now(), []);
  });

  test("what was typed ends it when it comes, and we are never shown ourselves", async () => {
    const page = await withGroup();
    const now = () => page.client.store.typists.now.value.get("g") ?? [];
    page.node.push({ t: "typing", c: "g", u: "u_bo" }, { t: "typing", c: "g", u: "u_me" });
    assert.deepEqual(now(), ["u_bo"]);
    page.node.says("g", "done");
    assert.deepEqual(now(), []);
  });

  test("our own is told at most every 3 s, whatever is sent meanwhile: the server takes no more", async () => {
    const page = await withGroup();
    const g = page.conversation("g");
    for (let key = 0; key < 8; key += 1) {
      page.client.typed(g);
      await page.clock.pass(500);
    }
    assert.equal(page.node.frames("typing").length, 2);
    page.client.say(g, "done");
    page.client.typed(g);
    assert.equal(page.node.frames("typing").length, 2);
    await page.clock.pass(3_000);
    page.client.typed(g);
    assert.equal(page.node.frames("typing").length, 3);
  });
});

describe("drafts", () => {
  test("a draft is there after a reload, and gone once it is empty or one signs out", async () => {
    const page = await withGroup();
    page.client.drafts.put("g", "half a sent");
    const again = await page.reloaded();
    assert.equal(again.client.drafts.of("g"), "half a sent");
    again.client.drafts.put("g", "");
    assert.equal((await again.reloaded()).client.drafts.of("g"), "");
    again.client.drafts.put("g", "secret");
    await again.client.signOut();
    assert.ok(![...again.shelf.kept.values()].includes("secret"));
  });

  test("without room it lives as long as the page", async () => {
    const page = await withGroup();
    page.shelf.full = true;
    page.client.drafts.put("g", "kept");
    assert.equal(page.client.drafts.of("g"), "kept");
  });
});
