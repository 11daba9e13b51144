import { Lane } from "./lane.js";
import { Log } from "./log.js";
import { seqAt } from "./moment.js";
const PAGE = 50;
/** Pages and members asked for at once; the rest wait. */
const QUESTIONS_AT_ONCE = 4;
/** A jump loads so many around where it leads. */
const AROUND = 60;
const WAIT_MS = 50;
/** Long texts make short pages: so many for one jump, at most. */
const MOST_PAGES = 8;
/** Reads what was said before: page by page, or wherever the reader wants to go. */
export class History {
    requests;
    clock;
    /** Where every question about a conversation waits for its turn. */
    lane;
    constructor(requests, clock) {
        this.requests = requests;
        this.clock = clock;
        this.lane = new Lane(clock, QUESTIONS_AT_ONCE);
    }
    async page(asked) {
        return (await this.lane.run(() => this.requests.ask({ t: "hist", ...asked })));
    }
    /** The page before what is read. */
    async older(conversation) {
        const { c, place, loading } = conversation;
        if (loading.value || place.complete || !conversation.real)
            return;
        loading.value = true;
        try {
            const page = await this.page({ c, before: place.from + 1, limit: PAGE });
            // The reader may have gone elsewhere meanwhile; the page is that part's all the same.
            place.backward(page);
            conversation.grew(conversation.place === place);
        }
        finally {
            loading.value = false;
        }
    }
    /** The page after what is read, while that is an earlier part of the log. */
    async newer(conversation) {
        const { c, place, log, loading } = conversation;
        if (loading.value || place === log)
            return;
        loading.value = true;
        try {
            const page = await this.page({ c, after: place.last, limit: PAGE });
            place.forward(page);
            conversation.grew();
            // What lies between is not for us.
            if (page.to <= place.last && !page.more && page.msgs.length === 0)
                conversation.leave();
        }
        finally {
            loading.value = false;
        }
    }
    /** Brings the message `s` before the reader. False when it is not here, or not for us. */
    async reach(conversation, s) {
        const { log, place } = conversation;
        const here = [place, log].find((part) => part.from < s && s <= part.last);
        const part = here ?? (await this.#around(conversation, s));
        if (!conversation.open)
            return false;
        // A message that is hidden or gone has others after it, where the reader may begin.
        if (part === null || part.from >= s || part.entries.every((entry) => entry.s < s))
            return false;
        conversation.visit(part, s);
        return part.at(s) !== null;
    }
    /** Brings the first message at or after a moment before the reader; false when there is none. */
    async reachMoment(conversation, ts) {
        const { c } = conversation;
        const head = conversation.line.peek().head;
        const s = await seqAt(ts, head, (after) => this.page({ c, after, limit: 1 }));
        if (s === null)
            return false;
        await this.reach(conversation, s);
        return true;
    }
    /** Reads a message that is quoted, and lies before what is loaded. */
    async glimpse(conversation, s) {
        const { c, quoted } = conversation;
        if (quoted.value.has(s))
            return;
        quoted.value = new Map(quoted.value).set(s, null);
        const page = await this.page({ c, at: s });
        const entry = page.msgs.find((one) => one.s === s) ?? null;
        quoted.value = new Map(quoted.value).set(s, entry);
    }
    /** The whole text of a message that came cut. */
    async whole(conversation, s) {
        const page = await this.page({ c: conversation.c, at: s });
        const entry = page.msgs.find((one) => one.s === s);
        if (entry === undefined)
            return;
        conversation.log.whole(entry);
        conversation.place.whole(entry);
        conversation.grew();
    }
    /** A part of the log with `s` in the middle; null when somebody else loads all the while. */
    async #around(conversation, s) {
        const { c, loading, line } = conversation;
        while (loading.value)
            await new Promise((on) => this.clock.after(WAIT_MS, on));
        loading.value = true;
        try {
            const part = new Log(Math.min(s + AROUND, line.peek().head));
            for (let pages = 0; part.from >= s && !part.complete && pages < MOST_PAGES; pages += 1) {
                part.backward(await this.page({ c, before: part.from + 1, limit: 2 * AROUND }));
            }
            return part;
        }
        finally {
            loading.value = false;
        }
    }
}
