import { h } from "../../vendor/preact.js";
/** What was read, or why it is not here; nothing for a moment rather than something that flickers. */
export function Loading({ from, children }) {
    const { value, error, missing } = from;
    if (value !== null)
        return h("div", { class: "stack" }, children(value));
    if (missing)
        return h("p", { class: "hint" }, "This server does not offer that.");
    return (h("p", { class: "error", role: "alert" }, error));
}
