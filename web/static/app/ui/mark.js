import { h } from "../../vendor/preact.js";
import { Glyph } from "./parts.js";
const TICKS = {
    pending: "Waiting to be sent",
    sent: "Sent",
    delivered: "Delivered",
    read: "Read",
    failed: "Not sent",
};
/** How far a message of ours has come. */
export function Mark({ state }) {
    return (h("span", { class: `tick tick-${state}`, title: TICKS[state] },
        h(Glyph, { name: state }),
        h("span", { class: "hidden-text" }, TICKS[state])));
}
