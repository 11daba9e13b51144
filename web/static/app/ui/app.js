import { useEffect } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { signal } from "../../vendor/signals.js";
import { Chat } from "./chat.js";
import { ConnectionLine } from "./connection_line.js";
import { Details } from "./details.js";
import { Enter, Recovery } from "./enter.js";
import { Help } from "./help.js";
import { Join } from "./join.js";
import { details, wide } from "./layout.js";
import { List } from "./list.js";
import { ClientProvider } from "./use.js";
const codes = signal(null);
/** The page: who are you, or the conversations. */
export function App({ client }) {
    return (h(ClientProvider, { value: client },
        h(Inside, { client: client })));
}
function Inside({ client }) {
    const who = client.account.who.value;
    if (codes.value !== null)
        return h(Recovery, { codes: codes });
    if (who === null)
        return h(Enter, { codes: codes });
    if (who === undefined) {
        return (h("main", { class: "enter" },
            h("h1", null, "Hubbub"),
            h(ConnectionLine, null)));
    }
    return h(Shell, { client: client });
}
function Shell({ client }) {
    const { store, opened } = client;
    const conversation = store.conversations.value.get(opened.value ?? "");
    // One person stays one person when the first message makes the conversation.
    const key = conversation?.key ?? "";
    useEffect(() => {
        // Over the conversation, details are of the one they were opened for.
        if (!wide.peek())
            details.value = false;
    }, [key]);
    const detailed = conversation !== undefined && details.value;
    return (h("div", { class: `shell ${conversation === undefined ? "" : "reading"} ${detailed ? "detailed" : ""}` },
        h(ConnectionLine, null),
        h(List, null),
        conversation === undefined ? (h("main", { class: "chat nothing" },
            h("p", { class: "empty" },
                "Choose a conversation, or start a new one.",
                h("br", null),
                h("span", { class: "hint" },
                    h("kbd", null, "Ctrl K"),
                    " finds one, ",
                    h("kbd", null, "?"),
                    " shows all keys.")))) : (h(Chat, { key: key, conversation: conversation })),
        detailed && h(Details, { key: `details ${key}`, conversation: conversation }),
        h(Help, null),
        h(Join, null)));
}
