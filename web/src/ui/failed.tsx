import { h } from "../../vendor/preact.js";
import type { Item } from "../core/chain.js";
import type { Conversation } from "../core/conversation.js";
import type { Body } from "../core/wire.js";
import { useClient } from "./use.js";
import { refusal } from "./words.js";

const WHAT: Partial<Record<Body["k"], string>> = {
  edit: "Your change was not taken. ",
  delete: "It was not deleted. ",
  react: "Your reaction was not taken. ",
};

/** Why something of ours was refused, and what one can do; nothing while it was not. */
export function Failed({ conversation, item }: { conversation: Conversation; item: Item }) {
  const client = useClient();
  const { failure, key, what } = item;
  if (failure === null || what.t !== "send") return null;
  return (
    <p class="failure" role="alert" data-testid="failure">
      {WHAT[what.b.k] ?? ""}
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
        {what.b.k === "text" ? "Delete" : "Never mind"}
      </button>
    </p>
  );
}
