import { h } from "../../vendor/preact.js";
import { Glyph } from "./parts.js";
import { useClient } from "./use.js";
import { refusal, timeOf, told } from "./words.js";
const TICKS = {
    pending: "Waiting to be sent",
    sent: "Sent",
    delivered: "Delivered",
    read: "Read",
    failed: "Not sent",
};
function Mark({ state }) {
    return (h("span", { class: `tick tick-${state}`, title: TICKS[state] },
        h(Glyph, { name: state }),
        h("span", { class: "hidden-text" }, TICKS[state])));
}
/** One entry of the log; null when it is none to show. */
export function Message({ conversation, entry, first, last }) {
    const client = useClient();
    const { me, names } = client.store;
    const { b, from, s, ts } = entry;
    if (b.k === "system") {
        return (h("p", { class: "told", "data-testid": "system-message", "data-seq": s }, told(from, b, names.value, me)));
    }
    const own = from === me;
    const state = own ? conversation.tick(s) : "received";
    const group = conversation.line.value.kind === "group";
    const name = names.value.get(from) ?? "A former member";
    return (h("div", { class: `message ${own ? "own" : "other"} ${first ? "first" : ""} ${last ? "last" : ""}`, "data-testid": "message", "data-seq": s, "data-state": state },
        !own && group && first && h("span", { class: "sender" }, name),
        !own && !(group && first) && h("span", { class: "hidden-text" },
            name,
            ": "),
        own && h("span", { class: "hidden-text" }, "You: "),
        h("div", { class: "bubble" },
            b.k === "text" ? (h("span", { class: "text", dir: "auto" }, b.text)) : (h("em", { class: "text" }, "Deleted message")),
            entry.cut && (h("button", { type: "button", class: "link", onClick: () => client.whole(conversation, s) }, "Show all of it")),
            h("span", { class: "meta" },
                h("time", { dateTime: new Date(ts).toISOString() }, timeOf(ts)),
                own && state !== "received" && h(Mark, { state: state })))));
}
/** A message of ours that is not in the log: it waits, or it failed. */
export function Unsent({ conversation, item }) {
    const client = useClient();
    const { what, failure, key } = item;
    if (what.t !== "send" || what.b.k !== "text")
        return null;
    const state = failure === null ? "pending" : "failed";
    return (h("div", { class: `message own first last ${state}`, "data-testid": "message", "data-state": state },
        h("span", { class: "hidden-text" }, "You: "),
        h("div", { class: "bubble" },
            h("span", { class: "text", dir: "auto" }, what.b.text),
            h("span", { class: "meta" },
                h("time", null, timeOf(item.at)),
                h(Mark, { state: state }))),
        failure !== null && (h("p", { class: "failure", role: "alert" },
            refusal(failure),
            " ",
            h("button", { type: "button", class: "link", "data-testid": "retry", onClick: () => client.retry(conversation, key) }, "Retry"),
            " ",
            h("button", { type: "button", class: "link", "data-testid": "discard", onClick: () => client.discard(conversation, key) }, "Delete")))));
}
