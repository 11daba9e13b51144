import { Refused } from "./requests.js";
const TRIES = 5;
const RETRY_MS = 1_000;
const TRANSIENT = new Set(["unavailable", "rate_limited"]);
/** Runs questions a few at a time, and asks again where the server only needs a moment. */
export class Lane {
    clock;
    atOnce;
    #running = 0;
    #queue = [];
    constructor(clock, atOnce) {
        this.clock = clock;
        this.atOnce = atOnce;
    }
    async run(job) {
        if (this.#running >= this.atOnce)
            await new Promise((turn) => this.#queue.push(turn));
        this.#running += 1;
        try {
            return await this.#tries(job);
        }
        finally {
            this.#running -= 1;
            this.#queue.shift()?.();
        }
    }
    async #tries(job) {
        for (let tried = 1;; tried += 1) {
            try {
                return await job();
            }
            catch (error) {
                const again = error instanceof Refused && TRANSIENT.has(error.code) && tried < TRIES;
                if (!again)
                    throw error;
                const wait_ms = error.retry_ms ?? RETRY_MS * tried;
                await new Promise((on) => this.clock.after(wait_ms, on));
            }
        }
    }
}
