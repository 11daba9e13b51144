import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Chain, MAX_FLYING, SILENCE_MS } from "../src/core/chain.js";
import type { Mutation } from "../src/core/wire.js";

const what = (text: string): Mutation => ({ t: "send", c: "g", b: { k: "text", text } });
const at = { last: null, retry_ms: null, now_ms: 0 };
const oops = (code: string) => ({ code, text: code });
const pairs = (chain: Chain, now_ms = 0) =>
  chain.departures(now_ms).map(({ cid, prev }) => [cid, prev]);

describe("a chain of changes", () => {
  test("gives rising cids and links each to the one before", () => {
    const chain = new Chain(0, 4);
    for (const key of ["a", "b", "c"]) chain.add(key, what(key), 0);
    assert.deepEqual(pairs(chain), [
      [5, 4],
      [6, 5],
      [7, 6],
    ]);
    assert.deepEqual(pairs(chain), []);
  });

  test("begins after the last used cid even when the server knows less", () => {
    const chain = new Chain(9, 4);
    chain.add("a", what("a"), 0);
    assert.deepEqual(pairs(chain), [[10, 4]]);
  });

  test("begins after what was kept from before a reload", () => {
    const chain = new Chain(0, 0);
    chain.restore({ key: "a", cid: 5, what: what("a"), at: 0, failure: null });
    chain.restore({ key: "b", cid: 3, what: what("b"), at: 0, failure: null });
    chain.add("c", what("c"), 0);
    assert.deepEqual(pairs(chain), [
      [3, 0],
      [5, 3],
      [6, 5],
    ]);
  });

  test("has at most sixteen under way, and an ack makes room", () => {
    const chain = new Chain(0, 0);
    for (let n = 0; n < 20; n += 1) chain.add(`k${n}`, what(`${n}`), 0);
    assert.equal(chain.departures(0).length, MAX_FLYING);
    assert.equal(chain.acked("k0", 1)?.key, "k0");
    assert.deepEqual(pairs(chain), [[17, 16]]);
  });

  test("sends everything again on a new socket, from what was acknowledged", () => {
    const chain = new Chain(0, 0);
    for (const key of ["a", "b", "c"]) chain.add(key, what(key), 0);
    chain.departures(0);
    chain.acked("a", 1);
    chain.reopened();
    assert.deepEqual(pairs(chain), [
      [2, 1],
      [3, 2],
    ]);
  });

  test("sends again what had no answer for ten seconds", () => {
    const chain = new Chain(0, 0);
    chain.add("a", what("a"), 0);
    chain.departures(100);
    chain.tick(99 + SILENCE_MS);
    assert.deepEqual(pairs(chain, 99 + SILENCE_MS), []);
    assert.equal(chain.due_ms(200), 100 + SILENCE_MS);
    chain.tick(100 + SILENCE_MS);
    assert.deepEqual(pairs(chain, 100 + SILENCE_MS), [[1, 0]]);
  });

  test("a definite refusal takes one out, and the next is linked past it", () => {
    const chain = new Chain(0, 0);
    for (const key of ["a", "b"]) chain.add(key, what(key), 0);
    const [first, second] = chain.departures(0);
    assert.equal(chain.refused("a", first?.attempt ?? 0, oops("too_large"), at)?.key, "a");
    assert.equal(chain.failed.length, 1);
    const back = { ...at, last: 0 };
    assert.equal(chain.refused("b", second?.attempt ?? 0, oops("resend"), back), null);
    assert.deepEqual(pairs(chain), [[2, 0]]);
  });

  test("goes back to its oldest after what the server accepted last", () => {
    const chain = new Chain(0, 0);
    for (const key of ["a", "b", "c"]) chain.add(key, what(key), 0);
    const attempts = chain.departures(0);
    const back = { ...at, last: 1 };
    chain.refused("b", attempts[1]?.attempt ?? 0, oops("resend"), back);
    assert.deepEqual(pairs(chain), [
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
    // The answer to the first attempt of the third is no longer listened to.
    assert.equal(chain.refused("c", attempts[2]?.attempt ?? 0, oops("forbidden"), at), null);
    assert.equal(chain.failed.length, 0);
  });

  test("waits a moment when it is sent back to the same place twice", () => {
    const chain = new Chain(0, 0);
    chain.add("a", what("a"), 0);
    for (const paused of [false, true]) {
      const [one] = chain.departures(0);
      chain.refused("a", one?.attempt ?? 0, oops("resend"), { ...at, last: 7 });
      assert.equal((chain.due_ms(0) ?? 0) > 0, paused);
    }
    assert.deepEqual(pairs(chain, 0), []);
    assert.equal(pairs(chain, 1_000).length, 1);
  });

  for (const code of ["cid_old", "cid_used"]) {
    test(`takes fresh cids after ${code}, in the same order`, () => {
      const chain = new Chain(0, 0);
      for (const key of ["a", "b"]) chain.add(key, what(key), 0);
      const attempts = chain.departures(0);
      chain.refused("a", attempts[0]?.attempt ?? 0, oops(code), { ...at, last: 12 });
      chain.refused("b", attempts[1]?.attempt ?? 0, oops(code), { ...at, last: 12 });
      assert.deepEqual(
        chain.departures(0).map(({ item, cid, prev }) => [item.key, cid, prev]),
        [
          ["a", 13, 12],
          ["b", 14, 13],
        ],
      );
    });
  }

  test("waits as told when the server is unavailable, then sends the same cids", () => {
    const chain = new Chain(0, 0);
    for (const key of ["a", "b"]) chain.add(key, what(key), 0);
    const [first] = chain.departures(0);
    const later = { last: null, retry_ms: 700, now_ms: 0 };
    chain.refused("a", first?.attempt ?? 0, oops("unavailable"), later);
    assert.deepEqual(pairs(chain, 699), []);
    assert.equal(chain.due_ms(0), 700);
    assert.deepEqual(pairs(chain, 700), [
      [1, 0],
      [2, 1],
    ]);
  });

  test("a retry takes a fresh cid, but not when the first may have been committed", () => {
    for (const [code, cid] of [
      ["forbidden", 2],
      ["internal", 1],
    ] as const) {
      const chain = new Chain(0, 0);
      chain.add("a", what("a"), 0);
      const [one] = chain.departures(0);
      chain.refused("a", one?.attempt ?? 0, oops(code), at);
      assert.equal(chain.retry("a")?.cid, cid);
      assert.deepEqual(pairs(chain), [[cid, 0]]);
    }
  });

  test("takes over a chain that was the same conversation's", () => {
    const opening = new Chain(0, 0);
    for (const key of ["a", "b"]) opening.add(key, what(key), 0);
    opening.departures(0);
    opening.acked("a", 1);
    const chain = new Chain(0, 0);
    chain.absorb(opening);
    assert.deepEqual(pairs(chain), []);
    chain.add("c", what("c"), 0);
    assert.deepEqual(pairs(chain), [[3, 2]]);
    assert.equal(chain.acked("b", 2)?.key, "b");
  });
});
