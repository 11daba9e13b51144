import { h } from "../../vendor/preact.js";
import { QUICK } from "./emoji.js";
import { MenuItem, Popup } from "./popup.js";
/** The actions of one message: a row of reactions, then what else there is. */
export function MessageMenu(props) {
    const { at, entry, own, deletes, speaks, onReact, onDeed, onClose } = props;
    const text = entry.b.k === "text";
    return (h(Popup, { at: at, label: "Message", menu: true, onClose: onClose },
        text && speaks && (h("div", { class: "quick" },
            QUICK.map(({ sign, name }) => (h("button", { key: sign, type: "button", role: "menuitem", "aria-label": `React: ${name}`, title: name, "data-testid": "quick-reaction", "data-emoji": sign, onClick: () => onReact(sign) }, sign))),
            h("button", { type: "button", role: "menuitem", "aria-label": "Another reaction", title: "Another reaction", class: "quick-more", onClick: () => onDeed("react") }, "+"))),
        text && speaks && (h(MenuItem, { glyph: "reply", label: "Reply", testid: "menu-reply", onPick: () => onDeed("reply") })),
        text && (h(MenuItem, { glyph: "copy", label: "Copy", testid: "menu-copy", onPick: () => onDeed("copy") })),
        text && own && speaks && (h(MenuItem, { glyph: "edit", label: "Edit", testid: "menu-edit", onPick: () => onDeed("edit") })),
        own && (h(MenuItem, { glyph: "info", label: "Read by", testid: "menu-info", onPick: () => onDeed("info") })),
        text && deletes && speaks && (h(MenuItem, { glyph: "bin", label: "Delete", testid: "menu-delete", danger: true, onPick: () => onDeed("delete") }))));
}
