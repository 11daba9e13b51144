import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { signal } from "../../vendor/signals.js";
import { Message, Unsent } from "./message.js";
import { Glyph } from "./parts.js";
import { useClient } from "./use.js";
import { dayOf, sameDay } from "./words.js";
const NEAR_END_PX = 48;
const NEAR_START_PX = 400;
const TOGETHER_MS = 5 * 60_000;
/** Somebody may be looking: the page is in front. */
const visible = signal(document.visibilityState === "visible");
document.addEventListener("visibilitychange", () => {
    visible.value = document.visibilityState === "visible";
});
const shows = ({ b }) => b.k === "text" || b.k === "deleted" || b.k === "system";
/** Of the same person, and close enough in time to stand together. */
const together = (one, other) => one !== undefined &&
    other !== undefined &&
    one.from === other.from &&
    one.b.k !== "system" &&
    other.b.k !== "system" &&
    Math.abs(one.ts - other.ts) < TOGETHER_MS &&
    sameDay(one.ts, other.ts);
/**
 * The messages, the newest at the bottom. It stays at the bottom while the reader is there, and
 * never moves under a reader who is not.
 */
export function LogView({ conversation }) {
    const client = useClient();
    const box = useRef(null);
    const atEnd = useRef(true);
    const before = useRef({ height: 0, first: 0, pending: 0 });
    const [away, setAway] = useState(false);
    const entries = conversation.entries.value.filter(shows);
    const pending = conversation.pending.value;
    const loading = conversation.loading.value;
    const toEnd = () => {
        const element = box.current;
        if (element !== null)
            element.scrollTop = element.scrollHeight;
    };
    const measure = () => {
        const element = box.current;
        if (element === null)
            return;
        const below = element.scrollHeight - element.scrollTop - element.clientHeight;
        atEnd.current = below < NEAR_END_PX;
        setAway(!atEnd.current);
        // Read by the flag as it is now: a page may have come since this was drawn.
        if (element.scrollTop < NEAR_START_PX)
            client.older(conversation);
    };
    const see = () => {
        if (visible.value && atEnd.current)
            client.seen(conversation, conversation.log.last);
    };
    useLayoutEffect(() => {
        const element = box.current;
        if (element === null)
            return;
        const { height, first, pending: waited } = before.current;
        const now = {
            height: element.scrollHeight,
            first: entries[0]?.s ?? 0,
            pending: pending.length,
        };
        if (atEnd.current || now.pending > waited)
            toEnd();
        else if (now.first < first)
            element.scrollTop += now.height - height;
        before.current = now;
        measure();
    }, [entries.length, entries[0]?.s, entries.at(-1)?.s, pending.length, loading]);
    useEffect(see, [entries.length, entries.at(-1)?.s, visible.value, away]);
    useEffect(() => {
        // A phone's keyboard, a turned screen, a taller composer: the end stays the end.
        const element = box.current;
        if (element === null)
            return;
        const watcher = new ResizeObserver(() => {
            if (atEnd.current)
                toEnd();
        });
        watcher.observe(element);
        return () => watcher.disconnect();
    }, []);
    return (h("div", { class: "log-frame" },
        h("div", { class: "log", ref: box, role: "log", "aria-live": "polite", "aria-label": `Messages with ${conversation.line.value.title}`, "aria-busy": loading, 
            // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys scroll what has the focus
            tabIndex: 0, onScroll: () => {
                measure();
                see();
            } },
            h("div", { class: "column" },
                entries.map((entry, n) => {
                    const previous = entries[n - 1];
                    const newDay = previous === undefined || !sameDay(previous.ts, entry.ts);
                    return [
                        newDay && (h("p", { class: "day", key: `day ${entry.s}` }, dayOf(entry.ts))),
                        h(Message, { key: entry.s, conversation: conversation, entry: entry, first: !together(previous, entry), last: !together(entry, entries[n + 1]) }),
                    ];
                }),
                pending.map((item) => (h(Unsent, { key: item.key, conversation: conversation, item: item }))),
                entries.length + pending.length === 0 && !loading && (h("p", { class: "empty" }, "No messages yet. Write the first one below.")))),
        away && (h("button", { type: "button", class: "icon to-end", "aria-label": "To the newest message", onClick: toEnd },
            h(Glyph, { name: "down" })))));
}
