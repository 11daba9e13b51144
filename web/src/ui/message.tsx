import { h } from "../../vendor/preact.js";
import type { Item } from "../core/chain.js";
import type { Conversation, Tick } from "../core/conversation.js";
import type { Entry } from "../core/wire.js";
import { Glyph } from "./parts.js";
import { useClient } from "./use.js";
import { refusal, timeOf, told } from "./words.js";

const TICKS: Record<Tick | "pending" | "failed", string> = {
  pending: "Waiting to be sent",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
  failed: "Not sent",
};

function Mark({ state }: { state: keyof typeof TICKS }) {
  return (
    <span class={`tick tick-${state}`} title={TICKS[state]}>
      <Glyph name={state} />
      <span class="hidden-text">{TICKS[state]}</span>
    </span>
  );
}

interface EntryProps {
  conversation: Conversation;
  entry: Entry;
  /** Begins a row of messages of the same person. */
  first: boolean;
  last: boolean;
}

/** One entry of the log; null when it is none to show. */
export function Message({ conversation, entry, first, last }: EntryProps) {
  const client = useClient();
  const { me, names } = client.store;
  const { b, from, s, ts } = entry;
  if (b.k === "system") {
    return (
      <p class="told" data-testid="system-message" data-seq={s}>
        {told(from, b, names.value, me)}
      </p>
    );
  }
  const own = from === me;
  const state = own ? conversation.tick(s) : "received";
  const group = conversation.line.value.kind === "group";
  const name = names.value.get(from) ?? "A former member";
  return (
    <div
      class={`message ${own ? "own" : "other"} ${first ? "first" : ""} ${last ? "last" : ""}`}
      data-testid="message"
      data-seq={s}
      data-state={state}
    >
      {!own && group && first && <span class="sender">{name}</span>}
      {!own && !(group && first) && <span class="hidden-text">{name}: </span>}
      {own && <span class="hidden-text">You: </span>}
      <div class="bubble">
        {b.k === "text" ? (
          <span class="text" dir="auto">
            {b.text}
          </span>
        ) : (
          <em class="text">Deleted message</em>
        )}
        {entry.cut && (
          <button type="button" class="link" onClick={() => client.whole(conversation, s)}>
            Show all of it
          </button>
        )}
        <span class="meta">
          <time dateTime={new Date(ts).toISOString()}>{timeOf(ts)}</time>
          {own && state !== "received" && <Mark state={state} />}
        </span>
      </div>
    </div>
  );
}

/** A message of ours that is not in the log: it waits, or it failed. */
export function Unsent({ conversation, item }: { conversation: Conversation; item: Item }) {
  const client = useClient();
  const { what, failure, key } = item;
  if (what.t !== "send" || what.b.k !== "text") return null;
  const state = failure === null ? "pending" : "failed";
  return (
    <div class={`message own first last ${state}`} data-testid="message" data-state={state}>
      <span class="hidden-text">You: </span>
      <div class="bubble">
        <span class="text" dir="auto">
          {what.b.text}
        </span>
        <span class="meta">
          <time>{timeOf(item.at)}</time>
          <Mark state={state} />
        </span>
      </div>
      {failure !== null && (
        <p class="failure" role="alert">
          {refusal(failure)}{" "}
          <button
            type="button"
            class="link"
            data-testid="retry"
            onClick={() => client.retry(conversation, key)}
          >
            Retry
          </button>{" "}
          <button
            type="button"
            class="link"
            data-testid="discard"
            onClick={() => client.discard(conversation, key)}
          >
            Delete
          </button>
        </p>
      )}
    </div>
  );
}
