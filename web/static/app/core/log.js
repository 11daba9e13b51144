import { fold, targetOf } from "./fold.js";
/** Entries held beyond a gap; past it the oldest wait is given up and the gap is read anyway. */
const MAX_HELD = 500;
/**
 * The part of a conversation's log that is here: everything from `from + 1` up to `last`, but for
 * entries the server leaves out. What came after a gap is held until the gap is filled.
 *
 *     1 ........ from | entries ......... last | gap | held
 */
export class Log {
    #from;
    #last;
    #entries = [];
    #held = new Map();
    /** Nothing older is to be had. */
    complete = false;
    constructor(head) {
        this.#from = head;
        this.#last = head;
        this.complete = head === 0;
    }
    get from() {
        return this.#from;
    }
    /** The end of the contiguous part. */
    get last() {
        return this.#last;
    }
    /** In order of `s`. A new array after each change. */
    get entries() {
        return this.#entries;
    }
    /** The entry with that seq; null when it is not here. */
    at(s) {
        return this.#entries[this.#indexOf(s)] ?? null;
    }
    /** Is there something beyond a gap? */
    get gap() {
        return this.#held.size > 0;
    }
    /** The highest `s` seen, held ones too. */
    get seen() {
        return Math.max(this.#last, ...this.#held.keys());
    }
    /** Takes an entry as it happened. Returns those that became part of the contiguous part. */
    take(entry) {
        if (entry.s <= this.#last || this.#held.has(entry.s))
            return [];
        if (this.#held.size < MAX_HELD)
            this.#held.set(entry.s, entry);
        return this.#drain();
    }
    /**
     * Takes a page read forward from `last`. Returns the entries that are new here. A page that
     * begins later says that what lies between is not ours to see.
     */
    forward(page) {
        const fresh = page.msgs.filter((entry) => entry.s > this.#last);
        this.#append(fresh);
        this.#last = Math.max(this.#last, page.to);
        for (const s of this.#held.keys())
            if (s <= this.#last)
                this.#held.delete(s);
        return [...fresh, ...this.#drain()];
    }
    /** Takes a page read backward from `from`. */
    backward(page) {
        if (page.msgs.length === 0 && !page.more) {
            // Whatever is older is not ours to see, and the page may name no range at all.
            this.complete = true;
            return;
        }
        if (page.to < this.#from)
            return;
        const older = page.msgs.filter((entry) => entry.s <= this.#from);
        this.#entries = [...older, ...this.#entries];
        // A page read before a change was made may come after it.
        for (const entry of this.#entries.slice(older.length))
            this.#change(entry);
        this.#from = Math.min(this.#from, page.from - 1);
        this.complete = !page.more || this.#from <= 0;
    }
    /** Too far behind to read it all: starts anew at `head`, with nothing in it. */
    restart(head) {
        this.#from = head;
        this.#last = head;
        this.#entries = [];
        this.complete = head === 0;
        for (const s of this.#held.keys())
            if (s <= head)
                this.#held.delete(s);
        this.#drain();
    }
    /** Keeps the newest only; older ones can be read again. */
    trim(keep) {
        const first = this.#entries.at(-keep);
        if (first === undefined || this.#entries.length === keep)
            return;
        this.#entries = this.#entries.slice(-keep);
        this.#from = first.s - 1;
        this.complete = this.#from === 0;
    }
    /** Keeps the oldest only; newer ones can be read again. */
    trimEnd(keep) {
        const final = this.#entries[keep - 1];
        if (final === undefined || this.#entries.length === keep)
            return;
        this.#entries = this.#entries.slice(0, keep);
        this.#last = final.s;
    }
    /** A log of its own with the oldest of this one's entries. */
    oldest(keep) {
        const part = new Log(this.#last);
        part.#from = this.#from;
        part.#entries = this.#entries;
        part.complete = this.complete;
        part.trimEnd(keep);
        return part;
    }
    /** Takes an earlier part of the same log that reaches up to this one, in place of its own. */
    join(earlier) {
        const own = this.#entries.filter((entry) => entry.s > earlier.#last);
        // What it read beyond our end will come here by itself.
        this.#entries = [...earlier.#entries.filter((entry) => entry.s <= this.#last), ...own];
        this.#from = earlier.#from;
        this.complete = earlier.complete;
    }
    /** Puts what an entry that is not here changes into its message, if that is. */
    changed(entry) {
        this.#entries = [...this.#entries];
        this.#change(entry);
    }
    /** Puts the whole text in place of a cut one. */
    whole(entry) {
        this.#entries = this.#entries.map((old) => (old.s === entry.s ? entry : old));
    }
    #drain() {
        const next = [];
        for (;;) {
            const entry = this.#held.get(this.#last + 1);
            if (entry === undefined)
                break;
            this.#held.delete(entry.s);
            this.#last = entry.s;
            next.push(entry);
        }
        if (next.length > 0)
            this.#append(next);
        return next;
    }
    #append(fresh) {
        this.#entries = [...this.#entries, ...fresh];
        for (const entry of fresh)
            this.#change(entry);
    }
    /** Puts what an entry changes into its message, if that is here. */
    #change(entry) {
        const target = targetOf(entry.b);
        if (target === null)
            return;
        const index = this.#indexOf(target);
        const message = this.#entries[index];
        if (message !== undefined)
            this.#entries[index] = fold(message, entry);
    }
    #indexOf(s) {
        let low = 0;
        let high = this.#entries.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if ((this.#entries[middle]?.s ?? 0) < s)
                low = middle + 1;
            else
                high = middle;
        }
        return this.#entries[low]?.s === s ? low : -1;
    }
}
