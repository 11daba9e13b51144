import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { EMOJI } from "./emoji.js";
import { Popup } from "./popup.js";
/** All the emoji, with a field that finds one by its name. */
export function EmojiPicker({ at, onPick, onClose }) {
    const [sought, setSought] = useState("");
    const words = sought.trim().toLowerCase();
    const groups = EMOJI.map(({ title, all }) => ({
        title,
        all: all.filter(({ sign, name }) => name.includes(words) || sign === words),
    })).filter(({ all }) => all.length > 0);
    return (h(Popup, { at: at, label: "Emoji", onClose: onClose },
        h("div", { class: "emoji", "data-testid": "emoji-picker" },
            h("input", { type: "search", class: "emoji-search", "aria-label": "Find an emoji", placeholder: "Find an emoji", value: sought, onInput: (event) => setSought(event.currentTarget.value) }),
            h("div", { class: "emoji-all" },
                groups.map(({ title, all }) => (h("section", { key: title, "aria-label": title },
                    h("h3", null, title),
                    h("div", { class: "emoji-grid" }, all.map(({ sign, name }) => (h("button", { key: sign, type: "button", "aria-label": name, title: name, onClick: () => onPick(sign) }, sign))))))),
                groups.length === 0 && h("p", { class: "hint" }, "Nothing by that name.")))));
}
