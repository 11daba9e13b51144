import { useEffect } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { tintOf } from "./parts.js";
import { useClient } from "./use.js";
import { nameOf, snippet } from "./words.js";
/** The line that says what a message replies to; a click leads there. */
export function Quote({ conversation, s, onJump }) {
    const client = useClient();
    // Looked up anew whenever the log is another.
    const loaded = conversation.entries.value.length + (conversation.earlier.value?.length ?? 0);
    const here = loaded > 0 ? conversation.at(s) : null;
    const entry = here ?? conversation.quoted.value.get(s) ?? null;
    const missing = here === null;
    useEffect(() => {
        if (missing)
            client.glimpse(conversation, s);
    }, [missing]);
    const { colours, names, me } = client.store;
    const name = entry === null ? "" : nameOf(entry.from, names.value, me);
    return (h("button", { type: "button", class: `quote ${entry === null ? "" : tintOf(entry.from, colours.value.get(entry.from))}`, "data-testid": "quote", title: "Go there", tabIndex: -1, onClick: () => onJump(s) },
        h("span", { class: "hidden-text" }, "In reply to "),
        h("bdi", { class: "quote-name" }, name),
        h("span", { class: "quote-text", dir: "auto" }, entry === null ? "A message from before" : snippet(entry.b))));
}
