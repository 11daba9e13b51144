import { h } from "../../vendor/preact.js";
import { signal } from "../../vendor/signals.js";
import type { Client } from "../core/client.js";
import { Chat } from "./chat.js";
import { ConnectionLine } from "./connection_line.js";
import { Enter, Recovery } from "./enter.js";
import { List } from "./list.js";
import { ClientProvider } from "./use.js";

const codes = signal<readonly string[] | null>(null);

/** The page: who are you, or the conversations. */
export function App({ client }: { client: Client }) {
  return (
    <ClientProvider value={client}>
      <Inside client={client} />
    </ClientProvider>
  );
}

function Inside({ client }: { client: Client }) {
  const who = client.account.who.value;
  if (codes.value !== null) return <Recovery codes={codes} />;
  if (who === null) return <Enter codes={codes} />;
  if (who === undefined) {
    return (
      <main class="enter">
        <h1>Hubbub</h1>
        <ConnectionLine />
      </main>
    );
  }
  const { store, opened } = client;
  const conversation = store.conversations.value.get(opened.value ?? "");
  return (
    <div class={conversation === undefined ? "shell" : "shell reading"}>
      <ConnectionLine />
      <List />
      {conversation === undefined ? (
        <main class="chat nothing">
          <p class="empty">Choose a conversation, or start a new one.</p>
        </main>
      ) : (
        <Chat
          // One person stays one person when the first message makes the conversation.
          key={conversation.line.value.u ?? conversation.c}
          conversation={conversation}
        />
      )}
    </div>
  );
}
