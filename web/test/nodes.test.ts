import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Page } from "./page.js";

const [HOME, SECOND] = ["ws://home/ws", "ws://second/ws"];

function page(): Page {
  const made = new Page();
  made.node.nodes = [HOME, SECOND];
  return made;
}

describe("the node of the socket", () => {
  test("is the first of the list", async () => {
    const { node, client } = await page().start();
    assert.equal(client.phase.value, "up");
    assert.deepEqual(node.opened, [HOME]);
  });

  test("is the next one after two failures", async () => {
    const here = page();
    here.node.dead.add(HOME);
    await here.start();
    await here.clock.pass(5_000);
    assert.deepEqual(here.node.opened, [HOME, HOME, SECOND]);
    assert.equal(here.client.phase.value, "up");
  });

  test("is the next one soon after the first has died", async () => {
    const here = await page().start();
    here.node.dead.add(HOME);
    here.node.hangUp(1006);
    await here.clock.pass(5_000);
    assert.deepEqual(here.node.opened, [HOME, HOME, SECOND]);
  });

  test("is taken from a fresh list after the node sent everybody away", async () => {
    const here = await page().start();
    here.node.nodes = [SECOND];
    here.node.hangUp(4503);
    await here.clock.pass(2_000);
    assert.deepEqual(here.node.opened, [HOME, SECOND]);
  });

  test("is the page's own when none of the list takes us", async () => {
    const here = page();
    here.node.dead.add(HOME).add(SECOND);
    await here.start();
    await here.clock.pass(40_000);
    assert.deepEqual(here.node.opened, [HOME, HOME, SECOND, SECOND, null]);
    assert.equal(here.client.phase.value, "up");
  });

  test("is the first again when all have failed", async () => {
    const here = page();
    here.node.nodes = [HOME];
    here.node.dead.add(HOME).add(null);
    await here.start();
    await here.clock.pass(40_000);
    here.node.dead.clear();
    await here.clock.pass(60_000);
    assert.deepEqual(here.node.opened.slice(0, 5), [HOME, HOME, null, null, HOME]);
    assert.equal(here.client.phase.value, "up");
  });

  test("is as good as new when it comes back to the list", async () => {
    const here = await page().start();
    here.node.dead.add(HOME);
    here.node.hangUp(1006);
    await here.clock.pass(40_000);
    here.node.nodes = [SECOND];
    here.node.hangUp(1001);
    await here.clock.pass(40_000);
    here.node.dead.clear();
    here.node.nodes = [HOME, SECOND];
    here.node.hangUp(1001);
    await here.clock.pass(40_000);
    assert.deepEqual(here.node.opened.slice(2), [SECOND, SECOND, HOME]);
  });

  test("is the page's own where no list is to be had", async () => {
    const here = page();
    here.node.nodes = null;
    await here.start();
    assert.deepEqual(here.node.opened, [null]);
    assert.equal(here.client.phase.value, "up");
  });

  test("waits three seconds for a list, and no longer", async () => {
    const here = page();
    here.node.slow = true;
    await here.start();
    await here.clock.pass(2_500);
    assert.deepEqual(here.node.opened, []);
    await here.clock.pass(1_000);
    assert.deepEqual(here.node.opened, [null]);
  });

  test("is not asked for again within a minute of a close that says nothing of it", async () => {
    const here = await page().start();
    here.node.hangUp(4408);
    await here.clock.pass(2_000);
    assert.deepEqual(here.node.opened, [HOME, HOME]);
    assert.equal(here.node.asked, 1);
  });
});
