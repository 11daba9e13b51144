import { h } from "../../vendor/preact.js";
import { Avatar, Glyph } from "./parts.js";
import { useClient } from "./use.js";
import { glance, titleOf, typingLine, whenOf } from "./words.js";
/** A line of the list. */
export function Row({ conversation, onOpen }) {
    const client = useClient();
    const { store } = client;
    const { c, kind, u, last, mute = 0 } = conversation.line.value;
    const title = titleOf(conversation.line.value);
    const unread = conversation.unread.value;
    const current = client.opened.value === c;
    const group = kind === "group";
    const draft = current ? "" : (client.drafts.all.value.get(conversation.key) ?? "");
    const typists = store.typists.now.value.get(c) ?? [];
    const typing = typingLine(typists, group, store.names.value);
    const muted = mute > Date.now();
    const text = last === undefined ? "" : glance(last, group, store.names.value, store.me);
    return (h("li", null,
        h("button", { type: "button", class: "row", "data-testid": "conv-row", "data-c": c, "aria-current": current ? "page" : undefined, onClick: () => onOpen(c) },
            h(Avatar, { id: u ?? c, name: title, dot: u }),
            h("bdi", { class: "row-title" }, title),
            h("span", { class: "row-time" }, last === undefined ? "" : whenOf(last.ts)),
            typing !== "" ? (h("span", { class: "row-text typing" }, typing)) : draft !== "" ? (h("span", { class: "row-text" },
                h("span", { class: "draft" }, "Draft: "),
                h("bdi", null, draft.slice(0, 200)))) : (h("bdi", { class: "row-text" }, text.slice(0, 200))),
            h("span", { class: "row-marks" },
                muted && (h("span", { class: "mark", title: "Muted" },
                    h(Glyph, { name: "muted" }),
                    h("span", { class: "hidden-text" }, "muted"))),
                unread > 0 && (h("span", { class: muted ? "unread quiet-count" : "unread", "data-testid": "unread" },
                    unread,
                    h("span", { class: "hidden-text" }, " unread")))))));
}
