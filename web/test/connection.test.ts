import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Backoff } from "../src/core/backoff.js";
import { Page } from "./page.js";

describe("the connection", () => {
  test("says hello with the token, and a higher try each time", async () => {
    const page = await new Page().start();
    page.node.hangUp(1006);
    await page.clock.pass(2_000);
    const [first, second] = page.node.hellos;
    assert.equal(first?.token, "token1");
    assert.equal(first?.device, "v_me");
    assert.equal(first?.cut, 4_000);
    assert.equal(second?.inst, first?.inst);
    assert.ok((second?.try ?? 0) > (first?.try ?? 0));
    assert.equal(page.client.phase.value, "up");
  });

  test("pings after 25 s of silence, and not before", async () => {
    const page = await new Page().start();
    const start = page.clock.steady();
    await page.clock.pass(24_000);
    assert.equal(page.node.frames("ping").length, 0);
    await page.clock.pass(2_000);
    assert.equal(page.node.frames("ping").length, 1);
    await page.clock.pass(60_000 - (page.clock.steady() - start));
    assert.equal(page.client.phase.value, "up");
  });

  test("reconnects when no pong comes within 5 s", async () => {
    const page = await new Page().start();
    page.node.deaf = true;
    page.client.wake();
    await page.clock.pass(4_900);
    assert.equal(page.client.phase.value, "up");
    await page.clock.pass(200);
    assert.equal(page.client.phase.value, "waiting");
    page.node.deaf = false;
    await page.clock.pass(2_000);
    assert.equal(page.client.phase.value, "up");
  });

  test("a try that gets no welcome is given up", async () => {
    const page = new Page();
    page.node.deaf = true;
    await page.start();
    assert.equal(page.client.phase.value, "connecting");
    await page.clock.pass(15_000);
    assert.equal(page.client.phase.value, "waiting");
  });

  for (const [code, phase] of [
    [4409, "replaced"],
    [4400, "refused"],
    [1002, "refused"],
    [1007, "refused"],
    [1009, "refused"],
  ] as const) {
    test(`close code ${code} stops it until the user acts`, async () => {
      const page = await new Page().start();
      page.node.hangUp(code);
      await page.clock.pass(120_000);
      assert.equal(page.client.phase.value, phase);
      assert.equal(page.node.hellos.length, 1);
    });
  }

  for (const code of [1001, 1006, 1011, 1012, 4408, 4503, 4508]) {
    test(`close code ${code} makes it try again`, async () => {
      const page = await new Page().start();
      page.node.hangUp(code);
      await page.clock.pass(2_000);
      assert.equal(page.client.phase.value, "up");
    });
  }

  test("waits longer after 4429", async () => {
    const page = await new Page().start();
    page.node.hangUp(4429);
    await page.clock.pass(4_900);
    assert.equal(page.node.hellos.length, 1);
    await page.clock.pass(200);
    assert.equal(page.node.hellos.length, 2);
  });

  test("fetches a fresh token after 4401", async () => {
    const page = await new Page().start();
    page.node.hangUp(4401);
    await page.clock.pass(2_000);
    assert.equal(page.node.hellos[1]?.token, "token2");
  });

  test("is signed out when there is no fresh token", async () => {
    const page = await new Page().start();
    page.node.signedIn = false;
    page.node.hangUp(4401);
    await page.clock.pass(2_000);
    assert.equal(page.client.account.who.value, null);
    assert.equal(page.client.phase.value, "off");
  });

  test("is signed out after 4403", async () => {
    const page = await new Page().start();
    page.node.hangUp(4403);
    await page.clock.pass(120_000);
    assert.equal(page.client.account.who.value, null);
    assert.equal(page.node.hellos.length, 1);
  });

  test("signs out once, though the server hangs up meanwhile", async () => {
    const page = await new Page().start();
    await page.client.signOut();
    await page.clock.pass(1000);
    assert.equal(page.client.account.who.value, null);
    assert.equal(page.node.logouts, 1);
  });

  test("renews its token in place before it ends", async () => {
    const page = new Page();
    page.node.expires_in = 100;
    await page.start();
    await page.clock.pass(81_000);
    assert.deepEqual(
      page.node.frames("auth").map(({ token }) => token),
      ["token2"],
    );
    assert.equal(page.node.hellos.length, 1);
  });

  test("leaves for another node when told to", async () => {
    const page = await new Page().start();
    page.node.push({ t: "bye", after: 4_000 });
    await page.clock.pass(3_900);
    assert.equal(page.client.phase.value, "up");
    await page.clock.pass(2_000);
    assert.equal(page.node.hellos.length, 2);
    assert.equal(page.client.phase.value, "up");
  });

  test("keeps asking when the server is away at the start", async () => {
    const page = new Page();
    page.node.reachable = false;
    await page.start();
    assert.equal(page.client.account.who.value, undefined);
    page.node.reachable = true;
    await page.clock.pass(3_000);
    assert.equal(page.client.phase.value, "up");
  });
});

describe("the wait between tries", () => {
  test("has full jitter, from half a second to thirty", () => {
    const low = new Backoff(() => 0);
    const high = new Backoff(() => 0.999_999);
    for (let n = 0; n < 12; n += 1) {
      assert.equal(low.next(), 500);
      const wait_ms = high.next();
      assert.ok(wait_ms <= 30_000);
      if (n > 6) assert.ok(wait_ms > 29_000);
    }
  });

  test("starts afresh after a minute that went well, and not before", () => {
    const backoff = new Backoff(() => 0.999_999);
    for (let n = 0; n < 8; n += 1) backoff.next();
    backoff.ended(59_000);
    assert.ok(backoff.next() > 29_000);
    backoff.ended(60_000);
    assert.ok(backoff.next() <= 1_000);
  });
});
