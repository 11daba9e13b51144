const FLOOR_MS = 500;
const CEILING_MS = 30_000;
const SETTLED_MS = 60_000;
/** How long to wait before the next try: full jitter between 0.5 s and a bound that doubles. */
export class Backoff {
    random;
    #failures = 0;
    constructor(random) {
        this.random = random;
    }
    next() {
        const bound = Math.min(CEILING_MS, FLOOR_MS * 2 ** (this.#failures + 1));
        this.#failures += 1;
        return FLOOR_MS + this.random() * (bound - FLOOR_MS);
    }
    /** After a connection of that length: one that was up for a minute starts afresh. */
    ended(up_ms) {
        if (up_ms >= SETTLED_MS)
            this.#failures = 0;
    }
}
