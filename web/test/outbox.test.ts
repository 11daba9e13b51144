import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Page } from "./page.js";

async function inGroup(): Promise<Page> {
  const page = new Page();
  page.node.group("g");
  await page.start();
  page.client.open("g");
  await page.clock.pass(100);
  return page;
}

const say = (page: Page, text: string, c = "g") => page.client.say(page.conversation(c), text);

describe("the outbox", () => {
  test("sends in order, and what is acknowledged is in the log once", async () => {
    const page = await inGroup();
    for (const text of ["one", "two", "three"]) say(page, text);
    assert.deepEqual(page.waiting("g"), ["one", "two", "three"]);
    await page.clock.pass(100);
    assert.deepEqual(page.waiting("g"), []);
    assert.deepEqual(page.texts("g"), ["one", "two", "three"]);
    assert.deepEqual(page.node.texts("g"), ["one", "two", "three"]);
    assert.deepEqual(
      page.node.frames("send").map(({ cid, prev }) => [cid, prev]),
      [
        [1, 0],
        [2, 1],
        [3, 2],
      ],
    );
  });

  test("waits without a connection and commits once when it is back", async () => {
    const page = await inGroup();
    page.node.reachable = false;
    page.node.hangUp(1006);
    say(page, "one");
    say(page, "two");
    await page.clock.pass(60_000);
    assert.deepEqual(page.waiting("g"), ["one", "two"]);
    page.node.reachable = true;
    await page.clock.pass(31_000);
    assert.deepEqual(page.node.texts("g"), ["one", "two"]);
    assert.deepEqual(page.texts("g"), ["one", "two"]);
    assert.deepEqual(page.waiting("g"), []);
  });

  test("an answer that was lost makes no double, by silence or by a new socket", async () => {
    const page = await inGroup();
    page.node.losesAnswers = true;
    say(page, "one");
    await page.clock.pass(9_900);
    assert.equal(page.node.frames("send").length, 1);
    await page.clock.pass(200);
    assert.equal(page.node.frames("send").length, 2);
    page.node.hangUp(1006);
    page.node.losesAnswers = false;
    await page.clock.pass(2_000);
    assert.deepEqual(page.node.texts("g"), ["one"]);
    assert.deepEqual(page.texts("g"), ["one"]);
    assert.deepEqual(page.waiting("g"), []);
  });

  test("a reload loses nothing and doubles nothing", async () => {
    const page = await inGroup();
    say(page, "earlier");
    await page.clock.pass(100);
    page.node.losesAnswers = true;
    say(page, "committed, but nobody said so");
    await page.clock.pass(100);
    page.node.deaf = true;
    say(page, "never arrived");
    await page.clock.pass(100);
    page.node.deaf = false;
    page.node.losesAnswers = false;
    const before = page.node.frames("send").length;
    const again = await page.reloaded();
    assert.equal(page.node.frames("send").length, before + 2);
    const committed = ["earlier", "committed, but nobody said so", "never arrived"];
    assert.deepEqual(page.node.texts("g"), committed);
    assert.deepEqual(again.waiting("g"), []);
    say(again, "next");
    await again.clock.pass(100);
    assert.deepEqual(page.node.texts("g"), [...committed, "next"]);
    assert.equal([...again.shelf.kept.keys()].filter((key) => key.includes("/out/")).length, 0);
  });

  test("after a reload nothing goes out before the list has told what the server has", async () => {
    const page = await inGroup();
    say(page, "earlier");
    await page.clock.pass(100);
    page.node.deaf = true;
    say(page, "never arrived");
    await page.clock.pass(100);
    page.node.deaf = false;
    const before = page.node.frames("send").length;
    await page.reloaded();
    assert.deepEqual(
      page.node
        .frames("send")
        .slice(before)
        .map(({ cid, prev }) => [cid, prev]),
      [[2, 1]],
    );
  });

  test("lost storage begins after what the server has", async () => {
    const page = await inGroup();
    say(page, "before");
    await page.clock.pass(100);
    page.shelf.kept.clear();
    const again = await page.reloaded();
    say(again, "after");
    await again.clock.pass(100);
    const last = page.node.frames("send").at(-1);
    assert.deepEqual([last?.cid, last?.prev], [2, 1]);
    assert.deepEqual(page.node.texts("g"), ["before", "after"]);
  });

  test("a refused message says why, survives a reload, and can be sent after all", async () => {
    const page = await inGroup();
    page.node.refusing = { code: "forbidden" };
    say(page, "one");
    await page.clock.pass(100);
    const [failed] = page.conversation("g").pending.value;
    assert.deepEqual(failed?.failure, { code: "forbidden", text: "refused: forbidden" });
    page.node.refusing = null;
    say(page, "two");
    await page.clock.pass(100);
    assert.deepEqual(page.node.texts("g"), ["two"]);
    const again = await page.reloaded();
    const [kept] = again.conversation("g").pending.value;
    assert.equal(kept?.failure?.code, "forbidden");
    again.client.retry(again.conversation("g"), kept?.key ?? "");
    await again.clock.pass(100);
    assert.deepEqual(page.node.texts("g"), ["two", "one"]);
    assert.deepEqual(again.waiting("g"), []);
  });

  test("a failed message can be thrown away", async () => {
    const page = await inGroup();
    page.node.refusing = { code: "too_large" };
    say(page, "one");
    await page.clock.pass(100);
    const [failed] = page.conversation("g").pending.value;
    page.client.discard(page.conversation("g"), failed?.key ?? "");
    assert.deepEqual(page.waiting("g"), []);
    assert.equal([...page.shelf.kept.keys()].filter((key) => key.includes("/out/")).length, 0);
  });

  test("waits as told when the server is unavailable", async () => {
    const page = await inGroup();
    page.node.refusing = { code: "unavailable", retry: 3_000 };
    for (const text of ["one", "two"]) say(page, text);
    await page.clock.pass(100);
    page.node.refusing = null;
    await page.clock.pass(2_800);
    assert.equal(page.node.texts("g").length, 0);
    await page.clock.pass(200);
    assert.deepEqual(page.node.texts("g"), ["one", "two"]);
  });

  test("the message the server hung up over has failed, the others go on", async () => {
    const page = await inGroup();
    page.node.deaf = true;
    say(page, "fine");
    say(page, "monstrous");
    await page.clock.pass(100);
    page.node.deaf = false;
    page.node.hangUp(1009);
    assert.equal(page.client.phase.value, "refused");
    const pending = page.conversation("g").pending.value;
    assert.deepEqual(
      pending.map(({ failure }) => failure?.code ?? null),
      ["refused", null],
    );
    page.client.resume();
    await page.clock.pass(2_000);
    assert.deepEqual(page.node.texts("g"), ["fine"]);
  });

  test("the first message to somebody makes the conversation", async () => {
    const page = await new Page().start();
    const opening = await page.client.chatWith("ana");
    assert.equal(opening, "to:u_ana");
    page.client.open(opening);
    for (const text of ["hello", "are you there"]) say(page, text, opening);
    await page.clock.pass(2_000);
    assert.equal(page.client.opened.value, "d_u_ana");
    assert.equal(page.client.store.get(opening), null);
    assert.deepEqual(page.texts("d_u_ana"), ["hello", "are you there"]);
    assert.deepEqual(page.node.texts("d_u_ana"), ["hello", "are you there"]);
    assert.deepEqual(page.waiting("d_u_ana"), []);
    assert.equal(page.node.frames("send").length, 2);
    assert.equal(await page.client.chatWith("ana"), "d_u_ana");
  });

  test("a first message that waits is there again after a reload, with its name", async () => {
    const page = await new Page().start();
    const opening = await page.client.chatWith("ana");
    page.node.refusing = { code: "blocked" };
    say(page, "hello", opening);
    await page.clock.pass(100);
    const again = await page.reloaded();
    assert.equal(again.conversation(opening).line.value.title, "ana");
    assert.deepEqual(again.waiting(opening), ["hello"]);
  });

  test("a first message joins the conversation the other began meanwhile", async () => {
    const page = await new Page().start();
    const opening = await page.client.chatWith("bo");
    page.client.open(opening);
    page.node.deaf = true;
    say(page, "from me", opening);
    page.node.group("d_u_bo", "u_bo");
    page.node.deaf = false;
    page.node.says("d_u_bo", "from bo");
    await page.clock.pass(12_000);
    assert.deepEqual(page.texts("d_u_bo"), ["from bo", "from me"]);
    assert.equal(page.client.opened.value, "d_u_bo");
    assert.equal(page.client.store.get(opening), null);
    assert.deepEqual(page.waiting("d_u_bo"), []);
  });

  test("changes of a group are on the chain of its messages", async () => {
    const page = await inGroup();
    say(page, "one");
    await page.client.invite("g", ["ana"]);
    say(page, "two");
    await page.clock.pass(100);
    const [invite] = page.node.frames("invite");
    assert.deepEqual([invite?.users, invite?.cid, invite?.prev], [["u_ana"], 2, 1]);
    assert.equal(page.node.frames("send").at(-1)?.cid, 3);
  });

  test("a change of one's own shows in the list and in the log", async () => {
    const page = await inGroup();
    await page.client.rename("g", "Other");
    await page.clock.pass(100);
    assert.equal(page.conversation("g").line.value.title, "Other");
    assert.equal(page.conversation("g").entries.value.at(-1)?.b.k, "system");
  });

  test("a refused change is told to whoever asked, and is not kept", async () => {
    const page = await inGroup();
    page.node.refusing = { code: "forbidden" };
    await assert.rejects(page.client.rename("g", "Other"), { code: "forbidden" });
    assert.equal([...page.shelf.kept.keys()].filter((key) => key.includes("/out/")).length, 0);
  });

  test("a full store refuses the message, and the next one goes", async () => {
    const page = await inGroup();
    page.shelf.full = true;
    assert.throws(() => say(page, "one"), /no room/);
    assert.deepEqual(page.waiting("g"), []);
    page.shelf.full = false;
    say(page, "two");
    await page.clock.pass(100);
    assert.deepEqual(page.node.texts("g"), ["two"]);
    assert.deepEqual(page.waiting("g"), []);
  });

  test("takes no more than two hundred that wait", async () => {
    const page = await inGroup();
    page.node.hangUp(1006);
    page.node.reachable = false;
    for (let n = 0; n < 200; n += 1) say(page, `${n}`);
    assert.throws(() => say(page, "one too many"), /Too many/);
    page.node.reachable = true;
    await page.clock.pass(31_000);
    assert.deepEqual(
      page.node.texts("g"),
      Array.from({ length: 200 }, (_, n) => `${n}`),
    );
  });

  test("signing out leaves nothing on the shelf", async () => {
    const page = await inGroup();
    page.node.refusing = { code: "forbidden" };
    say(page, "one");
    await page.clock.pass(100);
    await page.client.signOut();
    assert.equal(page.shelf.kept.size, 0);
    assert.equal(page.client.phase.value, "off");
    assert.equal(page.client.store.list.value.length, 0);
  });
});
