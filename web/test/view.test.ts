import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Entry } from "../src/core/wire.js";
import { around, earlier, later, NEWEST, rangeOf, trimmed, type View } from "../src/ui/view.js";

// Odd seqs only: what is not shown leaves gaps.
const log = (size: number): Entry[] =>
  Array.from({ length: size }, (_, n) => {
    return { c: "g", s: 2 * n + 1, from: "u", ts: n, b: { k: "text", text: "" } };
  });
const drawn = (all: Entry[], view: View): number => {
  const [low, high] = rangeOf(all, view);
  return high - low;
};

describe("the drawn part of the messages", () => {
  test("begins with the newest few", () => {
    assert.deepEqual(rangeOf(log(1_000), NEWEST), [940, 1_000]);
    assert.deepEqual(rangeOf(log(10), NEWEST), [0, 10]);
    assert.deepEqual(rangeOf([], NEWEST), [0, 0]);
  });

  test("scrolled up through 5,000 it never holds more than it may, and reaches the first", () => {
    const all = log(5_000);
    let view = NEWEST;
    for (let next: View | null = view; next !== null; next = earlier(all, view)) {
      view = next;
      assert.ok(drawn(all, view) <= 200);
    }
    assert.equal(rangeOf(all, view)[0], 0);
    for (let next: View | null = view; next !== null; next = later(all, view)) {
      const [, before] = rangeOf(all, view);
      view = next;
      assert.ok(drawn(all, view) <= 200);
      assert.ok(rangeOf(all, view)[1] >= before);
    }
    assert.equal(view.last, null);
  });

  test("a jump has its message in the middle, and follows the newest only when it ends there", () => {
    const all = log(1_000);
    const [low, high] = rangeOf(all, around(all, 801));
    assert.ok(low <= 400 && 400 < high && high < 1_000);
    assert.equal(around(all, 1_999).last, null);
    assert.equal(rangeOf(all, around(all, 1))[0], 0);
  });

  test("older pages that come do not move it, newer ones lengthen it only at the end", () => {
    const all = log(500);
    const view = around(all, 301);
    const seqs = (entries: Entry[]) => {
      const [low, high] = rangeOf(entries, view);
      return entries.slice(low, high).map(({ s }) => s);
    };
    assert.deepEqual(seqs(all), seqs(log(900)));
  });

  test("while new ones keep coming the oldest drawn go", () => {
    const start = earlier(log(200), NEWEST);
    assert.ok(start !== null);
    assert.equal(trimmed(log(200), start), null);
    const later_on = log(500);
    const view = trimmed(later_on, start);
    assert.ok(view !== null);
    assert.equal(drawn(later_on, view), 200);
  });
});
