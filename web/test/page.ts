import { Client } from "../src/core/client.js";
import type { Shelf } from "../src/core/ports.js";
import { ManualClock } from "./clock.js";
import { FakeNode } from "./node.js";

export class MemoryShelf implements Shelf {
  readonly kept = new Map<string, string>();
  full = false;

  get(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  set(key: string, value: string): void {
    if (this.full) throw new Error("no room");
    this.kept.set(key, value);
  }
  remove(key: string): void {
    this.kept.delete(key);
  }
  keys(): string[] {
    return [...this.kept.keys()];
  }
}

/** A page without looks, on a node in memory; a second one on the same shelf is a reload. */
export class Page {
  readonly client: Client;

  constructor(
    readonly clock = new ManualClock(),
    readonly node = new FakeNode(clock),
    readonly shelf = new MemoryShelf(),
  ) {
    if (node.signedIn) shelf.set("hubbub-here", "1");
    let seed = 7;
    this.client = new Client({
      clock,
      random: () => {
        seed = (seed * 16_807) % 2_147_483_647;
        return seed / 2_147_483_647;
      },
      open: node.open,
      shelf,
      http: node.http,
      exclusive: (job) => job(),
      label: "A test",
    });
  }

  async start(): Promise<this> {
    await this.client.start();
    await this.clock.pass(300);
    return this;
  }

  /** The same browser after a reload. */
  async reloaded(): Promise<Page> {
    this.node.hangUp(1001);
    return await new Page(this.clock, this.node, this.shelf).start();
  }

  conversation(c: string) {
    const found = this.client.store.get(c);
    if (found === null) throw new Error(`no conversation ${c}`);
    return found;
  }

  texts(c: string): string[] {
    return this.conversation(c)
      .entries.peek()
      .map((entry) => (entry.b.k === "text" ? entry.b.text : ""));
  }

  waiting(c: string): string[] {
    return this.conversation(c)
      .pending.peek()
      .map(({ what }) => (what.t === "send" && what.b.k === "text" ? what.b.text : ""));
  }
}
