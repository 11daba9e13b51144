import { useEffect, useId, useLayoutEffect, useRef } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { useClient, useTask } from "./use.js";
const HUES = 12;
const HUE = /^hue-(?:\d|1[01])$/;
/** The hue of an id: one of twelve, the same in every client. */
export const hueOf = (id) => [...id].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % HUES;
/** The class of somebody's hue: the chosen one, else the one of the id. */
export const tintOf = (id, chosen) => chosen !== undefined && HUE.test(chosen) ? chosen : `hue-${hueOf(id)}`;
export function Avatar({ id, name, dot, colour }) {
    const { colours } = useClient().store;
    const words = name.trim().split(/\s+/);
    const initials = words.slice(0, 2).map((word) => [...word][0] ?? "");
    return (h("span", { class: "avatar-box" },
        h("span", { class: `avatar ${tintOf(id, colour ?? colours.value.get(id))}`, "aria-hidden": "true" }, initials.join("").toUpperCase()),
        dot !== undefined && h(PresenceDot, { u: dot })));
}
export function PresenceDot({ u }) {
    const on = useClient().store.online.value.has(u);
    return (h("span", { class: "dot", "data-testid": "presence-dot", "data-on": on }, on && h("span", { class: "hidden-text" }, "online")));
}
/** A labelled input. */
export function Field(props) {
    const { label, testid, hint, focus, value, onText, optional, type = "text", ...input } = props;
    const id = useId();
    const ref = useRef(null);
    useEffect(() => {
        if (focus)
            ref.current?.focus();
    }, []);
    const all = {
        id,
        ref,
        required: !optional,
        autocapitalize: "none",
        spellcheck: false,
        defaultValue: value ?? "",
        onInput: (event) => onText?.(event.currentTarget.value),
        "data-testid": testid,
        "aria-describedby": hint === undefined ? undefined : `${id}-hint`,
        ...input,
    };
    return (h("div", { class: "field" },
        h("label", { for: id }, label),
        type === "password" ? h("input", { type: "password", ...all }) : h("input", { type: "text", ...all }),
        hint !== undefined && (h("p", { class: "hint", id: `${id}-hint` }, hint))));
}
/** Fields, a button, and what went wrong. */
export function Form({ submit, testid, keep = false, onSubmit, children }) {
    const task = useTask();
    const send = (event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const fields = {};
        for (const [name, value] of new FormData(form)) {
            if (typeof value === "string")
                fields[name] = value;
        }
        task.run(async () => {
            await onSubmit(fields);
            if (form.isConnected && !keep)
                form.reset();
        });
    };
    return (h("form", { onSubmit: send },
        children,
        h("p", { class: "error", role: "alert" }, task.error),
        h("button", { class: "primary", type: "submit", "data-testid": testid, disabled: task.busy }, submit)));
}
/** A dialog over the page: Escape and a button close it, the focus returns to where it was. */
export function Sheet({ title, onClose, onBack, children }) {
    const ref = useRef(null);
    const left = useRef(false);
    const id = useId();
    useLayoutEffect(() => {
        const dialog = ref.current;
        dialog?.showModal();
        return () => {
            left.current = true;
            // By its own way, so that the focus goes back to where it was.
            dialog?.close();
        };
    }, []);
    return (h("dialog", { class: "sheet", ref: ref, "aria-labelledby": id, onClose: () => {
            // Another page of it took its place: nobody closed it.
            if (!left.current)
                onClose();
        } },
        h("header", { class: "bar" },
            onBack !== undefined && (h("button", { type: "button", class: "icon back-in", "aria-label": "Back", onClick: onBack },
                h(Glyph, { name: "back" }))),
            h("h2", { id: id }, title),
            h("button", { type: "button", class: "icon", "aria-label": "Close", onClick: onClose },
                h(Glyph, { name: "close" }))),
        h("div", { class: "sheet-body" }, children)));
}
/** One question, before something that cannot be undone. */
export function Confirm({ title, text, yes, onYes, onClose }) {
    return (h(Sheet, { title: title, onClose: onClose },
        h("p", null, text),
        h("div", { class: "choices" },
            h("button", { type: "button", class: "quiet", onClick: onClose }, "Cancel"),
            h("button", { type: "button", class: "danger", "data-testid": "confirm", onClick: () => {
                    onYes();
                    onClose();
                } }, yes))));
}
const PATHS = {
    search: "M11 18a7 7 0 100-14 7 7 0 000 14zM16 16l4 4",
    pin: "M9 4h6l-1 6 4 4H6l4-4zM12 14v7",
    muted: "M4 10v4h3l5 4V6l-5 4zM16 10l4 4M20 10l-4 4",
    settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 9a2 2 0 100-4 2 2 0 000 4zM8 19a2 2 0 100-4 2 2 0 000 4z",
    link: "M10 14a4 4 0 006 0l3-3a4 4 0 00-6-6l-1 1M14 10a4 4 0 00-6 0l-3 3a4 4 0 006 6l1-1",
    device: "M5 5h14v10H5zM9 19h6M12 15v4",
    person: "M12 12a4 4 0 100-8 4 4 0 000 8zM4 20a8 8 0 0116 0",
    lock: "M6 11h12v9H6zM8 11V8a4 4 0 018 0v3",
    key: "M15 12a4 4 0 10-4-4 4 4 0 00.6 2.1L4 18v2h3l1-1v-2h2l2.9-2.9A4 4 0 0015 12z",
    box: "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
    block: "M12 21a9 9 0 100-18 9 9 0 000 18zM6 6l12 12",
    sun: "M12 16a4 4 0 100-8 4 4 0 000 8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M19 5l-1.5 1.5M6.5 17.5L5 19",
    close: "M6 6l12 12M18 6L6 18",
    back: "M14 6l-6 6 6 6",
    chat: "M5 5h14v10H10l-5 4z",
    group: "M9 11a3 3 0 100-6 3 3 0 000 6zM3 19a6 6 0 0112 0M16 5a3 3 0 010 6M17 14a6 6 0 014 5",
    out: "M14 5h5v14h-5M4 12h11M11 8l4 4-4 4",
    people: "M9 11a3 3 0 100-6 3 3 0 000 6zM3 19a6 6 0 0112 0M16 5a3 3 0 010 6M17 14a6 6 0 014 5",
    send: "M12 19V5M6 11l6-6 6 6",
    up: "M12 19V5M6 11l6-6 6 6",
    down: "M12 5v14M6 13l6 6 6-6",
    pending: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v5l3 2",
    sent: "M5 13l4 4L19 7",
    delivered: "M2 13l4 4L15 8M11 16l1 1L22 7",
    read: "M2 13l4 4L15 8M11 16l1 1L22 7",
    reply: "M10 6L4 12l6 6M4 12h9a7 7 0 017 7",
    smile: "M12 21a9 9 0 100-18 9 9 0 000 18zM8.5 14.5a4.5 4.5 0 007 0M9 9.5v.5M15 9.5v.5",
    more: "M5 12h.01M12 12h.01M19 12h.01",
    copy: "M9 9h11v11H9zM5 15H4V4h11v1",
    edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
    bin: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
    info: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 11v6M12 7v.5",
    failed: "M12 21a9 9 0 100-18 9 9 0 000 18zM12 7v6M12 16v1",
};
/** A small drawing; what it means is said in words beside it. */
export function Glyph({ name }) {
    return (h("svg", { class: `glyph glyph-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true" },
        h("path", { d: PATHS[name] })));
}
