import { signal } from "../../vendor/signals-core.js";
/** The conversations that stand on top of the list, on this device. The server knows of none. */
export class Pins {
    shelf;
    /** By key: a person's stays when the first message makes the conversation. */
    all = signal(new Set());
    #place = "";
    constructor(shelf) {
        this.shelf = shelf;
    }
    load(device) {
        this.#place = `hubbub/${device}/pins`;
        this.all.value = new Set(parsed(this.shelf.get(this.#place)));
    }
    toggle(key) {
        const all = new Set(this.all.peek());
        if (!all.delete(key))
            all.add(key);
        this.all.value = all;
        try {
            this.shelf.set(this.#place, JSON.stringify([...all]));
        }
        catch {
            // Without room it lives as long as the page.
        }
    }
    /** What is on the shelf goes with everything else of the device. */
    forget() {
        this.all.value = new Set();
    }
}
function parsed(text) {
    try {
        const found = JSON.parse(text ?? "[]");
        return Array.isArray(found) ? found.filter((key) => typeof key === "string") : [];
    }
    catch {
        return [];
    }
}
