import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Log } from "../src/core/log.js";
import type { Entry, Page } from "../src/core/wire.js";

const entry = (s: number): Entry => ({
  c: "g",
  s,
  from: "u",
  ts: s,
  b: { k: "text", text: `${s}` },
});
const seqs = (entries: readonly Entry[]) => entries.map(({ s }) => s);
const page = (from: number, to: number, more: boolean, without: number[] = []): Page => {
  const size = from === 0 ? 0 : Math.max(0, to - from + 1);
  const range = Array.from({ length: size }, (_, n) => from + n);
  const msgs = range.filter((s) => !without.includes(s)).map(entry);
  return { t: "page", re: 1, c: "g", msgs, head: 100, from, to, more };
};

describe("the loaded part of a log", () => {
  test("takes entries in order and drops what it has", () => {
    const log = new Log(10);
    assert.deepEqual(seqs(log.take(entry(11))), [11]);
    assert.deepEqual(seqs(log.take(entry(11))), []);
    assert.deepEqual(seqs(log.take(entry(3))), []);
    assert.deepEqual(seqs(log.entries), [11]);
    assert.ok(!log.gap);
    assert.equal(log.last, 11);
  });

  test("holds what comes after a gap until the gap is filled", () => {
    const log = new Log(0);
    assert.deepEqual(seqs(log.take(entry(3))), []);
    assert.deepEqual(seqs(log.take(entry(2))), []);
    assert.ok(log.gap);
    assert.equal(log.seen, 3);
    assert.deepEqual(seqs(log.take(entry(1))), [1, 2, 3]);
    assert.ok(!log.gap);
  });

  test("a page read forward fills the gap and joins what is held", () => {
    const log = new Log(0);
    log.take(entry(4));
    log.take(entry(2));
    assert.deepEqual(seqs(log.forward(page(1, 3, true))), [1, 2, 3, 4]);
    assert.equal(log.last, 4);
    assert.ok(!log.gap);
  });

  test("moves over entries that a page leaves out", () => {
    const log = new Log(0);
    log.forward(page(1, 5, false, [4, 5]));
    assert.equal(log.last, 5);
    assert.deepEqual(seqs(log.take(entry(5))), []);
    assert.deepEqual(seqs(log.take(entry(6))), [6]);
    assert.deepEqual(seqs(log.entries), [1, 2, 3, 6]);
  });

  test("an answer that comes late changes nothing", () => {
    const log = new Log(0);
    log.forward(page(1, 5, false));
    assert.deepEqual(seqs(log.forward(page(1, 3, true))), []);
    assert.deepEqual(seqs(log.entries), [1, 2, 3, 4, 5]);
    log.backward(page(1, 2, false));
    assert.deepEqual(seqs(log.entries), [1, 2, 3, 4, 5]);
  });

  test("grows backward to the beginning and knows it", () => {
    const log = new Log(80);
    log.take(entry(81));
    log.backward(page(31, 80, true));
    assert.ok(!log.complete);
    log.backward(page(1, 30, false));
    assert.ok(log.complete);
    assert.deepEqual(
      seqs(log.entries),
      Array.from({ length: 81 }, (_, n) => n + 1),
    );
  });

  test("an empty page without a range ends the way back", () => {
    const log = new Log(80);
    log.backward(page(0, 0, false));
    assert.ok(log.complete);
    assert.deepEqual([log.from, log.last], [80, 80]);
  });

  test("starts anew when it is too far behind, and keeps what it holds past that", () => {
    const log = new Log(5);
    log.take(entry(901));
    log.restart(900);
    assert.deepEqual(seqs(log.entries), [901]);
    assert.equal(log.from, 900);
    assert.ok(!log.complete);
  });

  test("forgets the oldest and can read them again", () => {
    const log = new Log(0);
    log.forward(page(1, 60, false));
    log.trim(10);
    assert.deepEqual([log.from, log.last, log.complete], [50, 60, false]);
    log.backward(page(1, 50, false));
    assert.equal(log.entries.length, 60);
    assert.ok(log.complete);
  });
});
