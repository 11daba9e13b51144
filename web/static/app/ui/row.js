import { useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Avatar, Glyph } from "./parts.js";
import { useLongPress } from "./press.js";
import { RowMenu } from "./row_menu.js";
import { useClient } from "./use.js";
import { glance, titleOf, typingLine, whenOf } from "./words.js";
/** A line of the list. */
export function Row({ conversation, onOpen }) {
    const client = useClient();
    const { store } = client;
    const [menu, setMenu] = useState(null);
    const row = useRef(null);
    const place = () => (row.current ?? document.body).getBoundingClientRect();
    const press = useLongPress(() => setMenu(place()));
    const { c, kind, u, last, mute = 0 } = conversation.line.value;
    const title = titleOf(conversation.line.value);
    const unread = conversation.unread.value;
    const current = client.opened.value === c;
    const group = kind === "group";
    const draft = current ? "" : (client.drafts.all.value.get(conversation.key) ?? "");
    const typists = store.typists.now.value.get(c) ?? [];
    const typing = typingLine(typists, group, store.names.value);
    const muted = mute > Date.now();
    const pinned = store.pins.all.value.has(conversation.key);
    const text = last === undefined ? "" : glance(last, group, store.names.value, store.me);
    return (h("li", null,
        h("button", { type: "button", class: "row", "data-testid": "conv-row", "data-c": c, "aria-current": current ? "page" : undefined, "aria-haspopup": "menu", ref: row, ...press.on, onClick: () => {
                if (!press.taken())
                    onOpen(c);
            }, onContextMenu: (event) => {
                event.preventDefault();
                if (press.held())
                    return;
                // The menu key has no place of its own.
                const { clientX, clientY } = event;
                setMenu(clientX + clientY === 0 ? place() : new DOMRect(clientX, clientY, 0, 0));
            } },
            h(Avatar, { id: u ?? c, name: title, dot: u }),
            h("span", { class: "row-line" },
                h("bdi", { class: "row-title" }, title),
                h("span", { class: "row-time" }, last === undefined ? "" : whenOf(last.ts))),
            h("span", { class: "row-line" },
                typing !== "" ? (h("span", { class: "row-text typing" }, typing)) : draft !== "" ? (h("span", { class: "row-text" },
                    h("span", { class: "draft" }, "Draft: "),
                    h("bdi", null, draft.slice(0, 200)))) : (h("bdi", { class: "row-text" }, text.slice(0, 200))),
                muted && h(RowMark, { glyph: "muted", word: "muted" }),
                pinned && h(RowMark, { glyph: "pin", word: "pinned" }),
                unread > 0 && (h("span", { class: muted ? "unread quiet-count" : "unread", "data-testid": "unread" },
                    unread,
                    h("span", { class: "hidden-text" }, " unread"))))),
        menu !== null && (h(RowMenu, { conversation: conversation, at: menu, onClose: () => setMenu(null) }))));
}
function RowMark({ glyph, word }) {
    return (h("span", { class: "mark", "data-testid": `mark-${word}`, title: word },
        h(Glyph, { name: glyph }),
        h("span", { class: "hidden-text" }, word)));
}
