import { signal } from "../../vendor/signals-core.js";
import { Refused } from "./requests.js";
const EARLY_MS = 20_000;
/** The part of a token's life after which a fresh one is fetched. */
const RENEW_AT = 0.8;
const RETRY_MS = 10_000;
/** On the shelf while somebody is signed in: without it the cookie need not be asked for. */
const HERE = "hubbub-here";
/** Answers that say nothing about the cookie: ask again later. */
const LATER = new Set(["unavailable", "rate_limited", "internal"]);
/**
 * Who is signed in here. The access token is in memory only; what outlives a reload is a cookie
 * that scripts cannot read, and that the server turns into a fresh access token.
 */
export class Account {
    world;
    events;
    who = signal(undefined);
    #device = "";
    #access = null;
    #expires_ms = 0;
    #renewal = null;
    /** The fetch of a fresh token that is under way, which all who need one share. */
    #refreshing = null;
    #leaving = null;
    constructor(world, events) {
        this.world = world;
        this.events = events;
    }
    device() {
        return this.#device;
    }
    /** A token that will live for a while; null when signed out. Rejects without a server. */
    async token() {
        const left_ms = this.#expires_ms - this.world.clock.steady();
        if (this.#access !== null && left_ms > EARLY_MS)
            return this.#access;
        return await this.refresh();
    }
    expired() {
        this.#access = null;
    }
    /** Is somebody signed in here? Rejects when the server cannot be asked. */
    async recall() {
        if (this.world.shelf.get(HERE) === null)
            this.#left();
        else
            await this.refresh();
    }
    /** A new account. Returns the codes that can recover it; they are told once only. */
    async register(name, password) {
        const answer = await this.#post("register", { name, password });
        return answer.body.recovery;
    }
    async login(name, password) {
        const answer = await this.#post("login", { name, password, device: this.world.label });
        this.#entered(answer.body);
    }
    /** Trades the cookie for a fresh token; null when there is no good one. */
    refresh() {
        this.#refreshing ??= this.world
            .exclusive(() => this.#refresh())
            .finally(() => {
            this.#refreshing = null;
        });
        return this.#refreshing;
    }
    /** Once at a time: the server hangs up on who signs out, and hanging up signs out, too. */
    logout() {
        this.#leaving ??= this.#logout().finally(() => {
            this.#leaving = null;
        });
        return this.#leaving;
    }
    async #logout() {
        const bearer = this.#access === null ? {} : { authorization: `Bearer ${this.#access}` };
        // Without a server the cookie stays, but this page forgets all the same.
        await this.#post("logout", {}, bearer).catch(() => undefined);
        this.#left();
    }
    /** A new password by a recovery code, which it uses up; every device is signed out. */
    async recover(name, code, password) {
        await this.#post("recover", { name, code, password });
    }
    /** One request as the one who is signed in. Rejects with Refused. */
    async ask(method, path, body) {
        const headers = {
            authorization: `Bearer ${(await this.token()) ?? ""}`,
            "x-hubbub-web": "1",
        };
        const answer = accepted(await this.world.http(method, `/v1/${path}`, headers, body));
        return answer.body;
    }
    /** This device or its account is no more: there is nothing left to sign out of. */
    ended() {
        this.#left();
    }
    /** The person of exactly that name; null when there is none. */
    async find(name) {
        const path = `users?q=${encodeURIComponent(name)}`;
        const found = await this.ask("GET", path);
        // A search finds by the beginning of a name too.
        const one = found.find((person) => folded(person.name) === folded(name));
        return one === undefined ? null : { id: one.id, name: one.display || one.name };
    }
    async #refresh() {
        let answer;
        try {
            answer = await this.#post("refresh", {});
        }
        catch (error) {
            if (!(error instanceof Refused) || LATER.has(error.code))
                throw error;
            this.#left();
            return null;
        }
        this.#entered(answer.body);
        return this.#access;
    }
    #entered({ user, device, access, expires_in }) {
        const renewed = this.who.value?.id === user.id && this.#device === device;
        const life_ms = expires_in * 1000;
        this.#device = device;
        this.#access = access;
        this.#expires_ms = this.world.clock.steady() + life_ms;
        this.#renewIn(life_ms * RENEW_AT);
        if (renewed) {
            this.events.onRenewed(access);
        }
        else {
            this.world.shelf.set(HERE, "1");
            this.who.value = user;
            this.events.onSignedIn(user, device);
        }
    }
    #renewIn(ms) {
        this.#renewal?.();
        this.#renewal = this.world.clock.after(ms, () => {
            this.refresh().catch(() => this.#renewIn(RETRY_MS));
        });
    }
    #left() {
        this.#renewal?.();
        this.#renewal = null;
        this.#access = null;
        this.world.shelf.remove(HERE);
        const was = this.who.value;
        this.who.value = null;
        if (was)
            this.events.onSignedOut();
    }
    async #post(what, body, headers = {}) {
        const all = { ...headers, "x-hubbub-web": "1" };
        return accepted(await this.world.http("POST", `/v1/${what}`, all, body));
    }
}
function accepted(answer) {
    if (answer.status < 400)
        return answer;
    const body = (answer.body ?? {});
    const code = body.code ?? (answer.status === 401 ? "unauthenticated" : "unavailable");
    throw new Refused(code, body.msg ?? `The server answered ${answer.status}.`, body.retry ?? null);
}
/** A name as the server compares it. */
function folded(name) {
    return name.trim().normalize("NFKC").toUpperCase().toLowerCase();
}
