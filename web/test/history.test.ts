import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Conversation } from "../src/core/conversation.js";
import { Log } from "../src/core/log.js";
import { seqAt } from "../src/core/moment.js";
import type { Page as Answer, Entry } from "../src/core/wire.js";
import { Page } from "./page.js";

const DAY_MS = 24 * 60 * 60_000;

/** A conversation on the screen with so many messages, all of them read. */
async function reading(messages: number, read = messages): Promise<[Page, Conversation]> {
  const page = new Page();
  page.node.group("g");
  for (let n = 1; n <= messages; n += 1) page.node.says("g", `${n}`);
  await page.start();
  const g = page.conversation("g");
  g.line.value = { ...g.line.value, read, nread: read };
  page.client.open("g");
  await page.clock.pass(100);
  return [page, g];
}

const shown = (g: Conversation): number[] => g.shown.value.map((entry) => entry.s);
const span = (g: Conversation): [number | undefined, number | undefined] => [
  shown(g)[0],
  shown(g).at(-1),
];
const asked = (page: Page): number =>
  page.node.heard.filter(({ frame }) => frame.t === "hist").length;
const whole = (g: Conversation): void => {
  const seqs = shown(g);
  const first = seqs[0] ?? 0;
  assert.deepEqual(
    seqs,
    Array.from(seqs, (_, n) => first + n),
    "nothing is missing, nothing is there twice",
  );
};

describe("the past of a conversation", () => {
  test("scrolled up through 5,000 little of it is held, and down again it ends with the newest", async () => {
    const [page, g] = await reading(6_000);
    while ((shown(g)[0] ?? 0) > 1_000) {
      page.client.older(g);
      await page.clock.pass(20);
      assert.ok(g.shown.value.length <= 600, `${g.shown.value.length} are held`);
      assert.ok(g.log.entries.length <= 600);
      whole(g);
    }
    page.node.says("g", "news");
    assert.equal(g.entries.value.at(-1)?.s, 6_001, "what comes is kept, but not shown in between");
    while (g.earlier.value !== null) {
      page.client.newer(g);
      await page.clock.pass(20);
      assert.ok(g.shown.value.length <= 800);
      whole(g);
    }
    assert.equal(shown(g).at(-1), 6_001);
    g.settle();
    assert.ok(g.shown.value.length <= 600);
    assert.equal(shown(g).at(-1), 6_001);
  });

  test("a jump costs the same wherever it leads, and back to the newest nothing", async () => {
    const [page, g] = await reading(9_000);
    for (const s of [12, 4_000, 8_700]) {
      const before = asked(page);
      const there = page.client.reach(g, s);
      await page.clock.pass(20);
      assert.equal(await there, true);
      assert.equal(asked(page) - before, 1);
      assert.equal(g.goal.value, s);
      assert.ok(shown(g).includes(s));
      whole(g);
    }
    const before = asked(page);
    page.client.toNewest(g);
    assert.deepEqual(span(g), [8_951, 9_000]);
    assert.equal(asked(page), before);
  });

  test("a jump to what is here asks nothing, one to the edge of it joins the two", async () => {
    const [page, g] = await reading(1_000);
    const before = asked(page);
    assert.equal(await page.client.reach(g, 980), true);
    assert.equal(asked(page), before);
    const there = page.client.reach(g, 930);
    await page.clock.pass(20);
    assert.equal(await there, true);
    assert.equal(g.earlier.value, null);
    assert.deepEqual(span(g), [871, 1_000]);
    whole(g);
  });

  test("a change is seen in what is read of the past", async () => {
    const [page, g] = await reading(2_000);
    const there = page.client.reach(g, 100);
    await page.clock.pass(20);
    await there;
    page.node.commit("g", { k: "edit", s: 100, text: "other" }, { from: "u_bo" });
    assert.deepEqual(g.at(100)?.b, { k: "text", text: "other" });
    assert.deepEqual(g.shown.value.find((entry) => entry.s === 100)?.b, g.at(100)?.b);
  });

  test("with much unread one begins where one left off, and what one sees is read", async () => {
    const [page, g] = await reading(2_000, 300);
    assert.equal(g.goal.value, 301);
    assert.ok(shown(g).includes(301));
    assert.ok(!shown(g).includes(2_000));
    assert.equal(g.divider.value, 300);
    assert.equal(g.unread.value, 1_700);
    page.client.seen(g, 310);
    assert.equal(g.unread.value, 1_690);
    page.client.toNewest(g);
    await page.clock.pass(20);
    assert.equal(shown(g).at(-1), 2_000);
    page.client.seen(g, 2_000);
    assert.equal(g.unread.value, 0);
  });

  test("what is unread is not read by mistake while it is looked for, nor without an answer", async () => {
    const page = new Page();
    page.node.group("g");
    await page.start();
    const g = page.conversation("g");
    for (let n = 1; n <= 250; n += 1) page.node.says("g", `${n}`);
    assert.ok(g.log.from > 0);
    page.client.open("g");
    assert.deepEqual(shown(g), []);
    await page.clock.pass(100);
    assert.equal(shown(g)[0], 1);
    assert.equal(g.unread.value, 250);
    page.client.open(null);
    page.node.deaf = true;
    page.client.open("g");
    assert.deepEqual(shown(g), []);
    await page.clock.pass(11_000);
    assert.equal(shown(g).at(-1), 250);
  });

  test("off the screen the past is let go of", async () => {
    const [page, g] = await reading(2_000);
    const there = page.client.reach(g, 100);
    await page.clock.pass(20);
    await there;
    page.client.open(null);
    assert.equal(g.earlier.value, null);
    assert.equal(g.place, g.log);
  });

  test("a part that was read beyond the end brings nothing twice", () => {
    const entry = (s: number): Entry => ({ c: "g", s, from: "u", ts: s, b: { k: "deleted" } });
    const log = new Log(2);
    const part = new Log(3);
    const msgs = [entry(1), entry(2), entry(3)];
    part.backward({ t: "page", re: 1, c: "g", msgs, head: 3, from: 1, to: 3, more: false });
    log.join(part);
    log.take(entry(3));
    assert.deepEqual(
      log.entries.map(({ s }) => s),
      [1, 2, 3],
    );
    assert.ok(log.complete);
  });
});

describe("a jump to a date", () => {
  /** A log of one entry a day; some of them are hidden. */
  const ask = (head: number, hidden: ReadonlySet<number>, count: { asked: number }) => {
    const entry = (s: number): Entry => ({
      c: "g",
      s,
      from: "u",
      ts: s * DAY_MS,
      b: { k: "text", text: `${s}` },
    });
    return async (after: number): Promise<Answer> => {
      count.asked += 1;
      const s = after + 1;
      const msgs = s > head || hidden.has(s) ? [] : [entry(s)];
      const to = s > head ? 0 : s;
      return { t: "page", re: 1, c: "g", msgs, head, from: s, to, more: to < head };
    };
  };

  test("finds the first entry of the day among 100,000, in few steps", async () => {
    const count = { asked: 0 };
    for (const day of [1, 2, 777, 50_000, 99_999, 100_000]) {
      count.asked = 0;
      assert.equal(await seqAt(day * DAY_MS, 100_000, ask(100_000, new Set(), count)), day);
      assert.ok(count.asked <= 18, `${count.asked} questions`);
    }
    assert.equal(await seqAt(5 * DAY_MS + 1, 9, ask(9, new Set(), count)), 6);
    assert.equal(await seqAt(0, 9, ask(9, new Set(), count)), 1);
    assert.equal(await seqAt(10 * DAY_MS, 9, ask(9, new Set(), count)), null);
    assert.equal(await seqAt(1, 0, ask(0, new Set(), count)), null);
  });

  test("goes over what is hidden", async () => {
    const hidden = new Set([4, 5, 6, 9]);
    for (let day = 0; day <= 9; day += 1) {
      const expected = [1, 2, 3, 7, 8].find((s) => s >= day) ?? null;
      assert.equal(await seqAt(day * DAY_MS, 9, ask(9, hidden, { asked: 0 })), expected, `${day}`);
    }
  });

  test("brings that message before the reader, or says that there is none", async () => {
    const [page, g] = await reading(500);
    const ts = 1_000 + (g.log.entries[0]?.ts ?? 0);
    let there = page.client.reachMoment(g, 0);
    await page.clock.pass(100);
    assert.equal(await there, true);
    assert.equal(g.goal.value, 1);
    there = page.client.reachMoment(g, ts + DAY_MS);
    await page.clock.pass(100);
    assert.equal(await there, false);
  });
});
