const PACE_MS = 1_000;
/** Conversations told of in one go: twice as many frames, well under the server's rate. */
const AT_ONCE = 8;
const NONE = { recv: 0, read: 0 };
/** Tells how far we have received and read: maxima, at most once a second a conversation. */
export class Receipts {
    send;
    clock;
    /** What we want the server to know, all conversations. */
    #wanted = new Map();
    /** What it knows, or was told on this socket. */
    #known = new Map();
    /** All and only the conversations where it may know less than we want. */
    #due = new Set();
    #lastFlush_ms = Number.NEGATIVE_INFINITY;
    #timer = null;
    constructor(send, clock) {
        this.send = send;
        this.clock = clock;
    }
    /** What the server's list says; what it lacks is said again. */
    heard(c, recv, read) {
        this.#known.set(c, { recv, read });
        this.#want(c, { recv: 0, read: 0 });
    }
    received(c, s) {
        this.#want(c, { recv: s, read: 0 });
    }
    read(c, s) {
        this.#want(c, { recv: s, read: s });
    }
    /** A new socket is up and its list is known. */
    up() {
        this.#schedule();
    }
    /** The page goes: what would wait for its time is told now. */
    hurry() {
        this.#timer?.();
        this.#timer = null;
        this.#flush();
    }
    forget() {
        this.#timer?.();
        this.#timer = null;
        this.#wanted.clear();
        this.#known.clear();
        this.#due.clear();
    }
    #want(c, marks) {
        const known = this.#known.get(c) ?? NONE;
        const wanted = this.#wanted.get(c) ?? NONE;
        const recv = Math.max(wanted.recv, marks.recv);
        const read = Math.max(wanted.read, marks.read);
        this.#wanted.set(c, { recv, read });
        if (recv <= known.recv && read <= known.read)
            return;
        this.#due.add(c);
        this.#schedule();
    }
    #schedule() {
        if (this.#timer !== null || this.#due.size === 0)
            return;
        const wait_ms = Math.max(0, this.#lastFlush_ms + PACE_MS - this.clock.steady());
        this.#timer = this.clock.after(wait_ms, () => {
            this.#timer = null;
            this.#flush();
        });
    }
    #flush() {
        this.#lastFlush_ms = this.clock.steady();
        for (const c of [...this.#due].slice(0, AT_ONCE)) {
            const known = this.#known.get(c) ?? NONE;
            const { recv, read } = this.#wanted.get(c) ?? NONE;
            // Without a socket they stay due: the next list calls for them.
            if (recv > known.recv && !this.send({ t: "recv", c, s: recv }))
                return;
            if (read > known.read && !this.send({ t: "read", c, s: read }))
                return;
            this.#known.set(c, { recv: Math.max(known.recv, recv), read: Math.max(known.read, read) });
            this.#due.delete(c);
        }
        this.#schedule();
    }
}
