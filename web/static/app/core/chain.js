/** Unacknowledged at once in one conversation; the server takes no more either. */
export const MAX_FLYING = 16;
/** Without an answer for so long, it is sent again. */
export const SILENCE_MS = 10_000;
/** Refusals after which nothing was used up, or which no retry of ours can mend. */
const RETRIED = new Set(["unavailable", "rate_limited", "unauthenticated"]);
const RETRY_MS = 1_000;
/**
 * The chain of one device's changes in one conversation: which cid each has, which may be sent
 * now, and what an answer means. No I/O and no clock: time comes in as an argument.
 *
 *     waiting --departures()--> flying --acked()--> gone
 *        ^                        |------ definite refusal --> failed --retry()--> waiting
 *        '--- resend, silence, a new socket, unavailable ----'
 */
export class Chain {
    /** In the order of their cids; failed ones are no longer part of the chain. */
    items = [];
    failed = [];
    /** The highest cid ever given away here. */
    used;
    /** The last cid the server is known to have accepted. */
    #base;
    #flights = new Map();
    #attempt = 0;
    #paused_until_ms = 0;
    /** The `last` of a `resend` that already sent us back once. */
    #sentBackTo = null;
    constructor(used, mine) {
        this.used = Math.max(used, mine);
        this.#base = mine;
    }
    get empty() {
        return this.items.length === 0 && this.failed.length === 0;
    }
    /** The server's word on this device's last committed cid. */
    learned(mine) {
        this.#base = Math.max(this.#base, mine);
        this.used = Math.max(this.used, mine);
    }
    add(key, what, at, label) {
        const item = { key, cid: this.#fresh(), what, at, failure: null, ...(label && { label }) };
        this.items.push(item);
        return item;
    }
    /** An item kept from before a reload. */
    restore(item) {
        this.used = Math.max(this.used, item.cid);
        if (item.failure !== null)
            this.failed.push(item);
        else
            this.#insert(item);
    }
    /** Takes over another chain, which turned out to be the same conversation's. */
    absorb(other) {
        this.used = Math.max(this.used, other.used);
        this.#base = Math.max(this.#base, other.#base);
        for (const [key, flight] of other.#flights)
            this.#flights.set(key, flight);
        for (const item of [...other.items, ...other.failed])
            this.restore(item);
    }
    /** What may be sent now; each counts as flying from here on. */
    departures(now_ms) {
        if (now_ms < this.#paused_until_ms)
            return [];
        const leaving = [];
        let before = 0;
        let flying = this.#flights.size;
        for (const item of this.items) {
            const prev = item.cid > this.#base ? Math.max(this.#base, before) : before;
            before = item.cid;
            if (this.#flights.has(item.key))
                continue;
            if (flying >= MAX_FLYING)
                break;
            flying += 1;
            this.#attempt += 1;
            this.#flights.set(item.key, { attempt: this.#attempt, sent_ms: now_ms });
            leaving.push({ item, cid: item.cid, prev, attempt: this.#attempt });
        }
        return leaving;
    }
    /** When something is to be done next without an answer; null when nothing is. */
    due_ms(now_ms) {
        if (this.items.length === 0)
            return null;
        if (this.#paused_until_ms > now_ms)
            return this.#paused_until_ms;
        const sent = [...this.#flights.values()].map((flight) => flight.sent_ms + SILENCE_MS);
        return sent.length > 0 ? Math.min(...sent) : now_ms;
    }
    /** Time has passed: what has flown too long is to be sent again, with all behind it. */
    tick(now_ms) {
        for (const { sent_ms } of this.#flights.values()) {
            if (sent_ms + SILENCE_MS <= now_ms) {
                this.#flights.clear();
                return;
            }
        }
    }
    /** A new socket: nothing is under way any more, and no pause holds. */
    reopened() {
        this.#flights.clear();
        this.#paused_until_ms = 0;
        this.#sentBackTo = null;
    }
    /** It is committed, as `cid`. Returns the item, or null when that was known. */
    acked(key, cid) {
        this.learned(cid);
        this.#sentBackTo = null;
        return this.#take((item) => item.key === key);
    }
    /** An answer to that attempt refuses it. Returns the item when it has failed for good. */
    refused(key, attempt, failure, { last, retry_ms, now_ms }) {
        const item = this.items.find((one) => one.key === key);
        if (item === undefined || this.#flights.get(key)?.attempt !== attempt)
            return null;
        if (RETRIED.has(failure.code)) {
            this.#flights.clear();
            this.#paused_until_ms = now_ms + (retry_ms ?? RETRY_MS);
            return null;
        }
        switch (failure.code) {
            case "resend": {
                const to = last ?? this.#base;
                this.#base = to;
                this.#flights.clear();
                // Sent back to the same place twice running: something is under way there, give it time.
                if (this.#sentBackTo === to)
                    this.#paused_until_ms = now_ms + (retry_ms ?? RETRY_MS);
                this.#sentBackTo = to;
                return null;
            }
            case "cid_old":
            case "cid_used":
                this.#flights.delete(key);
                this.learned(last ?? this.#base);
                this.#take((one) => one === item);
                item.cid = this.#fresh();
                this.items.push(item);
                return null;
            default:
                this.fail(item, failure);
                return item;
        }
    }
    fail(item, failure) {
        this.#take((one) => one === item);
        item.failure = failure;
        this.failed.push(item);
    }
    /** The user wants a failed one sent after all. */
    retry(key) {
        const item = this.#takeFailed(key);
        if (item === null)
            return null;
        // After `internal` it may have been committed: under its own cid it cannot commit twice.
        if (item.failure?.code !== "internal")
            item.cid = this.#fresh();
        item.failure = null;
        this.#insert(item);
        return item;
    }
    /** The user does not want it any more. */
    discard(key) {
        return this.#takeFailed(key);
    }
    #fresh() {
        this.used += 1;
        return this.used;
    }
    #insert(item) {
        this.items.push(item);
        this.items.sort((one, other) => one.cid - other.cid);
    }
    #take(is) {
        const index = this.items.findIndex(is);
        const item = this.items[index];
        if (item === undefined)
            return null;
        this.items.splice(index, 1);
        this.#flights.delete(item.key);
        return item;
    }
    #takeFailed(key) {
        const index = this.failed.findIndex((item) => item.key === key);
        const item = this.failed[index];
        if (item === undefined)
            return null;
        this.failed.splice(index, 1);
        return item;
    }
}
