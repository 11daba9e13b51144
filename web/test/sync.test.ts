import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Page } from "./page.js";

async function withHistory(messages: number): Promise<Page> {
  const page = new Page();
  page.node.group("g");
  for (let n = 1; n <= messages; n += 1) page.node.says("g", `${n}`);
  return await page.start();
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `${from + n}`);

describe("the list", () => {
  test("shows each conversation with its last message and what is unread", async () => {
    const page = await withHistory(3);
    page.node.group("other");
    page.node.says("other", "newest", { lost: true });
    page.node.hangUp(1006);
    await page.clock.pass(2_000);
    const list = page.client.store.list.value;
    assert.deepEqual(
      list.map(({ c, unread }) => [c, unread.value]),
      [
        ["other", 1],
        ["g", 3],
      ],
    );
    assert.deepEqual(list[0]?.line.value.last?.b, { k: "text", text: "newest" });
  });

  test("a pushed message changes the line and counts as unread, our own do not", async () => {
    const page = await withHistory(0);
    page.node.says("g", "hello");
    assert.equal(page.conversation("g").unread.value, 1);
    page.client.say(page.conversation("g"), "mine");
    await page.clock.pass(100);
    assert.equal(page.conversation("g").unread.value, 1);
    assert.deepEqual(page.conversation("g").line.value.last?.b, { k: "text", text: "mine" });
  });

  test("edits, deletions and reactions are no messages, and typing is nothing yet", async () => {
    const page = await withHistory(2);
    page.node.commit("g", { k: "edit", s: 1, text: "changed" });
    page.node.commit("g", { k: "react", s: 2, emoji: "+" });
    page.node.push({ t: "typing", c: "g", u: "u_bo" });
    page.node.commit("g", { k: "delete", s: 1 }, { lost: true });
    page.node.says("g", "after all");
    await page.clock.pass(2_000);
    const { line, unread, log } = page.conversation("g");
    assert.deepEqual([log.last, log.gap, line.value.head, unread.value], [6, false, 6, 3]);
    assert.deepEqual(line.value.last?.b, { k: "text", text: "after all" });
    assert.deepEqual(page.texts("g"), ["", "", "", "after all"]);
    const again = await page.reloaded();
    assert.equal(again.conversation("g").unread.value, 3);
  });

  test("a list that moved on another device is read again, and an old word is not", async () => {
    const page = await withHistory(1);
    page.node.group("quiet");
    page.node.push({ t: "list", lv: 1_000 });
    await page.clock.pass(100);
    assert.ok(page.client.store.get("quiet") !== null);
    assert.equal(page.client.store.moved.value, 1_000);
    page.node.group("later");
    page.node.push({ t: "list", lv: 0 });
    await page.clock.pass(100);
    assert.equal(page.client.store.get("later"), null);
    assert.equal(page.client.store.moved.value, 1_000);
  });

  test("a message of an unknown conversation brings its line", async () => {
    const page = await withHistory(0);
    page.node.group("new");
    page.node.says("new", "welcome");
    await page.clock.pass(1_000);
    assert.equal(page.conversation("new").unread.value, 1);
  });

  test("a list in several frames is read to its end", async () => {
    const page = await withHistory(1);
    page.node.deaf = true;
    page.node.hangUp(1006);
    await page.clock.pass(1_500);
    const { device } = page.node.frames("hello")[1] ?? { device: "" };
    const welcome = { user: "u_me", device, node: "n", now: 0, hb: 25, mine: 0, limits: {} };
    page.node.push({ t: "welcome", ...welcome });
    const sync = page.node.frames("sync")[1];
    assert.equal(sync?.lv, 1);
    const line = page.conversation("g").line.value;
    const re = sync?.id ?? 0;
    page.node.push({ t: "heads", re, lv: 5, convs: [{ ...line, c: "one" }], more: true });
    page.node.push({ t: "heads", re, lv: 5, convs: [{ ...line, c: "two" }], more: false });
    await page.clock.pass(100);
    assert.deepEqual([...page.client.store.conversations.value.keys()], ["g", "one", "two"]);
  });

  test("a short line says only how far it goes", async () => {
    const page = await withHistory(2);
    page.node.says("g", "3", { lost: true });
    page.node.deaf = true;
    page.node.hangUp(1006);
    await page.clock.pass(1_500);
    const welcome = {
      user: "u_me",
      device: "v_me",
      node: "n",
      now: 0,
      hb: 25,
      mine: 0,
      limits: {},
    };
    page.node.push({ t: "welcome", ...welcome });
    page.node.deaf = false;
    const re = page.node.frames("sync")[1]?.id ?? 0;
    page.node.push({ t: "heads", re, lv: 5, convs: [["g", 3, 3]], more: false });
    await page.clock.pass(500);
    assert.equal(page.conversation("g").unread.value, 3);
    assert.deepEqual(page.conversation("g").line.value.last?.b, { k: "text", text: "3" });
  });

  test("what was pushed before the list came is newer than the list", async () => {
    const page = await withHistory(2);
    page.node.deaf = true;
    page.node.hangUp(1006);
    await page.clock.pass(1_500);
    const welcome = {
      user: "u_me",
      device: "v_me",
      node: "n",
      now: 0,
      hb: 25,
      mine: 0,
      limits: {},
    };
    page.node.push({ t: "welcome", ...welcome });
    const old = page.conversation("g").line.value;
    page.node.says("g", "3");
    const re = page.node.frames("sync")[1]?.id ?? 0;
    page.node.push({ t: "heads", re, lv: 5, convs: [{ ...old, title: "Other" }], more: false });
    await page.clock.pass(1);
    const { title, head, n, last } = page.conversation("g").line.value;
    assert.deepEqual([title, head, n, last?.s], ["Other", 3, 3, 3]);
  });

  test("the colours that people chose come with lines and members", async () => {
    const page = new Page();
    page.node.colours.set("u_bo", "hue-3");
    page.node.group("d", "u_bo");
    await page.start();
    const { colours } = page.client.store;
    assert.deepEqual([...colours.value], [["u_bo", "hue-3"]]);
    page.node.colours.set("u_bo", "hue-4");
    page.node.group("g");
    page.node.says("g", "1");
    await page.clock.pass(2_000);
    page.client.open("g");
    await page.clock.pass(100);
    assert.equal(colours.value.get("u_bo"), "hue-4");
    page.node.colours.clear();
    const again = await page.reloaded();
    assert.equal(again.client.store.colours.value.size, 0);
  });

  test("a conversation that is gone says so and stays readable", async () => {
    const page = await withHistory(2);
    page.node.commit("g", { k: "system", ev: "kicked", users: ["u_me"] });
    assert.ok(page.conversation("g").gone.value);
    assert.equal(page.client.store.list.value.length, 1);
  });

  test("a new title is there at once", async () => {
    const page = await withHistory(2);
    page.node.commit("g", { k: "system", ev: "renamed", title: "Other" });
    assert.equal(page.conversation("g").line.value.title, "Other");
  });
});

describe("a conversation's log", () => {
  test("opens with its newest page and reads older ones on demand", async () => {
    const page = await withHistory(120);
    page.client.seen(page.conversation("g"), 120);
    page.client.open("g");
    await page.clock.pass(100);
    assert.deepEqual(page.texts("g"), numbers(71, 120));
    page.client.older(page.conversation("g"));
    page.client.older(page.conversation("g"));
    await page.clock.pass(100);
    assert.deepEqual(page.texts("g"), numbers(21, 120));
    page.client.older(page.conversation("g"));
    await page.clock.pass(100);
    assert.deepEqual(page.texts("g"), numbers(1, 120));
    assert.ok(page.conversation("g").log.complete);
  });

  test("a gap is read after a second, and not before", async () => {
    const page = await withHistory(0);
    page.node.says("g", "1", { lost: true });
    page.node.says("g", "2");
    await page.clock.pass(900);
    assert.deepEqual(page.texts("g"), []);
    await page.clock.pass(200);
    assert.deepEqual(page.texts("g"), ["1", "2"]);
  });

  test("a page that is refused for the moment is asked for again", async () => {
    const page = await withHistory(5);
    page.node.busy = 2;
    page.client.open("g");
    await page.clock.pass(900);
    assert.deepEqual(page.texts("g"), []);
    await page.clock.pass(200);
    assert.deepEqual(page.texts("g"), numbers(1, 5));
  });

  test("entries in the wrong order or twice are shown in order and once", async () => {
    const page = await withHistory(0);
    const entries = ["1", "2", "3"].map((text) => page.node.says("g", text, { lost: true }));
    for (const n of [2, 0, 1, 0, 2]) {
      const entry = entries[n];
      if (entry !== undefined) page.node.push({ t: "msg", ...entry });
    }
    assert.deepEqual(page.texts("g"), ["1", "2", "3"]);
    assert.equal(page.conversation("g").unread.value, 3);
    await page.clock.pass(2_000);
    assert.equal(page.node.frames("hist").length, 0);
  });

  test("behind is read at once", async () => {
    const page = await withHistory(0);
    for (const text of ["1", "2"]) page.node.says("g", text, { lost: true });
    page.node.push({ t: "behind", convs: { g: 2 } });
    await page.clock.pass(10);
    assert.deepEqual(page.texts("g"), ["1", "2"]);
  });

  test("what happened while we were away is read in pages", async () => {
    const page = await withHistory(5);
    page.client.open("g");
    await page.clock.pass(100);
    for (let n = 6; n <= 255; n += 1) page.node.says("g", `${n}`, { lost: true });
    page.node.hangUp(1006);
    await page.clock.pass(2_000);
    assert.deepEqual(page.texts("g"), numbers(1, 255));
    assert.equal(page.conversation("g").unread.value, 255);
  });

  test("too much of it is left to scrolling", async () => {
    const page = await withHistory(5);
    page.client.open("g");
    await page.clock.pass(100);
    for (let n = 6; n <= 900; n += 1) page.node.says("g", `${n}`, { lost: true });
    page.node.hangUp(1006);
    await page.clock.pass(2_000);
    assert.deepEqual(page.texts("g"), numbers(851, 900));
    page.client.older(page.conversation("g"));
    await page.clock.pass(100);
    assert.deepEqual(page.texts("g"), numbers(801, 900));
  });

  test("off the screen only the newest are kept, on it all", async () => {
    const page = await withHistory(0);
    for (let n = 1; n <= 201; n += 1) page.node.says("g", `${n}`);
    assert.deepEqual(page.texts("g"), numbers(102, 201));
    page.client.open("g");
    for (let n = 202; n <= 400; n += 1) page.node.says("g", `${n}`);
    assert.deepEqual(page.texts("g"), numbers(102, 400));
    page.client.open(null);
    assert.deepEqual(page.texts("g"), numbers(301, 400));
  });

  test("a cut text can be had whole", async () => {
    const page = await withHistory(0);
    const whole = page.node.says("g", "a long text", { lost: true });
    page.node.push({ t: "msg", ...whole, b: { k: "text", text: "a long" }, cut: true, len: 11 });
    assert.deepEqual(page.texts("g"), ["a long"]);
    page.client.whole(page.conversation("g"), 1);
    await page.clock.pass(100);
    assert.deepEqual(page.texts("g"), ["a long text"]);
  });
});

describe("receipts, presence and what is on the screen", () => {
  test("receipts are maxima, at most once a second", async () => {
    const page = await withHistory(0);
    await page.clock.pass(2_000);
    const start = page.clock.steady();
    for (let n = 1; n <= 5; n += 1) {
      page.node.says("g", `${n}`);
      await page.clock.pass(300);
    }
    await page.clock.pass(2_000);
    const told = page.node.heard.filter(({ frame }) => frame.t === "recv");
    assert.deepEqual(
      told.map(({ at, frame }) => [at - start, frame.t === "recv" && frame.s]),
      [
        [0, 1],
        [1_000, 4],
        [2_000, 5],
      ],
    );
  });

  test("reading is told, clears what is unread, and is told again when the list lacks it", async () => {
    const page = await withHistory(3);
    page.client.open("g");
    await page.clock.pass(1_500);
    page.client.seen(page.conversation("g"), 3);
    assert.equal(page.conversation("g").unread.value, 0);
    await page.clock.pass(1_500);
    assert.deepEqual(
      page.node.frames("read").map(({ s }) => s),
      [3],
    );
    page.node.hangUp(1006);
    await page.clock.pass(3_000);
    assert.deepEqual(
      page.node.frames("read").map(({ s }) => s),
      [3, 3],
    );
  });

  test("reading on another device clears what is unread here", async () => {
    const page = await withHistory(3);
    page.client.open("g");
    await page.clock.pass(100);
    page.node.push({ t: "rcpt", c: "g", read: { u_me: 2 }, recv: {} });
    assert.equal(page.conversation("g").unread.value, 1);
    page.node.push({ t: "rcpt", c: "g", read: { u_me: 3 }, recv: {} });
    assert.equal(page.conversation("g").unread.value, 0);
  });

  test("ticks follow the slowest of the others", async () => {
    const page = await withHistory(0);
    page.client.open("g");
    await page.clock.pass(100);
    const { tick } = page.conversation("g");
    const ticks = () => tick.call(page.conversation("g"), 1);
    assert.equal(ticks(), "sent");
    page.node.push({ t: "rcpt", c: "g", recv: { u_bo: 1 }, read: {} });
    assert.equal(ticks(), "delivered");
    page.node.push({ t: "rcpt", c: "g", recv: {}, read: { u_bo: 1 } });
    assert.equal(ticks(), "read");
  });

  test("a receipt that was told before we watched is not missed", async () => {
    // So far down the list that it is not watched before it is opened.
    const page = new Page();
    for (const c of ["g", "a", "b", "d", "e", "f", "h"]) {
      page.node.says(c, "hello");
      await page.clock.pass(1);
    }
    await page.start();
    page.client.open("g");
    await page.clock.pass(100);
    assert.ok(!page.node.frames("watch").at(-1)?.convs.includes("g"));
    const bo = page.node.groups.get("g")?.members[1];
    if (bo !== undefined) bo.read = 1;
    await page.clock.pass(500);
    assert.ok(page.node.frames("watch").at(-1)?.convs.includes("g"));
    assert.equal(page.conversation("g").tick(1), "read");
  });

  test("what is on the screen is watched, once for each change", async () => {
    const page = new Page();
    page.node.group("g");
    page.node.group("d", "u_ana");
    await page.start();
    page.client.open("g");
    await page.clock.pass(1_000);
    page.node.says("g", "changes the list, not the people in it");
    await page.clock.pass(1_000);
    assert.deepEqual(
      page.node.frames("watch").map(({ users, convs }) => ({ users, convs })),
      [
        { users: ["u_ana"], convs: ["d", "g"] },
        { users: ["u_ana", "u_bo"], convs: ["d", "g"] },
      ],
    );
  });

  test("presence follows what is told, and starts afresh with a new socket", async () => {
    const page = await withHistory(0);
    page.node.push({ t: "pres", u: "u_bo", st: "on", seen: 0 });
    assert.ok(page.client.store.online.value.has("u_bo"));
    page.node.hangUp(1006);
    await page.clock.pass(2_000);
    assert.ok(!page.client.store.online.value.has("u_bo"));
  });
});

describe("groups and accounts", () => {
  test("a new group is there when it is made", async () => {
    const page = await new Page().start();
    const c = await page.client.createGroup("Team", ["ana", "bo"]);
    const [create] = page.node.frames("create");
    assert.deepEqual([create?.title, create?.members], ["Team", ["u_ana", "u_bo"]]);
    assert.deepEqual([create?.cid, create?.prev], [1, 0]);
    assert.equal(page.client.store.get(c)?.line.value.kind, "group");
  });

  test("a name nobody has is named", async () => {
    const page = await new Page().start();
    await assert.rejects(page.client.createGroup("Team", ["ana", "nobody"]), /nobody/);
    assert.equal(page.node.frames("create").length, 0);
  });

  test("signing up gives the codes, signing in starts the connection", async () => {
    const page = new Page();
    page.shelf.kept.clear();
    await page.start();
    assert.equal(page.client.account.who.value, null);
    // Nobody was ever here: there is no cookie to ask for.
    assert.equal(page.node.refreshes, 0);
    assert.equal((await page.client.account.register("me", "right")).length, 8);
    await assert.rejects(page.client.account.login("me", "wrong"), { code: "unauthenticated" });
    assert.equal(page.client.phase.value, "off");
    await page.client.account.login("me", "right");
    await page.clock.pass(300);
    assert.equal(page.client.phase.value, "up");
    assert.ok([...page.shelf.kept.values()].every((value) => !value.includes("token")));
  });

  test("an old cookie that is no good any more ends at the sign-in", async () => {
    const page = new Page();
    page.node.signedIn = false;
    await page.start();
    assert.equal(page.node.refreshes, 1);
    assert.equal(page.client.account.who.value, null);
    assert.equal(page.shelf.kept.size, 0);
  });
});
