import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Receipts } from "../src/core/receipts.js";
import type { InFrame } from "../src/core/wire.js";
import { ManualClock } from "./clock.js";

function told() {
  const clock = new ManualClock();
  const sent: InFrame[] = [];
  const link = { up: true };
  const receipts = new Receipts((frame) => {
    if (link.up) sent.push(frame);
    return link.up;
  }, clock);
  return { clock, sent, link, receipts };
}

describe("receipts", () => {
  test("say nothing that the server knows", async () => {
    const { clock, sent, receipts } = told();
    receipts.heard("g", 5, 3);
    receipts.received("g", 5);
    receipts.read("g", 3);
    await clock.pass(5_000);
    assert.deepEqual(sent, []);
    receipts.read("g", 4);
    await clock.pass(5_000);
    assert.deepEqual(sent, [{ t: "read", c: "g", s: 4 }]);
  });

  test("are said again when the list shows less", async () => {
    const { clock, sent, receipts } = told();
    receipts.read("g", 4);
    await clock.pass(2_000);
    receipts.heard("g", 4, 0);
    await clock.pass(2_000);
    assert.deepEqual(
      sent.map((frame) => frame.t),
      ["recv", "read", "read"],
    );
  });

  test("of many conversations are spread over time", async () => {
    const { clock, sent, receipts } = told();
    for (let n = 0; n < 20; n += 1) receipts.received(`g${n}`, 1);
    await clock.pass(500);
    assert.equal(sent.length, 8);
    await clock.pass(2_000);
    assert.equal(sent.length, 20);
  });

  test("are told at once when the page goes", async () => {
    const { clock, sent, receipts } = told();
    receipts.read("g", 4);
    await clock.pass(10);
    receipts.read("g", 5);
    assert.equal(sent.length, 2);
    receipts.hurry();
    assert.deepEqual(sent.at(-1), { t: "read", c: "g", s: 5 });
  });

  test("wait for a socket", async () => {
    const { clock, sent, link, receipts } = told();
    link.up = false;
    receipts.received("g", 2);
    await clock.pass(5_000);
    link.up = true;
    receipts.up();
    await clock.pass(2_000);
    assert.deepEqual(sent, [{ t: "recv", c: "g", s: 2 }]);
  });
});
