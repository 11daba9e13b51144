import type { Account } from "./account.js";
import type { Outbox } from "./outbox.js";
import { Refused } from "./requests.js";
import type { Store } from "./store.js";

/** Somebody, as others see them. */
export interface Found {
  id: string;
  name: string;
  display: string;
  /** hue-0 to hue-11; absent on servers where nobody chooses one. */
  colour?: string;
}
export interface Profile extends Found {
  about: string;
}
export interface Me extends Profile {
  presence: string;
  /** Absent where the server does not ask. */
  write?: string;
  findable?: boolean;
}
export interface Device {
  id: string;
  label: string;
  created: number;
  seen: number;
  current: boolean;
}
export interface Contact extends Found {
  state: "asked" | "asks" | "mutual";
}
export interface Invite {
  id: string;
  by: string;
  created: number;
  expires: number;
}

/** A mute "until I say otherwise": far enough, and an exact number everywhere. */
export const FOR_EVER = 253_402_300_799_000;

/** The longest list that is read here, in pages. */
const MAX_PAGES = 25;

/** The server has no such part: what needs it is not shown. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Refused && (error.code === "unsupported" || error.code === "not_found");

/** Nobody has that name. */
export class NobodyOf extends Error {
  constructor(readonly name_: string) {
    super(`Nobody is called ${name_}.`);
  }
}

const part = encodeURIComponent;

/** People and what is one's own: profile, devices, contacts, blocks, mutes, links to groups. */
export class People {
  /** Users whose names were asked for, found or not. */
  readonly #asked = new Set<string>();

  constructor(
    private readonly account: Account,
    private readonly outbox: Outbox,
    private readonly store: Store,
  ) {}

  async search(text: string): Promise<Found[]> {
    const found = await this.account.ask<Found[]>("GET", `users?q=${part(text)}`);
    return found.filter((one) => one.id !== this.store.me);
  }

  async profile(u: string): Promise<Profile> {
    const profile = await this.account.ask<Profile>("GET", `users/${part(u)}`);
    this.store.tinted([[u, profile.colour]]);
    return profile;
  }

  /** Finds the name of somebody who is not among the members any more. */
  lookUp(u: string): void {
    if (u === "" || this.#asked.has(u) || this.store.names.peek().has(u)) return;
    this.#asked.add(u);
    // Who was here and is nobody now has no name: so the page shows a deleted account.
    this.account.ask<{ name: string }>("GET", `users/${part(u)}/name`).then(
      ({ name }) => this.store.named([[u, name]]),
      () => this.#asked.delete(u),
    );
  }

  async me(): Promise<Me> {
    return this.#own(await this.account.ask<Me>("GET", "me"));
  }

  async changeMe(change: Partial<Me>): Promise<Me> {
    return this.#own(await this.account.ask<Me>("PATCH", "me", change));
  }

  async renewRecovery(password: string): Promise<string[]> {
    const answer = await this.account.ask<{ recovery: string[] }>("POST", "me/recovery", {
      password,
    });
    return answer.recovery;
  }

  async deleteAccount(password: string): Promise<void> {
    await this.account.ask("DELETE", "me", { password });
  }

  async devices(): Promise<Device[]> {
    return await this.account.ask<Device[]>("GET", "devices");
  }

  async labelDevice(id: string, label: string): Promise<void> {
    await this.account.ask("PATCH", `devices/${part(id)}`, { label });
  }

  async revokeDevice(id: string): Promise<void> {
    await this.account.ask("DELETE", `devices/${part(id)}`);
  }

  async contacts(): Promise<Contact[]> {
    return await this.#all<Contact>("contacts");
  }

  async blocked(): Promise<Found[]> {
    return await this.#all<Found>("blocks");
  }

  async contact(u: string, what: "request" | "accept" | "remove"): Promise<void> {
    await this.outbox.change({ t: "contact", u, do: what });
  }

  async block(u: string, on: boolean): Promise<void> {
    await this.outbox.change({ t: on ? "block" : "unblock", u });
  }

  /** No notice of a conversation until then (UTC ms); 0 for notices again. */
  async mute(c: string, until: number): Promise<void> {
    await this.outbox.change({ t: "mute", c, until });
    const conversation = this.store.get(c);
    if (conversation === null) return;
    const { mute: _, ...line } = conversation.line.peek();
    conversation.line.value = until > 0 ? { ...line, mute: until } : line;
  }

  async invites(c: string): Promise<Invite[]> {
    return await this.account.ask<Invite[]>("GET", `conversations/${part(c)}/invites`);
  }

  /** A new link to a group: its token, which is told this once. */
  async makeInvite(c: string, hours: number): Promise<string> {
    const path = `conversations/${part(c)}/invites`;
    return (await this.account.ask<{ token: string }>("POST", path, { hours })).token;
  }

  async revokeInvite(c: string, id: string): Promise<void> {
    await this.account.ask("DELETE", `conversations/${part(c)}/invites/${part(id)}`);
  }

  /** Joins by a link's token; the conversation. */
  async join(token: string): Promise<string> {
    return (await this.account.ask<{ c: string }>("POST", `invites/${part(token)}`)).c;
  }

  forget(): void {
    this.#asked.clear();
  }

  #own(me: Me): Me {
    this.store.tinted([[me.id, me.colour]]);
    return me;
  }

  async #all<T>(what: "contacts" | "blocks"): Promise<T[]> {
    const all: T[] = [];
    let after = "";
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const path = `${what}?after=${part(after)}`;
      const answer = await this.account.ask<Record<string, unknown>>("GET", path);
      all.push(...(answer[what] as T[]));
      if (typeof answer["after"] !== "string") break;
      after = answer["after"];
    }
    return all;
  }
}
