import type { Random } from "./ports.js";

const FLOOR_MS = 500;
const CEILING_MS = 30_000;
const SETTLED_MS = 60_000;

/** How long to wait before the next try: full jitter between 0.5 s and a bound that doubles. */
export class Backoff {
  #failures = 0;

  constructor(private readonly random: Random) {}

  next(): number {
    const bound = Math.min(CEILING_MS, FLOOR_MS * 2 ** (this.#failures + 1));
    this.#failures += 1;
    return FLOOR_MS + this.random() * (bound - FLOOR_MS);
  }

  /** After a connection of that length: one that was up for a minute starts afresh. */
  ended(up_ms: number): void {
    if (up_ms >= SETTLED_MS) this.#failures = 0;
  }
}
