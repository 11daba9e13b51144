import { useLayoutEffect, useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { EmojiPicker } from "./emoji_picker.js";
import { Glyph } from "./parts.js";
import { prefs } from "./prefs.js";
import { useClient } from "./use.js";
import { nameOf, said, snippet } from "./words.js";
/** From here on the length is worth showing. */
const COUNTED = 90_000;
const ROWS = 8;
/** A text's length as people and the server count it. */
const lengthOf = (text) => {
    let length = 0;
    for (const _ of text)
        length += 1;
    return length;
};
/** Where one writes: a new message, a reply, or other words for an old one. */
export function Composer({ conversation, desk }) {
    const client = useClient();
    const draftOf = conversation.key;
    const [text, setText] = useState(client.drafts.of(draftOf));
    const [error, setError] = useState("");
    const [emoji, setEmoji] = useState(null);
    const area = useRef(null);
    const reply = desk.reply.value;
    const edit = desk.edit.value;
    const max = client.store.limits.value.text_chars ?? 100_000;
    const length = text.length < COUNTED ? text.length : lengthOf(text);
    const ready = text.trim() !== "" && length <= max;
    desk.write = () => area.current?.focus();
    const write = (next) => {
        setText(next);
        setError("");
        if (edit !== null)
            return;
        client.drafts.put(draftOf, next);
        if (next !== "")
            client.typed(conversation);
    };
    const leave = () => {
        desk.reply.value = null;
        desk.edit.value = null;
        area.current?.focus();
    };
    const send = () => {
        if (!ready)
            return;
        try {
            if (edit !== null) {
                if (edit.b.k === "text" && edit.b.text !== text)
                    client.edit(conversation, edit.s, text);
            }
            else {
                client.say(conversation, text, reply?.s);
                write("");
            }
            leave();
        }
        catch (reason) {
            setError(said(reason));
        }
    };
    const insert = (sign) => {
        const element = area.current;
        setEmoji(null);
        if (element === null)
            return;
        const { selectionStart: from, selectionEnd: to } = element;
        write(text.slice(0, from) + sign + text.slice(to));
        requestAnimationFrame(() => {
            element.focus();
            element.setSelectionRange(from + sign.length, from + sign.length);
        });
    };
    const editLast = () => {
        // The last one may not be in the log yet; the one before it is not meant.
        if (conversation.pending.value.length > 0)
            return;
        const last = conversation.entries.value.findLast((entry) => entry.from === client.store.me && entry.b.k === "text");
        if (last === undefined)
            return;
        if (last.cut)
            client.whole(conversation, last.s);
        desk.edit.value = last;
    };
    useLayoutEffect(() => {
        // To an edit its words come, and what was being written comes back after it.
        const next = edit?.b.k === "text" ? edit.b.text : client.drafts.of(draftOf);
        setText(next);
        const element = area.current;
        if (element === null || edit === null)
            return;
        // At once, so that nothing is typed into what was there before.
        element.value = next;
        element.focus();
        element.setSelectionRange(next.length, next.length);
        client.reach(conversation, edit.s).catch(() => undefined);
    }, [edit]);
    useLayoutEffect(() => {
        // It grows with its text, up to some rows.
        const element = area.current;
        if (element === null)
            return;
        const row_px = Number.parseFloat(getComputedStyle(element).lineHeight);
        element.style.height = "auto";
        const rest_px = element.offsetHeight - element.clientHeight;
        const padding_px = element.clientHeight - row_px;
        const most_px = ROWS * row_px + padding_px;
        element.style.height = `${Math.min(element.scrollHeight, most_px) + rest_px}px`;
    }, [text]);
    useLayoutEffect(() => {
        // On a phone the keyboard would cover what one came to read.
        if (matchMedia("(pointer: fine)").matches)
            area.current?.focus();
    }, []);
    const keys = (event) => {
        if (event.isComposing)
            return;
        if (event.key === "Enter" && !event.shiftKey) {
            if (!prefs.enterSends.value && !event.ctrlKey && !event.metaKey)
                return;
            event.preventDefault();
            send();
        }
        else if (event.key === "Escape" && (reply !== null || edit !== null)) {
            event.preventDefault();
            event.stopPropagation();
            leave();
        }
        else if (event.key === "ArrowUp" && !event.altKey && text === "" && edit === null) {
            event.preventDefault();
            editLast();
        }
    };
    const about = edit ?? reply;
    const { names, me } = client.store;
    return (h("form", { class: "composer", onSubmit: (event) => {
            event.preventDefault();
            send();
        } },
        length >= COUNTED && (h("p", { class: length > max ? "counter error" : "counter", "data-testid": "counter", role: "status" }, length > max
            ? `That message is too long: ${length.toLocaleString()} of ${max.toLocaleString()} characters.`
            : `${length.toLocaleString()} of ${max.toLocaleString()} characters`)),
        error !== "" && (h("p", { class: "error", role: "alert" }, error)),
        h("div", { class: "composer-box" },
            about !== null && (h("div", { class: "about", "data-testid": edit === null ? "replying" : "editing" },
                h(Glyph, { name: edit === null ? "reply" : "edit" }),
                h("div", { class: "about-text" },
                    h("span", { class: "about-title" }, edit === null ? (h("span", null,
                        "Reply to ",
                        h("bdi", null, nameOf(about.from, names.value, me)))) : ("Edit your message")),
                    h("span", { class: "quote-text", dir: "auto" }, snippet(about.b))),
                h("button", { type: "button", class: "icon", "aria-label": edit === null ? "Do not reply" : "Leave it as it was", onClick: leave },
                    h(Glyph, { name: "close" })))),
            h("div", { class: "composer-row" },
                h("button", { type: "button", class: "icon", "data-testid": "emoji-open", "aria-label": "Emoji", title: "Emoji", onClick: (event) => setEmoji(event.currentTarget.getBoundingClientRect()) },
                    h(Glyph, { name: "smile" })),
                h("textarea", { ref: area, "data-testid": "composer", "aria-label": "Message", placeholder: "Message", dir: "auto", rows: 1, value: text, onInput: (event) => write(event.currentTarget.value), onKeyDown: keys }),
                h("button", { class: "send", type: "submit", "data-testid": "send", "aria-label": edit === null ? "Send" : "Save", disabled: !ready },
                    h(Glyph, { name: edit === null ? "send" : "sent" })))),
        emoji !== null && h(EmojiPicker, { at: emoji, onPick: insert, onClose: () => setEmoji(null) })));
}
