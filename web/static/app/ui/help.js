import { h } from "../../vendor/preact.js";
import { KEYS } from "./keys.js";
import { help } from "./layout.js";
import { Sheet } from "./parts.js";
/** The map of keys. */
export function Help() {
    if (!help.value)
        return null;
    return (h(Sheet, { title: "Keyboard", onClose: () => {
            help.value = false;
        } },
        h("dl", { class: "keys", "data-testid": "key-map" }, KEYS.map(([key, what]) => (h("div", { key: key + what },
            h("dt", null,
                h("kbd", null, key)),
            h("dd", null, what)))))));
}
