import { h } from "../../vendor/preact.js";
import type { Tick } from "../core/conversation.js";
import { Glyph } from "./parts.js";

const TICKS: Record<Tick | "pending" | "failed", string> = {
  pending: "Waiting to be sent",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
  failed: "Not sent",
};

/** How far a message of ours has come. */
export function Mark({ state }: { state: keyof typeof TICKS }) {
  return (
    <span class={`tick tick-${state}`} title={TICKS[state]}>
      <Glyph name={state} />
      <span class="hidden-text">{TICKS[state]}</span>
    </span>
  );
}
