import { type Signal, signal } from "../../vendor/signals-core.js";
import type { Shelf } from "./ports.js";

/** The conversations that stand on top of the list, on this device. The server knows of none. */
export class Pins {
  /** By key: a person's stays when the first message makes the conversation. */
  readonly all: Signal<ReadonlySet<string>> = signal(new Set());
  #place = "";

  constructor(private readonly shelf: Shelf) {}

  load(device: string): void {
    this.#place = `hubbub/${device}/pins`;
    this.all.value = new Set(parsed(this.shelf.get(this.#place)));
  }

  toggle(key: string): void {
    const all = new Set(this.all.peek());
    if (!all.delete(key)) all.add(key);
    this.all.value = all;
    try {
      this.shelf.set(this.#place, JSON.stringify([...all]));
    } catch {
      // Without room it lives as long as the page.
    }
  }

  /** What is on the shelf goes with everything else of the device. */
  forget(): void {
    this.all.value = new Set();
  }
}

function parsed(text: string | null): string[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found.filter((key) => typeof key === "string") : [];
  } catch {
    return [];
  }
}
