import { signal } from "../../vendor/signals-core.js";
const SHOWN_MS = 6_000;
const EVERY_MS = 3_000;
/** Who is writing in each conversation, for as long as each sign of it is good. */
export class Typists {
    clock;
    /** {conversation: users}; a conversation where nobody writes may be missing. */
    now = signal(new Map());
    #ends = new Map();
    /** When we last said that we write, by conversation. */
    #told = new Map();
    constructor(clock) {
        this.clock = clock;
    }
    heard(c, u) {
        const key = `${c} ${u}`;
        this.#ends.get(key)?.();
        this.#ends.set(key, this.clock.after(SHOWN_MS, () => this.stopped(c, u)));
        const users = this.now.value.get(c) ?? [];
        if (!users.includes(u))
            this.now.value = new Map(this.now.value).set(c, [...users, u]);
    }
    /** What was being written has come, or never will. */
    stopped(c, u) {
        this.#ends.get(`${c} ${u}`)?.();
        this.#ends.delete(`${c} ${u}`);
        const users = this.now.value.get(c) ?? [];
        if (!users.includes(u))
            return;
        this.now.value = new Map(this.now.value).set(c, users.filter((one) => one !== u));
    }
    /** We write: is it time to say so? */
    due(c) {
        const now_ms = this.clock.steady();
        if (now_ms - (this.#told.get(c) ?? Number.NEGATIVE_INFINITY) < EVERY_MS)
            return false;
        this.#told.set(c, now_ms);
        return true;
    }
    forget() {
        for (const cancel of this.#ends.values())
            cancel();
        this.#ends.clear();
        this.#told.clear();
        this.now.value = new Map();
    }
}
