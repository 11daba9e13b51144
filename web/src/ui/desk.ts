import { type Signal, signal } from "../../vendor/signals.js";
import type { Entry } from "../core/wire.js";

/** What the parts of one open conversation tell each other. */
export interface Desk {
  /** The message a reply is being written to. */
  readonly reply: Signal<Entry | null>;
  /** Our message whose words are being changed. */
  readonly edit: Signal<Entry | null>;
  /** Puts the cursor where one writes. */
  write: () => void;
}

export const newDesk = (): Desk => ({
  reply: signal(null),
  edit: signal(null),
  write: () => undefined,
});
