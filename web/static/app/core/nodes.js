const TTL_MS = 60_000;
/** Nobody waits longer for the list: by the page's own address one gets in as well. */
const PATIENCE_MS = 3_000;
/** So many failures in a row, and the next one is tried. */
const FAILURES = 2;
/**
 * Which node the socket goes to: the user's home, where the user's other devices are, and the next
 * of the list when that one fails. After the last one it is the page's own address.
 */
export class Nodes {
    http;
    clock;
    /** The best first. */
    #urls = [];
    #asked_ms = Number.NEGATIVE_INFINITY;
    /** {address: its failures since it last worked or came into the list}; null is the page's own. */
    #failures = new Map();
    #chosen = null;
    constructor(http, clock) {
        this.http = http;
        this.clock = clock;
    }
    /** The address to try now; null is the page's own. */
    async choose(token) {
        if (this.clock.steady() - this.#asked_ms > TTL_MS)
            await this.#ask(token);
        const all = [...this.#urls, null];
        // When all of them have failed it may be the network: from the beginning.
        if (all.every((url) => this.#hasFailed(url)))
            this.#failures.clear();
        this.#chosen = all.find((url) => !this.#hasFailed(url)) ?? null;
        return this.#chosen;
    }
    /** The chosen one took us. */
    worked() {
        this.#failures.delete(this.#chosen);
    }
    /** The chosen one did not, or broke off: who knows which ones there are now. */
    failed() {
        this.#failures.set(this.#chosen, (this.#failures.get(this.#chosen) ?? 0) + 1);
        this.#asked_ms = Number.NEGATIVE_INFINITY;
    }
    #hasFailed(url) {
        return (this.#failures.get(url) ?? 0) >= FAILURES;
    }
    async #ask(token) {
        const headers = { authorization: `Bearer ${token}` };
        const asked = this.http("GET", "/v1/nodes", headers, undefined).catch(() => null);
        const late = new Promise((give) => this.clock.after(PATIENCE_MS, () => give(null)));
        const answer = await Promise.race([asked, late]);
        if (answer?.status !== 200)
            return; // what was known is as good as anything
        this.#asked_ms = this.clock.steady();
        this.#urls = answer.body.map(({ url }) => url);
        for (const url of this.#failures.keys()) {
            // One that went and comes back is as good as new.
            if (url !== null && !this.#urls.includes(url))
                this.#failures.delete(url);
        }
    }
}
