import type { Cancel, Clock } from "../src/core/ports.js";

/** Time that only passes when a test says so. */
export class ManualClock implements Clock {
  #now_ms = 0;
  #timers: { due: number; run: () => void }[] = [];

  now(): number {
    return 1_790_000_000_000 + this.#now_ms;
  }

  steady(): number {
    return this.#now_ms;
  }

  after(ms: number, run: () => void): Cancel {
    const timer = { due: this.#now_ms + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Lets time pass, timer by timer, and everything they set off finish. */
  async pass(ms: number): Promise<void> {
    const end = this.#now_ms + ms;
    await settled();
    for (;;) {
      const next = this.#timers
        .filter((timer) => timer.due <= end)
        .sort((one, other) => one.due - other.due)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now_ms = Math.max(this.#now_ms, next.due);
      next.run();
      await settled();
    }
    this.#now_ms = end;
  }
}

/** Promises that wait for nothing but one another have run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
}
