import { Chain, type Departure, type Failure, type Item } from "./chain.js";
import type { Cancel, Clock, Random, Shelf } from "./ports.js";
import { Refused, type Requests } from "./requests.js";
import type { Ack, InFrame, Mutation, OutFrame } from "./wire.js";

/** Unsent changes of one conversation that we keep; past it the composer says so. */
const MAX_KEPT = 200;
/** The chain of changes that belong to no conversation. */
export const ME = "me";

export class OutboxFull extends Error {}

/** The chain a change is on: its conversation's, the person's it opens one with, or one's own. */
export function chainOf(what: Mutation): string {
  // One's own mutes, contacts and blocks are on one's own chain, whatever they are about.
  if (what.t === "mute") return ME;
  if ("c" in what) return what.c;
  return "to" in what ? `to:${what.to}` : ME;
}

interface Kept {
  chain: string;
  cid: number;
  what: Mutation;
  at: number;
  failure: Failure | null;
  label?: string;
}

export interface OutboxEvents {
  /** What waits or failed in that chain is other than it was. */
  onChange(chain: string): void;
  /** A message is in the log, as `ack.s`. */
  onSent(item: Item, ack: Ack): void;
  /** The first message to a person has made the conversation `c` of what was `to:...`. */
  onOpened(chain: string, c: string): void;
}

interface Awaited {
  resolve(frame: OutFrame): void;
  reject(error: Error): void;
}

/**
 * Every change that is not known to be committed: kept on the shelf until it is, so that a reload
 * loses nothing, sent in order, and sent again as the chain says.
 */
export class Outbox {
  readonly #chains = new Map<string, Chain>();
  /** {request id: what it carried}, of this socket only. */
  readonly #sent = new Map<number, { chain: string; key: string; attempt: number; cid: number }>();
  readonly #awaited = new Map<string, Awaited>();
  #prefix = "";
  #up = false;
  /** Before the first list nobody knows `mine`, and a resend would only be sent back. */
  #primed = false;
  #timer: Cancel | null = null;

  constructor(
    private readonly shelf: Shelf,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly requests: Requests,
    private readonly send: (frame: InFrame) => boolean,
    private readonly events: OutboxEvents,
  ) {}

  /** Takes up what this device kept, also what another tab added meanwhile. */
  load(device: string): void {
    this.#prefix = `hubbub/${device}/`;
    const touched = new Set<string>();
    for (const name of this.shelf.keys()) {
      if (!name.startsWith(`${this.#prefix}out/`)) continue;
      const key = name.slice(`${this.#prefix}out/`.length);
      const kept = parse(this.shelf.get(name));
      if (kept === null) {
        this.shelf.remove(name);
        continue;
      }
      const chain = this.#chain(kept.chain);
      if ([...chain.items, ...chain.failed].some((item) => item.key === key)) continue;
      const { chain: _, ...item } = kept;
      chain.restore({ key, ...item });
      touched.add(kept.chain);
    }
    for (const chain of touched) this.events.onChange(chain);
  }

  /** Signed out: what this device kept goes. */
  forget(): void {
    for (const name of this.shelf.keys()) {
      if (name.startsWith(this.#prefix)) this.shelf.remove(name);
    }
    this.#chains.clear();
    this.#primed = false;
    this.down();
  }

  /** What waits, then what failed, in that chain: messages only. */
  messages(chain: string): Item[] {
    const found = this.#chains.get(chain);
    if (found === undefined) return [];
    return [...found.failed, ...found.items].filter((item) => item.what.t === "send");
  }

  /** {person: name} of those whose first message from us is not in a log yet. */
  openings(): Map<string, string> {
    const people = new Map<string, string>();
    for (const name of this.#chains.keys()) {
      const [item] = this.messages(name);
      if (item !== undefined && "to" in item.what) people.set(item.what.to, item.label ?? "");
    }
    return people;
  }

  /**
   * Takes a change. It is on the shelf when this returns.
   *
   * Throws OutboxFull when too much waits already, and what the shelf throws when it has no room.
   */
  add(what: Mutation, label?: string): Item {
    const name = chainOf(what);
    const chain = this.#chain(name);
    if (chain.items.length + chain.failed.length >= MAX_KEPT) {
      throw new OutboxFull("Too many messages wait to be sent.");
    }
    const key = `${this.clock.now().toString(36)}${Math.floor(this.random() * 1e9).toString(36)}`;
    const item = chain.add(key, what, this.clock.now(), label);
    try {
      this.#keep(name, item);
    } catch (error) {
      chain.fail(item, { code: "full", text: "" });
      chain.discard(key);
      throw error;
    }
    this.events.onChange(name);
    this.#pump(name);
    return item;
  }

  /** Takes a change, and gives its answer. Rejects with Refused when it was refused for good. */
  change(what: Mutation): Promise<OutFrame> {
    const item = this.add(what);
    return new Promise((resolve, reject) => {
      this.#awaited.set(item.key, { resolve, reject });
    });
  }

  retry(chain: string, key: string): void {
    const item = this.#chain(chain).retry(key);
    if (item !== null) this.#keepAgain(chain, item);
    this.events.onChange(chain);
    this.#pump(chain);
  }

  discard(chain: string, key: string): void {
    if (this.#chain(chain).discard(key) !== null) this.#erase(key);
    this.events.onChange(chain);
  }

  /** The server's word on this device's last committed cid there. */
  learned(chain: string, mine: number): void {
    this.#chain(chain).learned(mine);
  }

  /** The person's conversation is known to be `c`: what was to open it goes there. */
  opened(opening: string, c: string): void {
    const old = this.#chains.get(opening);
    if (old === undefined) return;
    this.#chains.delete(opening);
    const chain = this.#chain(c);
    chain.absorb(old);
    for (const item of [...old.items, ...old.failed]) this.#keepAgain(c, item);
    this.shelf.remove(`${this.#prefix}used/${opening}`);
    for (const sent of this.#sent.values()) if (sent.chain === opening) sent.chain = c;
    this.events.onChange(c);
  }

  up(mine: number): void {
    this.#up = true;
    this.#chain(ME).learned(mine);
    for (const chain of this.#chains.values()) chain.reopened();
    this.#pumpAll();
  }

  /** The list is known, and `mine` of every conversation with it. */
  synced(): void {
    this.#primed = true;
    this.#pumpAll();
  }

  down(): void {
    this.#up = false;
    this.#sent.clear();
    this.#timer?.();
    this.#timer = null;
  }

  /** The server closed the socket over what we sent: the newest under way is to blame. */
  blame(failure: Failure): void {
    let newest: { name: string; item: Item } | null = null;
    for (const { chain: name, key } of this.#sent.values()) {
      const item = this.#chain(name).items.find((one) => one.key === key);
      if (item !== undefined) newest = { name, item };
    }
    if (newest !== null) this.#failed(newest.name, newest.item, failure);
  }

  /** True when the frame answers one of our changes. */
  heard(frame: OutFrame): boolean {
    if (!("re" in frame) || frame.re === undefined) return false;
    const sent = this.#sent.get(frame.re);
    if (sent === undefined) return false;
    this.#sent.delete(frame.re);
    const chain = this.#chain(sent.chain);
    if (frame.t === "err") {
      const failure = { code: frame.code, text: frame.msg };
      const context = {
        last: frame.last ?? null,
        retry_ms: frame.retry ?? null,
        now_ms: this.clock.steady(),
      };
      const failed = chain.refused(sent.key, sent.attempt, failure, context);
      if (failed !== null) {
        this.#failed(sent.chain, failed, failure);
      } else {
        const item = chain.items.find((one) => one.key === sent.key);
        if (item !== undefined && item.cid !== sent.cid) this.#keepAgain(sent.chain, item);
      }
    } else {
      this.#committed(sent.chain, chain.acked(sent.key, sent.cid), frame);
    }
    this.#pump(sent.chain);
    return true;
  }

  #committed(name: string, item: Item | null, frame: OutFrame): void {
    if (item === null) return;
    this.#erase(item.key);
    let now = name;
    if (frame.t === "ack") {
      if (name.startsWith("to:")) {
        this.opened(name, frame.c);
        this.events.onOpened(name, frame.c);
        now = frame.c;
        this.#pump(now);
      }
      this.events.onSent(item, frame);
    }
    this.events.onChange(now);
    this.#awaited.get(item.key)?.resolve(frame);
    this.#awaited.delete(item.key);
  }

  #failed(name: string, item: Item, failure: Failure): void {
    const chain = this.#chain(name);
    if (item.failure === null) chain.fail(item, failure);
    if (item.what.t === "send") {
      this.#keepAgain(name, item);
    } else {
      // Nobody is shown a change of a group that failed before a reload: there is nothing to retry.
      chain.discard(item.key);
      this.#erase(item.key);
      this.#awaited.get(item.key)?.reject(new Refused(failure.code, failure.text));
      this.#awaited.delete(item.key);
    }
    this.events.onChange(name);
  }

  #chain(name: string): Chain {
    let chain = this.#chains.get(name);
    if (chain === undefined) {
      chain = new Chain(Number(this.shelf.get(`${this.#prefix}used/${name}`) ?? 0), 0);
      this.#chains.set(name, chain);
    }
    return chain;
  }

  #pumpAll(): void {
    for (const name of this.#chains.keys()) this.#pump(name);
  }

  #pump(name: string): void {
    if (!this.#up || !this.#primed) return;
    const chain = this.#chain(name);
    for (const departure of chain.departures(this.clock.steady())) this.#depart(name, departure);
    this.#schedule();
  }

  #depart(name: string, { item, cid, prev, attempt }: Departure): void {
    const id = this.requests.newId();
    this.#sent.set(id, { chain: name, key: item.key, attempt, cid });
    this.send({ ...item.what, id, cid, prev });
  }

  #schedule(): void {
    this.#timer?.();
    const now_ms = this.clock.steady();
    const dues = [...this.#chains.values()]
      .map((chain) => chain.due_ms(now_ms))
      .filter((due) => due !== null);
    this.#timer =
      dues.length === 0
        ? null
        : this.clock.after(Math.max(0, Math.min(...dues) - now_ms), () => this.#due());
  }

  #due(): void {
    for (const chain of this.#chains.values()) chain.tick(this.clock.steady());
    this.#pumpAll();
  }

  #keep(chain: string, { key, ...item }: Item): void {
    const kept: Kept = { chain, ...item };
    this.shelf.set(`${this.#prefix}out/${key}`, JSON.stringify(kept));
    this.shelf.set(`${this.#prefix}used/${chain}`, String(this.#chain(chain).used));
  }

  /** Keeps an item's new state; without room for it the old one stays, which is safe to resend. */
  #keepAgain(chain: string, item: Item): void {
    try {
      this.#keep(chain, item);
    } catch {
      // A reload will find the state before, and the server knows what became of it.
    }
  }

  #erase(key: string): void {
    this.shelf.remove(`${this.#prefix}out/${key}`);
  }
}

function parse(text: string | null): Kept | null {
  try {
    const kept = JSON.parse(text ?? "null") as Kept | null;
    return kept !== null && typeof kept.chain === "string" && Number.isInteger(kept.cid)
      ? kept
      : null;
  } catch {
    return null;
  }
}
