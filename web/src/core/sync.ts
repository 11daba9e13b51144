import type { Conversation } from "./conversation.js";
import type { History } from "./history.js";
import type { Outbox } from "./outbox.js";
import type { Cancel, Clock } from "./ports.js";
import type { Receipts } from "./receipts.js";
import { Refused, type Requests, Unanswered } from "./requests.js";
import type { Store } from "./store.js";
import type { ConvFrame, Entry, Head, Heads, OutFrame, ShortHead } from "./wire.js";

const GAP_MS = 1_000;
const AGAIN_MS = 300;
const RETRY_MS = 2_000;
const PAGE = 50;
/** Further behind than this, the middle is left to scrolling. */
const FAR = 300;

/** What the rest of the page wants to know of a sync. */
export interface SyncEvents {
  /** The list is read; everything in it is known or being read. */
  onSynced(): void;
  /** What `to:...` began turned out to exist already, as `c`. */
  onOpened(opening: string, c: string): void;
}

/** Keeps the store in step with the server: list, pushed entries, gaps, older pages. */
export class Sync {
  #lv = 0;
  /** Rises with every socket that goes. */
  #turn = 0;
  #pulls = 0;
  #again: Cancel | null = null;
  /** {conversation: up to which seq it is being read}. */
  readonly #reading = new Map<string, number>();
  readonly #gaps = new Map<string, Cancel>();

  constructor(
    private readonly requests: Requests,
    private readonly store: Store,
    private readonly outbox: Outbox,
    private readonly receipts: Receipts,
    private readonly history: History,
    private readonly clock: Clock,
    private readonly events: SyncEvents,
  ) {}

  /** A socket is up: read what changed meanwhile. */
  up(): void {
    this.#pulls += 1;
    void this.#pull(this.#pulls);
  }

  down(): void {
    this.#turn += 1;
    this.#pulls += 1;
    this.#again?.();
    this.#again = null;
    for (const cancel of this.#gaps.values()) cancel();
    this.#gaps.clear();
    this.#reading.clear();
  }

  forget(): void {
    this.down();
    this.#lv = 0;
  }

  heard(frame: OutFrame): void {
    switch (frame.t) {
      case "msg":
        this.deliver(frame);
        break;
      case "behind":
        for (const [c, head] of Object.entries(frame.convs)) {
          const conversation = this.store.get(c);
          if (conversation === null) this.#soon(AGAIN_MS);
          else void this.#catchUp(conversation, head);
        }
        break;
      case "rcpt": {
        const conversation = this.store.get(frame.c);
        conversation?.receipts(frame.recv ?? {}, frame.read ?? {});
        const mine = frame.read?.[this.store.me];
        if (mine !== undefined) conversation?.readUpTo(mine);
        break;
      }
      case "typing":
        if (frame.u !== this.store.me) this.store.typists.heard(frame.c, frame.u);
        break;
      case "list":
        this.store.moved.value = Math.max(this.store.moved.value, frame.lv);
        if (frame.lv > this.#lv) this.#soon(0);
        break;
      case "pres":
        this.store.present(frame.u, frame.st === "on", frame.seen);
        break;
      default:
        break;
    }
  }

  /** An entry as it happened: pushed, or our own that was acknowledged. */
  deliver(entry: Entry): void {
    const conversation = this.store.get(entry.c);
    if (conversation === null) {
      this.#soon(AGAIN_MS);
      return;
    }
    if (entry.b.k === "text") this.store.typists.stopped(entry.c, entry.from);
    this.#arrived(conversation, conversation.log.take(entry));
    if (conversation.log.gap && !this.#gaps.has(entry.c)) {
      const cancel = this.clock.after(GAP_MS, () => {
        this.#gaps.delete(entry.c);
        if (conversation.log.gap) void this.#catchUp(conversation, conversation.log.seen);
      });
      this.#gaps.set(entry.c, cancel);
    }
  }

  /** Who is in it, and how far they have read. */
  async members(c: string): Promise<void> {
    const frame = (await this.history.lane.run(() =>
      this.requests.ask({ t: "conv", c }),
    )) as ConvFrame;
    this.store.named(frame.members.map(({ u, name }) => [u, name] as const));
    this.store.tinted(frame.members.map(({ u, colour }) => [u, colour] as const));
    const conversation = this.store.get(c);
    if (conversation !== null) conversation.members.value = frame.members;
  }

  /** Reads the list again before long. */
  #soon(ms: number): void {
    if (this.#again !== null) return;
    this.#again = this.clock.after(ms, () => {
      this.#again = null;
      this.up();
    });
  }

  async #pull(pull: number): Promise<void> {
    try {
      const part = (frame: OutFrame): void => {
        if (pull === this.#pulls && frame.t === "heads") this.#take(frame);
      };
      const last = await this.requests.ask({ t: "sync", lv: this.#lv }, part);
      if (pull !== this.#pulls) return;
      part(last);
      if (last.t === "heads") this.#lv = last.lv;
    } catch (error) {
      // Without a socket the next one begins anew; else ask again in a moment.
      const wait_ms = error instanceof Refused ? (error.retry_ms ?? RETRY_MS) : RETRY_MS;
      if (pull === this.#pulls) this.#soon(wait_ms);
      return;
    }
    this.store.synced.value = true;
    this.events.onSynced();
  }

  #take(page: Heads): void {
    for (const entry of page.convs) {
      if (Array.isArray(entry)) this.#unchanged(entry);
      else this.#changed(entry);
    }
    for (const { c } of page.gone ?? []) {
      const conversation = this.store.get(c);
      if (conversation !== null) conversation.gone.value = true;
    }
  }

  #changed(head: Head): void {
    const old = this.store.get(head.c);
    const conversation = old ?? this.store.add(head);
    if (old !== null) {
      old.update(head);
      if (head.head > old.log.last) void this.#catchUp(old, head.head);
    }
    if (head.u !== undefined) {
      this.store.named([[head.u, head.title]]);
      this.store.tinted([[head.u, head.colour]]);
      const opening = `to:${head.u}`;
      if (this.store.get(opening) !== null || this.outbox.messages(opening).length > 0) {
        this.outbox.opened(opening, head.c);
        this.events.onOpened(opening, head.c);
      }
    }
    this.outbox.learned(head.c, head.mine);
    conversation.waits(this.outbox.messages(head.c));
    this.receipts.heard(head.c, head.recv, head.read);
    this.receipts.received(head.c, conversation.log.last);
  }

  #unchanged([c, head, n]: ShortHead): void {
    const conversation = this.store.get(c);
    if (conversation === null) {
      // Its whole line was in an answer that never came to its end.
      this.#lv = 0;
      this.#soon(AGAIN_MS);
      return;
    }
    const line = conversation.line.value;
    if (head > line.head) conversation.line.value = { ...line, head, n };
    if (head > conversation.log.last) void this.#catchUp(conversation, head);
  }

  #arrived(conversation: Conversation, fresh: Entry[]): void {
    if (fresh.length === 0) return;
    conversation.arrived(fresh);
    conversation.trim();
    this.receipts.received(conversation.c, conversation.log.last);
    const changed = fresh.some((entry) => entry.b.k === "system");
    if (changed && conversation.members.value !== null) {
      this.members(conversation.c).catch(() => undefined);
    }
  }

  /** Reads forward until `head` is reached. */
  async #catchUp(conversation: Conversation, head: number): Promise<void> {
    const { c, log } = conversation;
    const under_way = this.#reading.get(c);
    this.#reading.set(c, Math.max(under_way ?? 0, head));
    if (under_way !== undefined) return;
    const turn = this.#turn;
    try {
      if (head - log.last > FAR) {
        log.restart(head);
        const page = await this.history.page({ c, before: head + 1, limit: PAGE });
        log.backward(page);
        this.#arrived(conversation, [...log.entries]);
      }
      while (turn === this.#turn && log.last < (this.#reading.get(c) ?? 0)) {
        const after = log.last;
        const page = await this.history.page({ c, after, limit: PAGE * 2 });
        this.#arrived(conversation, log.forward(page));
        // Hidden entries are left out, but the range moves on over them; without that, give up.
        if (log.last === after) break;
      }
      conversation.grew();
    } catch (error) {
      if (!(error instanceof Unanswered) && turn === this.#turn) this.#soon(RETRY_MS);
    } finally {
      if (turn === this.#turn) this.#reading.delete(c);
    }
  }
}
