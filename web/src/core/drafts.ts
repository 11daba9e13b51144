import { type Signal, signal } from "../../vendor/signals-core.js";
import type { Shelf } from "./ports.js";

/** What was begun and not sent, by conversation (by person, before there is one). */
export class Drafts {
  readonly all: Signal<ReadonlyMap<string, string>> = signal(new Map());
  #prefix = "";

  constructor(private readonly shelf: Shelf) {}

  load(device: string): void {
    this.#prefix = `hubbub/${device}/draft/`;
    const found = new Map<string, string>();
    for (const key of this.shelf.keys()) {
      const text = key.startsWith(this.#prefix) ? this.shelf.get(key) : null;
      if (text !== null) found.set(key.slice(this.#prefix.length), text);
    }
    this.all.value = found;
  }

  of(key: string): string {
    return this.all.peek().get(key) ?? "";
  }

  put(key: string, text: string): void {
    const all = new Map(this.all.peek());
    try {
      if (text === "") this.shelf.remove(this.#prefix + key);
      else this.shelf.set(this.#prefix + key, text);
    } catch {
      // Without room it lives as long as the page.
    }
    if (text === "") all.delete(key);
    else all.set(key, text);
    this.all.value = all;
  }

  /** What is on the shelf goes with everything else of the device. */
  forget(): void {
    this.all.value = new Map();
  }
}
