import { useMemo } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Composer } from "./composer.js";
import { newDesk } from "./desk.js";
import { details } from "./layout.js";
import { LogView } from "./log.js";
import { Avatar, Glyph } from "./parts.js";
import { RequestBar } from "./request_bar.js";
import { back } from "./route.js";
import { useClient } from "./use.js";
import { seenLine, titleOf, typingLine } from "./words.js";
/** One conversation: who it is with, what was said, and room to say something. */
export function Chat({ conversation }) {
    const client = useClient();
    const desk = useMemo(newDesk, []);
    const { c, kind, u, request } = conversation.line.value;
    const title = titleOf(conversation.line.value);
    const { store } = client;
    const typing = typingLine(store.typists.now.value.get(c) ?? [], kind === "group", store.names.value);
    return (h("main", { class: "chat", "data-testid": "chat", "data-c": c },
        h("header", { class: "bar" },
            h("button", { type: "button", class: "icon back", "data-testid": "back", "aria-label": "Back to the list", onClick: () => back(client) },
                h(Glyph, { name: "back" })),
            h(Avatar, { id: u ?? c, name: title, dot: u }),
            h("div", { class: "bar-title" },
                h("h2", null,
                    h("bdi", null, title)),
                h("p", { "data-testid": "presence-line", class: typing === "" ? "" : "typing", "aria-live": "off" }, typing || presenceOf(conversation, store))),
            h("button", { type: "button", class: "icon", "data-testid": "members-open", "aria-label": kind === "group" ? "Members and details" : "Details", title: kind === "group" ? "Members and details" : "Details", "aria-expanded": details.value, onClick: () => {
                    details.value = !details.value;
                } },
                h(Glyph, { name: kind === "group" ? "people" : "info" }))),
        h(LogView, { conversation: conversation, desk: desk }),
        conversation.gone.value ? (h("p", { class: "gone", "data-testid": "gone" }, "You are no longer in this group.")) : request ? (h(RequestBar, { conversation: conversation })) : (h(Composer, { conversation: conversation, desk: desk }))));
}
function presenceOf(conversation, store) {
    const { u } = conversation.line.value;
    if (u === undefined)
        return count(conversation.members.value?.length ?? 0);
    if (store.online.value.has(u))
        return "online";
    const seen = store.seen.value.get(u);
    return seen === undefined ? "" : seenLine(seen);
}
const count = (members) => members === 0 ? "" : members === 1 ? "1 member" : `${members} members`;
