import { signal } from "../../vendor/signals-core.js";
/** What was begun and not sent, by conversation (by person, before there is one). */
export class Drafts {
    shelf;
    all = signal(new Map());
    #prefix = "";
    constructor(shelf) {
        this.shelf = shelf;
    }
    load(device) {
        this.#prefix = `hubbub/${device}/draft/`;
        const found = new Map();
        for (const key of this.shelf.keys()) {
            const text = key.startsWith(this.#prefix) ? this.shelf.get(key) : null;
            if (text !== null)
                found.set(key.slice(this.#prefix.length), text);
        }
        this.all.value = found;
    }
    of(key) {
        return this.all.peek().get(key) ?? "";
    }
    put(key, text) {
        const all = new Map(this.all.peek());
        try {
            if (text === "")
                this.shelf.remove(this.#prefix + key);
            else
                this.shelf.set(this.#prefix + key, text);
        }
        catch {
            // Without room it lives as long as the page.
        }
        if (text === "")
            all.delete(key);
        else
            all.set(key, text);
        this.all.value = all;
    }
    /** What is on the shelf goes with everything else of the device. */
    forget() {
        this.all.value = new Map();
    }
}
