import { useEffect, useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { sought } from "./layout.js";
import { NewChat, NewGroup } from "./new.js";
import { Avatar, Glyph } from "./parts.js";
import { PersonRow } from "./person.js";
import { go } from "./route.js";
import { Row } from "./row.js";
import { useSearch } from "./search.js";
import { Settings } from "./settings.js";
import { Splitter } from "./splitter.js";
import { useClient } from "./use.js";
/** The conversations, the newest first, and the ways to new ones. */
export function List() {
    const client = useClient();
    const [sheet, setSheet] = useState(null);
    const [asking, setAsking] = useState(false);
    const rows = useRef(null);
    const all = client.store.list.value;
    const requests = all.filter((one) => one.line.value.request);
    const none = requests.length === 0;
    useEffect(() => {
        // The next one that asks is told of again, and does not take the list's place by itself.
        if (none)
            setAsking(false);
    }, [none]);
    const words = sought.value.trim().toLowerCase();
    const list = all.filter((one) => (words !== "" || (one.line.value.request ?? false) === (asking && !none)) &&
        matches(one, words));
    const people = useSearch(sought.value);
    const known = new Set(all.map((one) => one.line.value.u));
    const strangers = people.filter((person) => !known.has(person.id));
    const me = client.account.who.value;
    const shown = (c) => {
        setSheet(null);
        sought.value = "";
        go(client, c);
    };
    /** Arrow keys go through the rows, from the search too. */
    const keys = (event) => {
        if (event.altKey || event.ctrlKey || event.metaKey)
            return;
        const stops = [...(rows.current?.querySelectorAll(".row") ?? [])];
        const now = stops.indexOf(document.activeElement);
        const searching = document.activeElement instanceof HTMLInputElement;
        if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            if (now < 0 && !searching)
                return;
            event.preventDefault();
            const to = now + (event.key === "ArrowDown" ? 1 : -1);
            if (to < 0)
                document.getElementById("search")?.focus();
            else
                stops[Math.min(to, stops.length - 1)]?.focus();
        }
        else if (event.key === "Enter" && searching && words !== "") {
            event.preventDefault();
            stops[0]?.click();
        }
        else if (event.key === "Escape" && sought.value !== "") {
            event.preventDefault();
            event.stopPropagation();
            sought.value = "";
        }
    };
    return (h("nav", { class: "list", "aria-label": "Conversations", onKeyDown: keys },
        h("header", { class: "bar" },
            h("div", { class: "search" },
                h(Glyph, { name: "search" }),
                h("input", { id: "search", type: "search", "data-testid": "search", "aria-label": "Search conversations and people", "aria-keyshortcuts": "Control+K", placeholder: "Search", autocomplete: "off", value: sought.value, onInput: (event) => {
                        sought.value = event.currentTarget.value;
                    } })),
            h("button", { type: "button", class: "icon", "data-testid": "new-chat", "aria-label": "New chat", title: "New chat", onClick: () => setSheet("chat") },
                h(Glyph, { name: "chat" })),
            h("button", { type: "button", class: "icon", "data-testid": "new-group", "aria-label": "New group", title: "New group", onClick: () => setSheet("group") },
                h(Glyph, { name: "group" }))),
        h("div", { class: "rows", "data-testid": "conv-list", ref: rows },
            !none && words === "" && (h("button", { type: "button", class: "requests", "data-testid": "requests", "aria-pressed": asking, onClick: () => setAsking(!asking) },
                h(Glyph, { name: asking ? "back" : "person" }),
                h("span", null, asking ? "All conversations" : "Message requests"),
                !asking && h("span", { class: "unread" }, requests.length))),
            h("ul", null, list.map((conversation) => (h(Row, { key: conversation.key, conversation: conversation, onOpen: shown })))),
            words !== "" && strangers.length > 0 && (h("section", null,
                h("h2", { class: "section" }, "People"),
                h("ul", { "aria-label": "People" }, strangers.map((person) => (h("li", { key: person.id },
                    h(PersonRow, { person: person, testid: "found-person", onPick: () => shown(client.chatTo(person)) }))))))),
            words !== "" && list.length + strangers.length === 0 && (h("p", { class: "empty", role: "status" }, "Nothing by that name.")),
            words === "" && all.length === 0 && client.store.synced.value && (h("div", { class: "empty", "data-testid": "first-hint" },
                h("p", null, "No conversations yet."),
                h("p", null, "Search for someone by name, or give them yours: they find you by it."),
                h("button", { type: "button", class: "primary", onClick: () => setSheet("chat") }, "Start a chat")))),
        h("footer", { class: "foot" },
            h("button", { type: "button", class: "me", "data-testid": "settings", title: "Settings", onClick: () => setSheet("settings") },
                h(Avatar, { id: me?.id ?? "", name: me?.name ?? "" }),
                h("bdi", { class: "me-name" }, me?.name),
                h("span", { class: "hidden-text" }, ": settings"),
                h(Glyph, { name: "settings" }))),
        h(Splitter, null),
        sheet === "chat" && h(NewChat, { onClose: () => setSheet(null), onDone: shown }),
        sheet === "group" && h(NewGroup, { onClose: () => setSheet(null), onDone: shown }),
        sheet === "settings" && h(Settings, { onClose: () => setSheet(null) })));
}
const matches = (conversation, words) => words === "" || conversation.line.value.title.toLowerCase().includes(words);
