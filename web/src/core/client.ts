import { effect, signal } from "../../vendor/signals-core.js";
import { Account, type Person } from "./account.js";
import { Connection, type Phase } from "./connection.js";
import type { Conversation } from "./conversation.js";
import { Drafts } from "./drafts.js";
import { History } from "./history.js";
import { Lane } from "./lane.js";
import { Nodes } from "./nodes.js";
import { Outbox } from "./outbox.js";
import { NobodyOf, People } from "./people.js";
import type { World } from "./ports.js";
import { Receipts } from "./receipts.js";
import { Refused, Requests } from "./requests.js";
import { Store } from "./store.js";
import { Sync } from "./sync.js";
import { Watching } from "./watching.js";
import type { Body, ConvFrame, Mutation, OutFrame, Role, Welcome } from "./wire.js";

/** With fewer entries than that a screen may not be full. */
const SCREENFUL = 30;

/**
 * The whole page without its looks: what the user does goes in here, what is to be shown comes
 * out of `store`, `account.who` and the signals below.
 */
export class Client {
  readonly store: Store;
  readonly drafts: Drafts;
  readonly people: People;
  readonly account: Account;
  readonly phase = signal<Phase>("off");
  /** The conversation on the screen. */
  readonly opened = signal<string | null>(null);
  readonly #requests: Requests;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #receipts: Receipts;
  readonly #sync: Sync;
  readonly #history: History;
  /** One name at a time: the server lets nobody try out many. */
  readonly #asking: Lane;
  readonly #watching: Watching;

  constructor(private readonly world: World) {
    const { clock, random, open, shelf } = world;
    this.store = new Store(clock, shelf);
    this.drafts = new Drafts(shelf);
    this.#asking = new Lane(clock, 1);
    this.account = new Account(world, {
      onSignedIn: (user, device) => this.#enter(user, device),
      onSignedOut: () => this.#leave(),
      onRenewed: (token) => void this.#requests.ask({ t: "auth", token }).catch(() => undefined),
    });
    this.#connection = new Connection(
      open,
      new Nodes(world.http, clock),
      clock,
      random,
      this.account,
      {
        onPhase: (phase) => this.#moved(phase),
        onWelcome: (frame) => this.#welcome(frame),
        onFrame: (frame) => this.#heard(frame),
        onDown: (code) => this.#down(code),
      },
    );
    this.#requests = new Requests((frame) => this.#connection.send(frame), clock);
    this.#receipts = new Receipts((frame) => this.#connection.send(frame), clock);
    this.#outbox = new Outbox(
      shelf,
      clock,
      random,
      this.#requests,
      (frame) => this.#connection.send(frame),
      {
        onChange: (chain) => this.#pending(chain),
        onOpened: (opening, c) => this.#became(opening, c),
        onSent: ({ what }, { c, cid, s, ts }) => {
          if (what.t !== "send") return;
          this.#sync.deliver({ c, s, ts, cid, from: this.store.me, b: what.b });
        },
      },
    );
    this.people = new People(this.account, this.#outbox, this.store);
    this.#history = new History(this.#requests, clock);
    const { store } = this;
    const history = this.#history;
    this.#sync = new Sync(this.#requests, store, this.#outbox, this.#receipts, history, clock, {
      onSynced: () => {
        for (const [u, name] of this.#outbox.openings()) this.#pending(this.store.begin(u, name).c);
        this.#outbox.synced();
        this.#receipts.up();
        this.open(this.opened.peek());
        this.#watchSoon();
      },
      onOpened: (opening, c) => this.#became(opening, c),
    });
    this.#watching = new Watching(this.store, clock, async (watch) => {
      await this.#requests.ask({ t: "watch", ...watch });
      // Receipts told between asking who is in it and watching it were not told to us.
      const open = this.opened.peek();
      if (open !== null && watch.convs.includes(open)) await this.#sync.members(open);
    });
    // The people and the conversation on the screen change: say so to the server.
    effect(() => {
      this.#watching.wanted(this.opened.value);
      this.#watchSoon();
    });
  }

  /** Is somebody signed in here? Asks until the server has said yes or no. */
  async start(): Promise<void> {
    try {
      await this.account.recall();
    } catch (error) {
      this.phase.value = "waiting";
      const wait_ms = error instanceof Refused ? (error.retry_ms ?? 2_000) : 2_000;
      this.world.clock.after(wait_ms, () => void this.start());
    }
  }

  /** The network is back, or the page is looked at again. */
  wake(): void {
    this.#connection.wake();
  }

  /** The page may be gone in a moment. */
  rest(): void {
    this.#receipts.hurry();
  }

  /** The user wants the connection again that was stopped. */
  resume(): void {
    this.#connection.start();
  }

  async signOut(): Promise<void> {
    await this.account.logout();
  }

  /** Brings a conversation onto the screen, or none. */
  open(c: string | null): void {
    const before = this.store.get(this.opened.peek() ?? "");
    if (before !== null && before.c !== c) {
      before.open = false;
      before.divider.value = null;
      before.leave();
      before.trim();
    }
    this.opened.value = c;
    const conversation = this.store.get(c ?? "");
    if (conversation === null) return;
    const begins = !conversation.open;
    if (begins && conversation.unread.peek() > 0) {
      conversation.divider.value = conversation.line.peek().read;
    }
    conversation.open = true;
    if (!conversation.real || this.phase.peek() !== "up") return;
    if (conversation.members.peek() === null) {
      this.#sync.members(conversation.c).catch(() => undefined);
    }
    const read = conversation.divider.peek();
    const { log, place } = conversation;
    if (place !== log) return;
    if (begins && read !== null && log.from > read) {
      // One begins where one left off, however long ago that was.
      const sought = conversation.seek(read);
      void this.#history
        .reach(conversation, read + 1)
        .catch(() => undefined)
        .then(() => {
          if (conversation.place === sought) this.toNewest(conversation);
        });
    } else if (log.entries.length < SCREENFUL) this.older(conversation);
  }

  older(conversation: Conversation): void {
    this.#history.older(conversation).catch(() => undefined);
  }

  newer(conversation: Conversation): void {
    this.#history.newer(conversation).catch(() => undefined);
  }

  /** Brings a message before the reader; false when it is not here any more, or not for us. */
  async reach(conversation: Conversation, s: number): Promise<boolean> {
    return await this.#history.reach(conversation, s);
  }

  /** The same for the first message at or after a moment: UTC, in ms. */
  async reachMoment(conversation: Conversation, ts: number): Promise<boolean> {
    return await this.#history.reachMoment(conversation, ts);
  }

  /** Back to the newest messages. */
  toNewest(conversation: Conversation): void {
    conversation.leave();
    if (conversation.log.entries.length < SCREENFUL) this.older(conversation);
  }

  glimpse(conversation: Conversation, s: number): void {
    this.#history.glimpse(conversation, s).catch(() => undefined);
  }

  whole(conversation: Conversation, s: number): void {
    this.#history.whole(conversation, s).catch(() => undefined);
  }

  /** The user sees everything up to `s`. */
  seen(conversation: Conversation, s: number): void {
    if (s <= conversation.line.peek().read || !conversation.real) return;
    conversation.readUpTo(s);
    this.#receipts.read(conversation.c, s);
  }

  /** Sends a text; throws OutboxFull, or what the browser says when its store is full. */
  say(conversation: Conversation, text: string, re_s?: number): void {
    this.#send(conversation, { k: "text", text, ...(re_s !== undefined && { re_s }) });
  }

  edit(conversation: Conversation, s: number, text: string): void {
    this.#send(conversation, { k: "edit", s, text });
  }

  /** The message goes, for everybody. */
  remove(conversation: Conversation, s: number): void {
    this.#send(conversation, { k: "delete", s });
  }

  /** Our reaction to it is this one; an empty one takes it back. */
  react(conversation: Conversation, s: number, emoji: string): void {
    this.#send(conversation, { k: "react", s, emoji });
  }

  /** The user is writing there. */
  typed({ c, real }: Conversation): void {
    if (real && this.phase.peek() === "up" && this.store.typists.due(c)) {
      this.#connection.send({ t: "typing", c });
    }
  }

  #send(conversation: Conversation, b: Body): void {
    const { u, title } = conversation.line.peek();
    if (conversation.real) this.#outbox.add({ t: "send", c: conversation.c, b });
    else if (u !== undefined) this.#outbox.add({ t: "send", to: u, b }, title);
  }

  retry(conversation: Conversation, key: string): void {
    this.#outbox.retry(conversation.c, key);
  }

  discard(conversation: Conversation, key: string): void {
    this.#outbox.discard(conversation.c, key);
  }

  /** The conversation with somebody that was found. */
  chatTo({ id, name, display }: { id: string; name: string; display?: string }): string {
    return this.store.begin(id, display || name).c;
  }

  /** The conversation with the person of that name. */
  async chatWith(name: string): Promise<string> {
    const { id, name: display } = await this.#person(name);
    return this.store.begin(id, display).c;
  }

  /** A new group of those people, and of those who have those names. */
  async createGroup(title: string, names: string[], ids: string[] = []): Promise<string> {
    const people = await Promise.all(names.map((name) => this.#person(name)));
    const members = [...new Set([...ids, ...people.map((person) => person.id)])];
    const frame = (await this.#outbox.change({ t: "create", title, members })) as ConvFrame;
    this.store.named(frame.members.map(({ u, name }) => [u, name] as const));
    this.store.tinted(frame.members.map(({ u, colour }) => [u, colour] as const));
    if (this.store.get(frame.c) === null) {
      const none = { head: 0, n: 0, nread: 0, read: 0, recv: 0, mine: 0 };
      this.store.add({ c: frame.c, kind: "group", title, role: "owner", ...none });
    }
    this.#sync.up();
    return frame.c;
  }

  async invite(c: string, names: string[], ids: string[] = []): Promise<void> {
    const people = await Promise.all(names.map((name) => this.#person(name)));
    const users = [...new Set([...ids, ...people.map((person) => person.id)])];
    await this.#change({ t: "invite", c, users });
  }

  /** Joins a group by its link; the conversation, whose line is on its way. */
  async join(token: string): Promise<string> {
    const c = await this.people.join(token);
    this.#sync.up();
    return c;
  }

  /** A stranger is let in: what they wrote is no request any more. */
  async letIn(conversation: Conversation): Promise<void> {
    const { u } = conversation.line.peek();
    if (u === undefined) return;
    await this.people.contact(u, "accept");
    const { request: _, ...line } = conversation.line.peek();
    conversation.line.value = line;
  }

  async kick(c: string, u: string): Promise<void> {
    await this.#change({ t: "kick", c, users: [u] });
  }

  async setRole(c: string, u: string, role: Role): Promise<void> {
    await this.#change({ t: "role", c, u, role });
  }

  async rename(c: string, title: string): Promise<void> {
    await this.#change({ t: "rename", c, title });
  }

  async leave(c: string): Promise<void> {
    await this.#outbox.change({ t: "leave", c });
    this.#sync.up();
  }

  async #change(what: Mutation & { c: string }): Promise<void> {
    await this.#outbox.change(what);
    // Who makes a change is told that it is done, not what it looks like in the log.
    this.#sync.up();
    await this.#sync.members(what.c).catch(() => undefined);
  }

  async #person(name: string): Promise<Person> {
    const person = await this.#asking.run(() => this.account.find(name));
    if (person === null) throw new NobodyOf(name);
    return person;
  }

  #enter(user: Person, device: string): void {
    this.store.me = user.id;
    this.store.named([[user.id, user.name]]);
    this.#outbox.load(device);
    this.drafts.load(device);
    this.store.pins.load(device);
    this.#connection.start();
  }

  #leave(): void {
    this.#connection.stop();
    this.#down(1000);
    this.#outbox.forget();
    this.drafts.forget();
    this.people.forget();
    this.#receipts.forget();
    this.#sync.forget();
    this.opened.value = null;
    this.store.forget();
  }

  #moved(phase: Phase): void {
    this.phase.value = phase;
    if (phase === "forbidden") this.account.ended();
  }

  #welcome(frame: Welcome): void {
    this.store.limits.value = { ...this.store.limits.peek(), ...frame.limits };
    this.store.online.value = new Set();
    this.#watching.anew();
    this.#outbox.load(frame.device);
    this.#outbox.up(frame.mine);
    this.#sync.up();
  }

  #heard(frame: OutFrame): void {
    if (this.#requests.heard(frame) || this.#outbox.heard(frame)) return;
    this.#sync.heard(frame);
  }

  #down(code: number): void {
    if (code === 1002 || code === 1007 || code === 1009) {
      const text = "The server did not take this message.";
      this.#outbox.blame({ code: "refused", text });
    }
    this.#requests.down();
    this.#outbox.down();
    this.#sync.down();
    this.#watching.stop();
  }

  #pending(chain: string): void {
    const conversation = this.store.get(chain);
    conversation?.waits(this.#outbox.messages(chain));
  }

  /** What was to begin with a first message now is the conversation `c`. */
  #became(opening: string, c: string): void {
    const begun = this.store.get(opening);
    if (this.store.get(c) === null && begun !== null) {
      this.store.add({ ...begun.line.peek(), c });
      this.#sync.up();
    }
    this.store.drop(opening);
    this.#pending(c);
    if (this.opened.peek() === opening) this.open(c);
  }

  #watchSoon(): void {
    if (this.phase.peek() === "up") this.#watching.soon(() => this.opened.peek());
  }
}
