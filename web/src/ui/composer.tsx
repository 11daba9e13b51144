import { useLayoutEffect, useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import { Glyph } from "./parts.js";
import { useClient } from "./use.js";
import { said } from "./words.js";

/** From here on the length is worth showing. */
const COUNTED = 90_000;
const ROWS = 8;

/** What was begun and not sent, by conversation; it lives as long as the page. */
const drafts = new Map<string, string>();

/** A text's length as people and the server count it. */
const lengthOf = (text: string): number => {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
};

export function Composer({ conversation }: { conversation: Conversation }) {
  const client = useClient();
  const draftOf = conversation.line.value.u ?? conversation.c;
  const [text, setText] = useState(drafts.get(draftOf) ?? "");
  const [error, setError] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  const max = client.store.limits.value.text_chars ?? 100_000;
  const length = text.length < COUNTED ? text.length : lengthOf(text);
  const ready = text.trim() !== "" && length <= max;

  const write = (next: string): void => {
    setText(next);
    setError("");
    if (next === "") drafts.delete(draftOf);
    else drafts.set(draftOf, next);
  };
  const send = (): void => {
    if (!ready) return;
    try {
      client.say(conversation, text);
      write("");
    } catch (reason) {
      setError(said(reason));
    }
    area.current?.focus();
  };

  useLayoutEffect(() => {
    // It grows with its text, up to some rows.
    const element = area.current;
    if (element === null) return;
    const row_px = Number.parseFloat(getComputedStyle(element).lineHeight);
    element.style.height = "auto";
    const rest_px = element.offsetHeight - element.clientHeight;
    const padding_px = element.clientHeight - row_px;
    const most_px = ROWS * row_px + padding_px;
    element.style.height = `${Math.min(element.scrollHeight, most_px) + rest_px}px`;
  }, [text]);

  useLayoutEffect(() => {
    // On a phone the keyboard would cover what one came to read.
    if (matchMedia("(pointer: fine)").matches) area.current?.focus();
  }, []);

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {length >= COUNTED && (
        <p class={length > max ? "counter error" : "counter"} role="status">
          {length > max
            ? `That message is too long: ${length.toLocaleString()} of ${max.toLocaleString()} characters.`
            : `${length.toLocaleString()} of ${max.toLocaleString()} characters`}
        </p>
      )}
      {error !== "" && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <div class="composer-row">
        <textarea
          ref={area}
          data-testid="composer"
          aria-label="Message"
          placeholder="Message"
          rows={1}
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button class="send" type="submit" data-testid="send" aria-label="Send" disabled={!ready}>
          <Glyph name="send" />
        </button>
      </div>
    </form>
  );
}
