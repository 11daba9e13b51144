import { Refused } from "./requests.js";
/** A mute "until I say otherwise": far enough, and an exact number everywhere. */
export const FOR_EVER = 253_402_300_799_000;
/** The longest list that is read here, in pages. */
const MAX_PAGES = 25;
/** The server has no such part: what needs it is not shown. */
export const isMissing = (error) => error instanceof Refused && (error.code === "unsupported" || error.code === "not_found");
/** Nobody has that name. */
export class NobodyOf extends Error {
    name_;
    constructor(name_) {
        super(`Nobody is called ${name_}.`);
        this.name_ = name_;
    }
}
const part = encodeURIComponent;
/** People and what is one's own: profile, devices, contacts, blocks, mutes, links to groups. */
export class People {
    account;
    outbox;
    store;
    /** Users whose names were asked for, found or not. */
    #asked = new Set();
    constructor(account, outbox, store) {
        this.account = account;
        this.outbox = outbox;
        this.store = store;
    }
    async search(text) {
        const found = await this.account.ask("GET", `users?q=${part(text)}`);
        return found.filter((one) => one.id !== this.store.me);
    }
    async profile(u) {
        const profile = await this.account.ask("GET", `users/${part(u)}`);
        this.store.tinted([[u, profile.colour]]);
        return profile;
    }
    /** Finds the name of somebody who is not among the members any more. */
    lookUp(u) {
        if (u === "" || this.#asked.has(u) || this.store.names.peek().has(u))
            return;
        this.#asked.add(u);
        // Who was here and is nobody now has no name: so the page shows a deleted account.
        this.account.ask("GET", `users/${part(u)}/name`).then(({ name }) => this.store.named([[u, name]]), () => this.#asked.delete(u));
    }
    async me() {
        return this.#own(await this.account.ask("GET", "me"));
    }
    async changeMe(change) {
        return this.#own(await this.account.ask("PATCH", "me", change));
    }
    async renewRecovery(password) {
        const answer = await this.account.ask("POST", "me/recovery", {
            password,
        });
        return answer.recovery;
    }
    async deleteAccount(password) {
        await this.account.ask("DELETE", "me", { password });
    }
    async devices() {
        return await this.account.ask("GET", "devices");
    }
    async labelDevice(id, label) {
        await this.account.ask("PATCH", `devices/${part(id)}`, { label });
    }
    async revokeDevice(id) {
        await this.account.ask("DELETE", `devices/${part(id)}`);
    }
    async contacts() {
        return await this.#all("contacts");
    }
    async blocked() {
        return await this.#all("blocks");
    }
    async contact(u, what) {
        await this.outbox.change({ t: "contact", u, do: what });
    }
    async block(u, on) {
        await this.outbox.change({ t: on ? "block" : "unblock", u });
    }
    /** No notice of a conversation until then (UTC ms); 0 for notices again. */
    async mute(c, until) {
        await this.outbox.change({ t: "mute", c, until });
        const conversation = this.store.get(c);
        if (conversation === null)
            return;
        const { mute: _, ...line } = conversation.line.peek();
        conversation.line.value = until > 0 ? { ...line, mute: until } : line;
    }
    async invites(c) {
        return await this.account.ask("GET", `conversations/${part(c)}/invites`);
    }
    /** A new link to a group: its token, which is told this once. */
    async makeInvite(c, hours) {
        const path = `conversations/${part(c)}/invites`;
        return (await this.account.ask("POST", path, { hours })).token;
    }
    async revokeInvite(c, id) {
        await this.account.ask("DELETE", `conversations/${part(c)}/invites/${part(id)}`);
    }
    /** Joins by a link's token; the conversation. */
    async join(token) {
        return (await this.account.ask("POST", `invites/${part(token)}`)).c;
    }
    forget() {
        this.#asked.clear();
    }
    #own(me) {
        this.store.tinted([[me.id, me.colour]]);
        return me;
    }
    async #all(what) {
        const all = [];
        let after = "";
        for (let page = 0; page < MAX_PAGES; page += 1) {
            const path = `${what}?after=${part(after)}`;
            const answer = await this.account.ask("GET", path);
            all.push(...answer[what]);
            if (typeof answer["after"] !== "string")
                break;
            after = answer["after"];
        }
        return all;
    }
}
