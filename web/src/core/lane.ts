import type { Clock } from "./ports.js";
import { Refused } from "./requests.js";

const TRIES = 5;
const RETRY_MS = 1_000;
const TRANSIENT = new Set(["unavailable", "rate_limited"]);

/** Runs questions a few at a time, and asks again where the server only needs a moment. */
export class Lane {
  #running = 0;
  readonly #queue: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly atOnce: number,
  ) {}

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running >= this.atOnce) await new Promise<void>((turn) => this.#queue.push(turn));
    this.#running += 1;
    try {
      return await this.#tries(job);
    } finally {
      this.#running -= 1;
      this.#queue.shift()?.();
    }
  }

  async #tries<T>(job: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await job();
      } catch (error) {
        const again = error instanceof Refused && TRANSIENT.has(error.code) && tried < TRIES;
        if (!again) throw error;
        const wait_ms = error.retry_ms ?? RETRY_MS * tried;
        await new Promise<void>((on) => this.clock.after(wait_ms, on));
      }
    }
  }
}
