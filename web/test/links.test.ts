import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { piecesOf } from "../src/ui/links.js";

const links = (text: string): string[] =>
  piecesOf(text).flatMap((piece) => (typeof piece === "string" ? [] : [piece.text]));
const whole = (text: string): string =>
  piecesOf(text)
    .map((piece) => (typeof piece === "string" ? piece : piece.text))
    .join("");

describe("links in a text", () => {
  test("http, https and mailto become links, and every letter stays", () => {
    const text = "See https://example.org/a?b=c#d, http://x.y. or mailto:ana@example.org!";
    assert.deepEqual(links(text), [
      "https://example.org/a?b=c#d",
      "http://x.y",
      "mailto:ana@example.org",
    ]);
    assert.equal(whole(text), text);
  });

  test("a bracket belongs to an address only when it was opened in it", () => {
    assert.deepEqual(links("(https://e.org/a)"), ["https://e.org/a"]);
    assert.deepEqual(links("https://e.org/Bee_(insect)."), ["https://e.org/Bee_(insect)"]);
    assert.deepEqual(links("(see https://e.org/Bee_(insect))"), ["https://e.org/Bee_(insect)"]);
  });

  for (const text of [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https",
    "data:text/html,<script>alert(1)</script>",
    "javascript:https://e.org",
    "xhttps://e.org",
    "ftp://e.org file:///etc/passwd vbscript:x",
    "https://",
    "https://bank.example@evil.example/",
    "https://e.org/\u202egnp.exe",
    "https://e.org/\u200bx",
    "mailto:nobody",
    `https://e.org/${"a".repeat(3_000)}`,
    "<img src=x onerror=alert(1)>",
  ]) {
    test(`stays words: ${JSON.stringify(text.slice(0, 40))}`, () => {
      assert.deepEqual(links(text), []);
      assert.equal(whole(text), text);
    });
  }

  test("a hostile text is cut in no time", () => {
    const text = `https://e.org/${")".repeat(2_000)} `.repeat(40);
    const begun = process.hrtime.bigint();
    assert.equal(whole(text), text);
    assert.ok(process.hrtime.bigint() - begun < 2_000_000_000n);
  });
});
