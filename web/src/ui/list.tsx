import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import { Avatar, Field, Form, Glyph, Sheet } from "./parts.js";
import { go } from "./route.js";
import { useClient } from "./use.js";
import { glance, whenOf } from "./words.js";

/** The conversations, the newest first, and the ways to new ones. */
export function List() {
  const client = useClient();
  const [sheet, setSheet] = useState<"chat" | "group" | null>(null);
  const list = client.store.list.value;
  const shown = (c: string): void => {
    setSheet(null);
    go(client, c);
  };
  return (
    <nav class="list" aria-label="Conversations">
      <header class="bar">
        <h1>{client.account.who.value?.name ?? "Hubbub"}</h1>
        <button
          type="button"
          class="icon"
          data-testid="new-chat"
          aria-label="New chat"
          title="New chat"
          onClick={() => setSheet("chat")}
        >
          <Glyph name="chat" />
        </button>
        <button
          type="button"
          class="icon"
          data-testid="new-group"
          aria-label="New group"
          title="New group"
          onClick={() => setSheet("group")}
        >
          <Glyph name="group" />
        </button>
        <button
          type="button"
          class="icon"
          data-testid="sign-out"
          aria-label="Sign out"
          title="Sign out"
          onClick={() => void client.signOut()}
        >
          <Glyph name="out" />
        </button>
      </header>
      <ul data-testid="conv-list">
        {list.map((conversation) => (
          <Row key={conversation.c} conversation={conversation} />
        ))}
      </ul>
      {list.length === 0 && client.store.synced.value && (
        <p class="empty">No conversations yet. Start one with somebody you know by name.</p>
      )}
      {sheet === "chat" && <NewChat onClose={() => setSheet(null)} onDone={shown} />}
      {sheet === "group" && <NewGroup onClose={() => setSheet(null)} onDone={shown} />}
    </nav>
  );
}

function Row({ conversation }: { conversation: Conversation }) {
  const client = useClient();
  const { store } = client;
  const { c, kind, title, u, last } = conversation.line.value;
  const unread = conversation.unread.value;
  const current = client.opened.value === c;
  const text =
    last === undefined ? "" : glance(last, kind === "group", store.names.value, store.me);
  return (
    <li>
      <button
        type="button"
        class="row"
        data-testid="conv-row"
        data-c={c}
        aria-current={current ? "page" : undefined}
        onClick={() => go(client, c)}
      >
        <Avatar id={u ?? c} name={title} dot={u} />
        <span class="row-title">{title}</span>
        <span class="row-time">{last === undefined ? "" : whenOf(last.ts)}</span>
        <span class="row-text">{text.slice(0, 200)}</span>
        {unread > 0 && (
          <span class="unread" data-testid="unread">
            {unread}
            <span class="hidden-text"> unread</span>
          </span>
        )}
      </button>
    </li>
  );
}

interface NewProps {
  onClose(): void;
  onDone(c: string): void;
}

function NewChat({ onClose, onDone }: NewProps) {
  const client = useClient();
  return (
    <Sheet title="New chat" onClose={onClose}>
      <Form
        submit="Open chat"
        testid="new-chat-submit"
        onSubmit={async ({ name = "" }) => onDone(await client.chatWith(name.trim()))}
      >
        <Field
          label="Name"
          name="name"
          testid="new-chat-name"
          autocomplete="off"
          hint="Exactly as they write it."
          focus
        />
      </Form>
    </Sheet>
  );
}

function NewGroup({ onClose, onDone }: NewProps) {
  const client = useClient();
  const create = async ({ title = "", members = "" }): Promise<void> => {
    const names = members.split(",").map((name) => name.trim());
    onDone(await client.createGroup(title.trim(), [...new Set(names.filter((name) => name))]));
  };
  return (
    <Sheet title="New group" onClose={onClose}>
      <Form submit="Make group" testid="group-submit" onSubmit={create}>
        <Field label="Title" name="title" testid="group-title" autocomplete="off" focus />
        <Field
          label="Members"
          name="members"
          testid="group-members"
          autocomplete="off"
          hint="Names, with commas between them."
        />
      </Form>
    </Sheet>
  );
}
