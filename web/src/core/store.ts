import { computed, signal } from "../../vendor/signals-core.js";
import { Conversation } from "./conversation.js";
import { Pins } from "./pins.js";
import type { Clock, Shelf } from "./ports.js";
import { Typists } from "./typing.js";
import type { Head } from "./wire.js";

const LIMITS: Record<string, number> = { text_chars: 100_000 };

/** Everything the page shows, as signals. */
export class Store {
  /** Our own id; empty while signed out. */
  me = "";
  readonly conversations = signal<ReadonlyMap<string, Conversation>>(new Map());
  /** {user: name}, of all the people met so far. */
  readonly names = signal<ReadonlyMap<string, string>>(new Map());
  /** {user: hue}, of those who are known to have chosen one. */
  readonly colours = signal<ReadonlyMap<string, string>>(new Map());
  /** All and only the watched users who are online now. */
  readonly online = signal<ReadonlySet<string>>(new Set());
  readonly limits = signal(LIMITS);
  /** Rises when contacts, blocks or the list changed: what shows them reads them again. */
  readonly moved = signal(0);
  /** The list has been read at least once. */
  readonly synced = signal(false);

  readonly typists: Typists;

  readonly pins: Pins;

  /** Pinned ones on top, then the newest first. */
  readonly list = computed(() => {
    const pins = this.pins.all.value;
    const pinned = ({ key }: Conversation): number => (pins.has(key) ? 1 : 0);
    return [...this.conversations.value.values()].sort(
      (one, other) => pinned(other) - pinned(one) || stamp(other) - stamp(one),
    );
  });

  constructor(clock: Clock, shelf: Shelf) {
    this.typists = new Typists(clock);
    this.pins = new Pins(shelf);
  }

  get(c: string): Conversation | null {
    return this.conversations.value.get(c) ?? null;
  }

  add(head: Head): Conversation {
    const conversation = new Conversation(head, this.me);
    this.conversations.value = new Map(this.conversations.value).set(head.c, conversation);
    return conversation;
  }

  /** A conversation with somebody we have not written to yet; it begins with the first message. */
  begin(u: string, name: string): Conversation {
    this.named([[u, name]]);
    const there = [...this.conversations.value.values()].find((one) => one.line.value.u === u);
    if (there !== undefined) return there;
    const none = { head: 0, n: 0, nread: 0, read: 0, recv: 0, mine: 0 };
    return this.add({ c: `to:${u}`, kind: "direct", title: name, role: "member", u, ...none });
  }

  drop(c: string): void {
    const rest = new Map(this.conversations.value);
    if (rest.delete(c)) this.conversations.value = rest;
  }

  named(people: Iterable<readonly [string, string]>): void {
    const names = new Map(this.names.value);
    for (const [u, name] of people) names.set(u, name);
    this.names.value = names;
  }

  /** The hues of people; undefined for the one that follows from the id. */
  tinted(people: Iterable<readonly [string, string | undefined]>): void {
    const colours = new Map(this.colours.value);
    for (const [u, colour] of people) {
      if (colour === undefined) colours.delete(u);
      else colours.set(u, colour);
    }
    this.colours.value = colours;
  }

  /** When a watched user who is away was here last, as far as we are told: UTC ms. */
  readonly seen = signal<ReadonlyMap<string, number>>(new Map());

  present(u: string, on: boolean, seen = 0): void {
    if (seen > 0 && this.seen.value.get(u) !== seen) {
      this.seen.value = new Map(this.seen.value).set(u, seen);
    }
    if (this.online.value.has(u) === on) return;
    const online = new Set(this.online.value);
    if (on) online.add(u);
    else online.delete(u);
    this.online.value = online;
  }

  forget(): void {
    this.me = "";
    this.conversations.value = new Map();
    this.names.value = new Map();
    this.colours.value = new Map();
    this.online.value = new Set();
    this.seen.value = new Map();
    this.synced.value = false;
    this.typists.forget();
    this.pins.forget();
  }
}

/** When something last happened there, in the user's eyes. */
function stamp(conversation: Conversation): number {
  const waiting = conversation.pending.value.at(-1)?.at ?? 0;
  // A conversation just begun stands on top until it has something in it.
  const begun = conversation.real ? 0 : Number.MAX_SAFE_INTEGER;
  return Math.max(conversation.line.value.last?.ts ?? begun, waiting);
}
