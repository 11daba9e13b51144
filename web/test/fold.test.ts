import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fold } from "../src/core/fold.js";
import { Log } from "../src/core/log.js";
import type { Body, Entry, Page } from "../src/core/wire.js";
import { Page as Screen } from "./page.js";

const entry = (s: number, b: Body, from = "u_a"): Entry => ({ c: "g", s, from, ts: s, b });
const text = (s: number, words: string): Entry => entry(s, { k: "text", text: words });
const page = (msgs: Entry[], from: number, to: number): Page => {
  return { t: "page", re: 1, c: "g", msgs, head: to, from, to, more: false };
};

describe("a change of an earlier message", () => {
  test("an edit gives it other words, and what it replies to stays", () => {
    const before = entry(2, { k: "text", text: "helo", re_s: 1 });
    const after = fold(before, entry(3, { k: "edit", s: 2, text: "hello" }));
    assert.deepEqual(after.b, { k: "text", text: "hello", re_s: 1 });
    assert.equal(after.edited, true);
    assert.equal(before.edited, undefined);
  });

  test("a short edit of a cut text is whole, a cut edit says so", () => {
    const before: Entry = { ...text(1, "long"), cut: true, len: 9_000 };
    const short = fold(before, entry(2, { k: "edit", s: 1, text: "short" }));
    assert.equal(short.cut, undefined);
    assert.equal(short.len, undefined);
    const change: Entry = { ...entry(3, { k: "edit", s: 1, text: "lo" }), cut: true, len: 7_000 };
    assert.equal(fold(short, change).len, 7_000);
  });

  test("a deletion leaves nothing but a tombstone, and nothing changes that", () => {
    const reacted = fold(text(1, "secret"), entry(2, { k: "react", s: 1, emoji: "👍" }));
    const gone = fold(reacted, entry(3, { k: "delete", s: 1 }));
    assert.deepEqual(gone.b, { k: "deleted" });
    assert.ok(!JSON.stringify(gone).includes("secret"));
    assert.equal(gone.reactions, undefined);
    assert.equal(fold(gone, entry(4, { k: "edit", s: 1, text: "back" })), gone);
  });

  test("one person has one reaction: another replaces it, an empty one takes it back", () => {
    let message = fold(text(1, "x"), entry(2, { k: "react", s: 1, emoji: "👍" }, "u_a"));
    message = fold(message, entry(3, { k: "react", s: 1, emoji: "👍" }, "u_b"));
    assert.deepEqual(message.reactions, { "👍": ["u_a", "u_b"] });
    message = fold(message, entry(4, { k: "react", s: 1, emoji: "❤️" }, "u_a"));
    assert.deepEqual(message.reactions, { "👍": ["u_b"], "❤️": ["u_a"] });
    message = fold(message, entry(5, { k: "react", s: 1, emoji: "" }, "u_b"));
    assert.deepEqual(message.reactions, { "❤️": ["u_a"] });
  });

  test("a page that has a change folded in, and the change itself, give the same", () => {
    const log = new Log(5);
    log.forward(page([entry(6, { k: "react", s: 3, emoji: "👍" }, "u_b")], 6, 6));
    const folded: Entry = { ...text(3, "x"), reactions: { "👍": ["u_b"] } };
    log.backward(page([text(2, "w"), folded, text(5, "y")], 2, 5));
    assert.deepEqual(log.at(3)?.reactions, { "👍": ["u_b"] });
  });

  test("a page that was read before a change was made, but comes after it, has it too", () => {
    const log = new Log(5);
    log.take(entry(6, { k: "edit", s: 3, text: "new" }));
    log.backward(page([text(3, "old")], 3, 5));
    assert.deepEqual(log.at(3)?.b, { k: "text", text: "new" });
  });
});

describe("changes on the screen", () => {
  const said = async (...words: string[]): Promise<Screen> => {
    const screen = new Screen();
    for (const word of words) screen.node.says("g", word, { lost: true });
    await screen.start();
    screen.client.open("g");
    await screen.clock.pass(300);
    return screen;
  };
  const seen = (screen: Screen) => screen.conversation("g").shown.value;

  test("what others change is seen at once, and is no message of its own", async () => {
    const screen = await said("one", "two");
    screen.node.commit("g", { k: "edit", s: 1, text: "One" });
    screen.node.commit("g", { k: "react", s: 2, emoji: "👍" });
    assert.deepEqual(
      seen(screen).map(({ b, edited }) => [b.k === "text" && b.text, edited ?? false]),
      [
        ["One", true],
        ["two", false],
      ],
    );
    assert.deepEqual(seen(screen)[1]?.reactions, { "👍": ["u_bo"] });
    assert.equal(screen.conversation("g").unread.value, 2);
    const last = () => screen.conversation("g").line.value.last?.b;
    assert.deepEqual(last(), { k: "text", text: "two" });
    screen.node.commit("g", { k: "delete", s: 2 });
    assert.deepEqual(last(), { k: "deleted" });
  });

  test("our own change shows before it is committed, and once it is", async () => {
    const screen = await said("one");
    screen.node.deaf = true;
    screen.client.react(screen.conversation("g"), 1, "🎉");
    assert.deepEqual(seen(screen)[0]?.reactions, { "🎉": ["u_me"] });
    assert.equal(screen.conversation("g").pending.value.length, 0);
    screen.node.deaf = false;
    await screen.clock.pass(11_000);
    assert.equal(screen.conversation("g").changes.value.length, 0);
    assert.deepEqual(seen(screen)[0]?.reactions, { "🎉": ["u_me"] });
    assert.deepEqual(screen.node.groups.get("g")?.log.at(-1)?.b, { k: "react", s: 1, emoji: "🎉" });
  });

  test("a change that is refused is not shown any more, and can be tried again", async () => {
    const screen = await said("one");
    screen.node.refusing = { code: "forbidden" };
    screen.client.edit(screen.conversation("g"), 1, "mine");
    await screen.clock.pass(100);
    assert.deepEqual(seen(screen)[0]?.b, { k: "text", text: "one" });
    const [failed] = screen.conversation("g").changes.value;
    assert.equal(failed?.failure?.code, "forbidden");
    screen.node.refusing = null;
    screen.client.retry(screen.conversation("g"), failed?.key ?? "");
    await screen.clock.pass(100);
    assert.deepEqual(seen(screen)[0]?.b, { k: "text", text: "mine" });
  });

  test("a reply says what it replies to, and a jump loads back to it", async () => {
    const words = Array.from({ length: 320 }, (_, n) => `word ${n + 1}`);
    const screen = await said(...words);
    const g = screen.conversation("g");
    assert.ok(g.log.from > 100);
    screen.client.say(g, "to the third", 3);
    await screen.clock.pass(100);
    assert.deepEqual(g.log.entries.at(-1)?.b, { k: "text", text: "to the third", re_s: 3 });
    assert.equal(await screen.client.reach(g, 3), true);
    assert.equal(g.at(3)?.s, 3);
    assert.equal(await screen.client.reach(g, 9_999), false);
  });

  test("what was unread when it was opened stays marked until one leaves", async () => {
    const screen = await said("one", "two");
    const g = screen.conversation("g");
    assert.equal(g.divider.value, 0);
    screen.client.seen(g, 2);
    assert.equal(g.divider.value, 0);
    screen.client.open(null);
    assert.equal(g.divider.value, null);
    screen.client.open("g");
    assert.equal(g.divider.value, null);
  });
});
