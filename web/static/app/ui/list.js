import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Avatar, Field, Form, Glyph, Sheet } from "./parts.js";
import { go } from "./route.js";
import { useClient } from "./use.js";
import { glance, whenOf } from "./words.js";
/** The conversations, the newest first, and the ways to new ones. */
export function List() {
    const client = useClient();
    const [sheet, setSheet] = useState(null);
    const list = client.store.list.value;
    const shown = (c) => {
        setSheet(null);
        go(client, c);
    };
    return (h("nav", { class: "list", "aria-label": "Conversations" },
        h("header", { class: "bar" },
            h("h1", null, client.account.who.value?.name ?? "Hubbub"),
            h("button", { type: "button", class: "icon", "data-testid": "new-chat", "aria-label": "New chat", title: "New chat", onClick: () => setSheet("chat") },
                h(Glyph, { name: "chat" })),
            h("button", { type: "button", class: "icon", "data-testid": "new-group", "aria-label": "New group", title: "New group", onClick: () => setSheet("group") },
                h(Glyph, { name: "group" })),
            h("button", { type: "button", class: "icon", "data-testid": "sign-out", "aria-label": "Sign out", title: "Sign out", onClick: () => void client.signOut() },
                h(Glyph, { name: "out" }))),
        h("ul", { "data-testid": "conv-list" }, list.map((conversation) => (h(Row, { key: conversation.c, conversation: conversation })))),
        list.length === 0 && client.store.synced.value && (h("p", { class: "empty" }, "No conversations yet. Start one with somebody you know by name.")),
        sheet === "chat" && h(NewChat, { onClose: () => setSheet(null), onDone: shown }),
        sheet === "group" && h(NewGroup, { onClose: () => setSheet(null), onDone: shown })));
}
function Row({ conversation }) {
    const client = useClient();
    const { store } = client;
    const { c, kind, title, u, last } = conversation.line.value;
    const unread = conversation.unread.value;
    const current = client.opened.value === c;
    const text = last === undefined ? "" : glance(last, kind === "group", store.names.value, store.me);
    return (h("li", null,
        h("button", { type: "button", class: "row", "data-testid": "conv-row", "data-c": c, "aria-current": current ? "page" : undefined, onClick: () => go(client, c) },
            h(Avatar, { id: u ?? c, name: title, dot: u }),
            h("span", { class: "row-title" }, title),
            h("span", { class: "row-time" }, last === undefined ? "" : whenOf(last.ts)),
            h("span", { class: "row-text" }, text.slice(0, 200)),
            unread > 0 && (h("span", { class: "unread", "data-testid": "unread" },
                unread,
                h("span", { class: "hidden-text" }, " unread"))))));
}
function NewChat({ onClose, onDone }) {
    const client = useClient();
    return (h(Sheet, { title: "New chat", onClose: onClose },
        h(Form, { submit: "Open chat", testid: "new-chat-submit", onSubmit: async ({ name = "" }) => onDone(await client.chatWith(name.trim())) },
            h(Field, { label: "Name", name: "name", testid: "new-chat-name", autocomplete: "off", hint: "Exactly as they write it.", focus: true }))));
}
function NewGroup({ onClose, onDone }) {
    const client = useClient();
    const create = async ({ title = "", members = "" }) => {
        const names = members.split(",").map((name) => name.trim());
        onDone(await client.createGroup(title.trim(), [...new Set(names.filter((name) => name))]));
    };
    return (h(Sheet, { title: "New group", onClose: onClose },
        h(Form, { submit: "Make group", testid: "group-submit", onSubmit: create },
            h(Field, { label: "Title", name: "title", testid: "group-title", autocomplete: "off", focus: true }),
            h(Field, { label: "Members", name: "members", testid: "group-members", autocomplete: "off", hint: "Names, with commas between them." }))));
}
