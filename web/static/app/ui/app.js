import { h } from "../../vendor/preact.js";
import { signal } from "../../vendor/signals.js";
import { Chat } from "./chat.js";
import { ConnectionLine } from "./connection_line.js";
import { Enter, Recovery } from "./enter.js";
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
    const { store, opened } = client;
    const conversation = store.conversations.value.get(opened.value ?? "");
    return (h("div", { class: conversation === undefined ? "shell" : "shell reading" },
        h(ConnectionLine, null),
        h(List, null),
        conversation === undefined ? (h("main", { class: "chat nothing" },
            h("p", { class: "empty" }, "Choose a conversation, or start a new one."))) : (h(Chat
        // One person stays one person when the first message makes the conversation.
        , { 
            // One person stays one person when the first message makes the conversation.
            key: conversation.line.value.u ?? conversation.c, conversation: conversation }))));
}
