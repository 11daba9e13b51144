import type { Mutation } from "./wire.js";

/** Unacknowledged at once in one conversation; the server takes no more either. */
export const MAX_FLYING = 16;
/** Without an answer for so long, it is sent again. */
export const SILENCE_MS = 10_000;

/** Refusals after which nothing was used up, or which no retry of ours can mend. */
const RETRIED = new Set(["unavailable", "rate_limited", "unauthenticated"]);
const RETRY_MS = 1_000;

export interface Failure {
  code: string;
  text: string;
}

/** One change on its way. */
export interface Item {
  /** Stays the same when the item takes a fresh cid. */
  readonly key: string;
  cid: number;
  what: Mutation;
  /** When the user made it: UTC, in ms. */
  readonly at: number;
  failure: Failure | null;
  /** What the user knows it by, where `what` holds an id only. */
  readonly label?: string;
}

interface Flight {
  attempt: number;
  sent_ms: number;
}

/** What to put on the wire, and how its answer is recognised. */
export interface Departure {
  item: Item;
  cid: number;
  prev: number;
  attempt: number;
}

/**
 * The chain of one device's changes in one conversation: which cid each has, which may be sent
 * now, and what an answer means. No I/O and no clock: time comes in as an argument.
 *
 *     waiting --departures()--> flying --acked()--> gone
 *        ^                        |------ definite refusal --> failed --retry()--> waiting
 *        '--- resend, silence, a new socket, unavailable ----'
 */
export class Chain {
  /** In the order of their cids; failed ones are no longer part of the chain. */
  items: Item[] = [];
  failed: Item[] = [];
  /** The highest cid ever given away here. */
  used: number;
  /** The last cid the server is known to have accepted. */
  #base: number;
  readonly #flights = new Map<string, Flight>();
  #attempt = 0;
  #paused_until_ms = 0;
  /** The `last` of a `resend` that already sent us back once. */
  #sentBackTo: number | null = null;

  constructor(used: number, mine: number) {
    this.used = Math.max(used, mine);
    this.#base = mine;
  }

  get empty(): boolean {
    return this.items.length === 0 && this.failed.length === 0;
  }

  /** The server's word on this device's last committed cid. */
  learned(mine: number): void {
    this.#base = Math.max(this.#base, mine);
    this.used = Math.max(this.used, mine);
  }

  add(key: string, what: Mutation, at: number, label?: string): Item {
    const item = { key, cid: this.#fresh(), what, at, failure: null, ...(label && { label }) };
    this.items.push(item);
    return item;
  }

  /** An item kept from before a reload. */
  restore(item: Item): void {
    this.used = Math.max(this.used, item.cid);
    if (item.failure !== null) this.failed.push(item);
    else this.#insert(item);
  }

  /** Takes over another chain, which turned out to be the same conversation's. */
  absorb(other: Chain): void {
    this.used = Math.max(this.used, other.used);
    this.#base = Math.max(this.#base, other.#base);
    for (const [key, flight] of other.#flights) this.#flights.set(key, flight);
    for (const item of [...other.items, ...other.failed]) this.restore(item);
  }

  /** What may be sent now; each counts as flying from here on. */
  departures(now_ms: number): Departure[] {
    if (now_ms < this.#paused_until_ms) return [];
    const leaving: Departure[] = [];
    let before = 0;
    let flying = this.#flights.size;
    for (const item of this.items) {
      const prev = item.cid > this.#base ? Math.max(this.#base, before) : before;
      before = item.cid;
      if (this.#flights.has(item.key)) continue;
      if (flying >= MAX_FLYING) break;
      flying += 1;
      this.#attempt += 1;
      this.#flights.set(item.key, { attempt: this.#attempt, sent_ms: now_ms });
      leaving.push({ item, cid: item.cid, prev, attempt: this.#attempt });
    }
    return leaving;
  }

  /** When something is to be done next without an answer; null when nothing is. */
  due_ms(now_ms: number): number | null {
    if (this.items.length === 0) return null;
    if (this.#paused_until_ms > now_ms) return this.#paused_until_ms;
    const sent = [...this.#flights.values()].map((flight) => flight.sent_ms + SILENCE_MS);
    return sent.length > 0 ? Math.min(...sent) : now_ms;
  }

  /** Time has passed: what has flown too long is to be sent again, with all behind it. */
  tick(now_ms: number): void {
    for (const { sent_ms } of this.#flights.values()) {
      if (sent_ms + SILENCE_MS <= now_ms) {
        this.#flights.clear();
        return;
      }
    }
  }

  /** A new socket: nothing is under way any more, and no pause holds. */
  reopened(): void {
    this.#flights.clear();
    this.#paused_until_ms = 0;
    this.#sentBackTo = null;
  }

  /** It is committed, as `cid`. Returns the item, or null when that was known. */
  acked(key: string, cid: number): Item | null {
    this.learned(cid);
    this.#sentBackTo = null;
    return this.#take((item) => item.key === key);
  }

  /** An answer to that attempt refuses it. Returns the item when it has failed for good. */
  refused(
    key: string,
    attempt: number,
    failure: Failure,
    { last, retry_ms, now_ms }: { last: number | null; retry_ms: number | null; now_ms: number },
  ): Item | null {
    const item = this.items.find((one) => one.key === key);
    if (item === undefined || this.#flights.get(key)?.attempt !== attempt) return null;
    if (RETRIED.has(failure.code)) {
      this.#flights.clear();
      this.#paused_until_ms = now_ms + (retry_ms ?? RETRY_MS);
      return null;
    }
    switch (failure.code) {
      case "resend": {
        const to = last ?? this.#base;
        this.#base = to;
        this.#flights.clear();
        // Sent back to the same place twice running: something is under way there, give it time.
        if (this.#sentBackTo === to) this.#paused_until_ms = now_ms + (retry_ms ?? RETRY_MS);
        this.#sentBackTo = to;
        return null;
      }
      case "cid_old":
      case "cid_used":
        this.#flights.delete(key);
        this.learned(last ?? this.#base);
        this.#take((one) => one === item);
        item.cid = this.#fresh();
        this.items.push(item);
        return null;
      default:
        this.fail(item, failure);
        return item;
    }
  }

  fail(item: Item, failure: Failure): void {
    this.#take((one) => one === item);
    item.failure = failure;
    this.failed.push(item);
  }

  /** The user wants a failed one sent after all. */
  retry(key: string): Item | null {
    const item = this.#takeFailed(key);
    if (item === null) return null;
    // After `internal` it may have been committed: under its own cid it cannot commit twice.
    if (item.failure?.code !== "internal") item.cid = this.#fresh();
    item.failure = null;
    this.#insert(item);
    return item;
  }

  /** The user does not want it any more. */
  discard(key: string): Item | null {
    return this.#takeFailed(key);
  }

  #fresh(): number {
    this.used += 1;
    return this.used;
  }

  #insert(item: Item): void {
    this.items.push(item);
    this.items.sort((one, other) => one.cid - other.cid);
  }

  #take(is: (item: Item) => boolean): Item | null {
    const index = this.items.findIndex(is);
    const item = this.items[index];
    if (item === undefined) return null;
    this.items.splice(index, 1);
    this.#flights.delete(item.key);
    return item;
  }

  #takeFailed(key: string): Item | null {
    const index = this.failed.findIndex((item) => item.key === key);
    const item = this.failed[index];
    if (item === undefined) return null;
    this.failed.splice(index, 1);
    return item;
  }
}
