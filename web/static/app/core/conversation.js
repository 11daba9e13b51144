import { batch, computed, signal } from "../../vendor/signals-core.js";
import { fold, targetOf } from "./fold.js";
import { Log } from "./log.js";
import { counts, shows } from "./wire.js";
/** Entries kept of a conversation that is not on the screen. */
const KEPT = 100;
/** Entries held at once of the part of the log that is read; a step beyond lets go of some. */
const HELD = 600;
const HELD_AFTER = 400;
/** One conversation as the page knows it: its line in the list, its people, its loaded part. */
export class Conversation {
    me;
    c;
    log;
    line;
    /** The newest part of the log, up to its end. */
    entries = signal([]);
    /** An earlier part that is read in place of the newest; null while there is none. */
    earlier = signal(null);
    /** A message to be brought before the reader's eyes. */
    goal = signal(null);
    /** Null until asked for. */
    members = signal(null);
    /** Our own messages that are not in the log: failed ones, then waiting ones. */
    pending = signal([]);
    /** Our edits, deletions and reactions that are not in the log. */
    changes = signal([]);
    /** Messages that are quoted here and lie before what is loaded; null: there is none for us. */
    quoted = signal(new Map());
    /** What had been read when it was brought onto the screen; null when all was. */
    divider = signal(null);
    /** We are no longer in it; what was before stays readable. */
    gone = signal(false);
    loading = signal(false);
    /** It is on the screen, so nothing may vanish from it. */
    open = false;
    #past = null;
    /** The messages as they are to be seen: our own changes show before they are committed. */
    shown = computed(() => {
        const part = this.earlier.value ?? this.entries.value;
        const messages = part.filter((entry) => shows(entry.b));
        const waiting = this.changes.value.filter((item) => item.failure === null);
        if (waiting.length === 0)
            return messages;
        const bodies = waiting.flatMap(({ what }) => (what.t === "send" ? [what.b] : []));
        return messages.map((message) => bodies
            .filter((b) => targetOf(b) === message.s)
            .reduce((seen, b) => fold(seen, { from: this.me, b }), message));
    });
    unread = computed(() => Math.max(0, this.line.value.n - this.line.value.nread));
    /** How far everybody else has received and read. */
    #reached = computed(() => {
        const others = (this.members.value ?? []).filter((member) => member.u !== this.me);
        if (others.length === 0)
            return { recv: 0, read: 0 };
        return {
            recv: Math.min(...others.map((member) => Math.max(member.recv, member.read))),
            read: Math.min(...others.map((member) => member.read)),
        };
    });
    constructor(head, me) {
        this.me = me;
        this.c = head.c;
        this.log = new Log(head.head);
        this.line = signal(head);
    }
    /** What it is known by before and after its first message: a person stays the same person. */
    get key() {
        return this.line.value.u ?? this.c;
    }
    /** It exists on the server; else it begins with our first message. */
    get real() {
        return !this.c.startsWith("to:");
    }
    /** The part of the log that is read: the newest, or an earlier one. */
    get place() {
        return this.#past ?? this.log;
    }
    /** A message that is here, wherever; null when it is not. */
    at(s) {
        return this.#past?.at(s) ?? this.log.at(s);
    }
    /** A part that is still to be read takes the place of the newest, which nobody sees by mistake. */
    seek(after) {
        const part = new Log(after);
        part.complete = true;
        this.#past = part;
        this.earlier.value = part.entries;
        return part;
    }
    /** Another part of the log is read, with the message `s` in it. */
    visit(part, s) {
        batch(() => {
            this.#past = part === this.log ? null : part;
            this.grew();
            this.goal.value = s;
        });
    }
    /** Back to the newest part. */
    leave() {
        this.#past = null;
        this.earlier.value = null;
    }
    /** The part that is read got entries: what is shown, and what has become too much of it. */
    grew(older = false) {
        const { log } = this;
        if (this.#past === null && older && log.entries.length > HELD) {
            this.#past = log.oldest(HELD_AFTER);
            log.trim(KEPT);
        }
        else if (this.#past !== null && this.#past.entries.length > HELD) {
            if (older)
                this.#past.trimEnd(HELD_AFTER);
            else
                this.#past.trim(HELD_AFTER);
        }
        if (this.#past !== null && this.#past.last >= log.from) {
            log.join(this.#past);
            this.#past = null;
        }
        batch(() => {
            this.entries.value = log.entries;
            this.earlier.value = this.#past?.entries ?? null;
        });
    }
    /** The reader is at the end: of what is long past only some is kept. */
    settle() {
        if (this.#past !== null || this.log.entries.length <= HELD)
            return;
        this.log.trim(HELD_AFTER);
        this.entries.value = this.log.entries;
    }
    tick(s) {
        const { recv, read } = this.#reached.value;
        if (s <= read)
            return "read";
        return s <= recv ? "delivered" : "sent";
    }
    /** Our changes in it that are not in the log. */
    waits(items) {
        const text = ({ what }) => what.t === "send" && what.b.k === "text";
        this.pending.value = items.filter(text);
        this.changes.value = items.filter((item) => !text(item));
    }
    /** Members who have got as far as `s`, but for us and its writer. */
    reachedBy(s, writer) {
        const others = (this.members.value ?? []).filter(({ u }) => u !== this.me && u !== writer);
        return {
            read: others.filter((member) => member.read >= s),
            recv: others.filter((member) => member.read < s && member.recv >= s),
        };
    }
    /** A newer line of the server's; what was pushed meanwhile is newer still. */
    update(head) {
        const old = this.line.value;
        if (old.head <= head.head) {
            this.line.value = head;
        }
        else {
            const { head: to, n } = old;
            this.line.value = { ...head, head: to, n, ...(old.last && { last: old.last }) };
        }
        this.gone.value = false;
    }
    /** Entries that just became part of the log's contiguous part. */
    arrived(fresh) {
        let line = { ...this.line.value };
        for (const entry of fresh) {
            const mine = entry.from === this.me;
            if (entry.s > line.head) {
                const one = counts(entry.b) ? 1 : 0;
                // Nobody has to read what they wrote themselves.
                line = { ...line, head: entry.s, n: line.n + one, nread: line.nread + (mine ? one : 0) };
            }
            const { s, from, ts, b } = entry;
            const { last } = line;
            if (shows(b) && s > (last?.s ?? 0))
                line = { ...line, last: { s, from, ts, b } };
            else if (last !== undefined && targetOf(b) === last.s) {
                line = { ...line, last: { ...last, b: fold({ ...last, c: this.c }, entry).b } };
            }
            if (entry.b.k === "system")
                line = this.#told(line, entry.b);
            if (targetOf(entry.b) !== null)
                this.#past?.changed(entry);
        }
        this.line.value = line;
        this.grew();
    }
    /** Off the screen, only the newest entries are kept. */
    trim() {
        if (this.open || this.log.entries.length <= 2 * KEPT)
            return;
        this.log.trim(KEPT);
        this.entries.value = this.log.entries;
    }
    /** We have read up to `s`, here or on another device. */
    readUpTo(s) {
        const line = this.line.value;
        if (s <= line.read && line.n === line.nread)
            return;
        this.line.value = {
            ...line,
            read: Math.max(line.read, s),
            nread: Math.max(line.nread, this.#countedTo(s, line)),
        };
    }
    /** How many messages there are up to `s`, as far as what is here tells; at least that. */
    #countedTo(s, { head, n, read, nread }) {
        if (s >= head)
            return n;
        const others = (part, after, to) => part.entries.filter((entry) => entry.s > after && entry.s <= to && counts(entry.b) && entry.from !== this.me).length;
        if (s >= this.log.from)
            return n - others(this.log, s, head);
        const past = this.#past;
        if (past === null || past.from > read || past.last < s)
            return nread;
        return Math.min(n, nread + others(past, read, s));
    }
    /** Receipts of other members. */
    receipts(recv, read) {
        const members = this.members.value;
        if (members === null)
            return;
        this.members.value = members.map((member) => ({
            ...member,
            recv: Math.max(member.recv, recv[member.u] ?? 0),
            read: Math.max(member.read, read[member.u] ?? 0),
        }));
    }
    #told(line, b) {
        const meant = b.users?.includes(this.me) ?? false;
        if (meant && (b.ev === "left" || b.ev === "kicked"))
            this.gone.value = true;
        if (meant && b.ev === "joined")
            this.gone.value = false;
        if (b.ev === "renamed" && b.title !== undefined)
            return { ...line, title: b.title };
        if (meant && b.ev === "role" && b.role !== undefined)
            return { ...line, role: b.role };
        return line;
    }
}
