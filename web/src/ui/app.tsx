import { useEffect } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { signal } from "../../vendor/signals.js";
import type { Client } from "../core/client.js";
import { Chat } from "./chat.js";
import { ConnectionLine } from "./connection_line.js";
import { Details } from "./details.js";
import { Enter, Recovery } from "./enter.js";
import { Help } from "./help.js";
import { Join } from "./join.js";
import { details, wide } from "./layout.js";
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
  return <Shell client={client} />;
}

function Shell({ client }: { client: Client }) {
  const { store, opened } = client;
  const conversation = store.conversations.value.get(opened.value ?? "");
  // One person stays one person when the first message makes the conversation.
  const key = conversation?.key ?? "";
  useEffect(() => {
    // Over the conversation, details are of the one they were opened for.
    if (!wide.peek()) details.value = false;
  }, [key]);
  const detailed = conversation !== undefined && details.value;
  return (
    <div
      class={`shell ${conversation === undefined ? "" : "reading"} ${detailed ? "detailed" : ""}`}
    >
      <ConnectionLine />
      <List />
      {conversation === undefined ? (
        <main class="chat nothing">
          <p class="empty">
            Choose a conversation, or start a new one.
            <br />
            <span class="hint">
              <kbd>Ctrl K</kbd> finds one, <kbd>?</kbd> shows all keys.
            </span>
          </p>
        </main>
      ) : (
        <Chat key={key} conversation={conversation} />
      )}
      {detailed && <Details key={`details ${key}`} conversation={conversation} />}
      <Help />
      <Join />
    </div>
  );
}
