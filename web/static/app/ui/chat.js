import { useMemo, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Composer } from "./composer.js";
import { newDesk } from "./desk.js";
import { LogView } from "./log.js";
import { Members } from "./members.js";
import { Avatar, Glyph } from "./parts.js";
import { back } from "./route.js";
import { useClient } from "./use.js";
import { typingLine } from "./words.js";
/** One conversation: who it is with, what was said, and room to say something. */
export function Chat({ conversation }) {
    const client = useClient();
    const [sheet, setSheet] = useState(false);
    const { c, kind, title, u } = conversation.line.value;
    const members = conversation.members.value;
    const online = u !== undefined && client.store.online.value.has(u);
    const desk = useMemo(newDesk, []);
    const typists = client.store.typists.now.value.get(c) ?? [];
    const typing = typingLine(typists, kind === "group", client.store.names.value);
    const presence = u === undefined ? count(members?.length ?? 0) : online ? "online" : "";
    return (h("main", { class: "chat", "data-testid": "chat", "data-c": c },
        h("header", { class: "bar" },
            h("button", { type: "button", class: "icon back", "data-testid": "back", "aria-label": "Back to the list", onClick: () => back(client) },
                h(Glyph, { name: "back" })),
            h(Avatar, { id: u ?? c, name: title, dot: u }),
            h("div", { class: "bar-title" },
                h("h2", null,
                    h("bdi", null, title)),
                h("p", { "data-testid": "presence-line", class: typing === "" ? "" : "typing" }, typing || presence)),
            kind === "group" && (h("button", { type: "button", class: "icon", "data-testid": "members-open", "aria-label": "Members", title: "Members", onClick: () => setSheet(true) },
                h(Glyph, { name: "people" })))),
        h(LogView, { conversation: conversation, desk: desk }),
        conversation.gone.value ? (h("p", { class: "gone", "data-testid": "gone" }, "You are no longer in this group.")) : (h(Composer, { conversation: conversation, desk: desk })),
        sheet && h(Members, { conversation: conversation, onClose: () => setSheet(false) })));
}
const count = (members) => members === 0 ? "" : members === 1 ? "1 member" : `${members} members`;
