import { useEffect, useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
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
  const [sheet, setSheet] = useState<"chat" | "group" | "settings" | null>(null);
  const [asking, setAsking] = useState(false);
  const rows = useRef<HTMLDivElement>(null);
  const all = client.store.list.value;
  const requests = all.filter((one) => one.line.value.request);
  const none = requests.length === 0;
  useEffect(() => {
    // The next one that asks is told of again, and does not take the list's place by itself.
    if (none) setAsking(false);
  }, [none]);
  const words = sought.value.trim().toLowerCase();
  const list = all.filter(
    (one) =>
      (words !== "" || (one.line.value.request ?? false) === (asking && !none)) &&
      matches(one, words),
  );
  const people = useSearch(sought.value);
  const known = new Set(all.map((one) => one.line.value.u));
  const strangers = people.filter((person) => !known.has(person.id));
  const me = client.account.who.value;
  const shown = (c: string): void => {
    setSheet(null);
    sought.value = "";
    go(client, c);
  };
  /** Arrow keys go through the rows, from the search too. */
  const keys = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const stops = [...(rows.current?.querySelectorAll<HTMLElement>(".row") ?? [])];
    const now = stops.indexOf(document.activeElement as HTMLElement);
    const searching = document.activeElement instanceof HTMLInputElement;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (now < 0 && !searching) return;
      event.preventDefault();
      const to = now + (event.key === "ArrowDown" ? 1 : -1);
      if (to < 0) document.getElementById("search")?.focus();
      else stops[Math.min(to, stops.length - 1)]?.focus();
    } else if (event.key === "Enter" && searching && words !== "") {
      event.preventDefault();
      stops[0]?.click();
    } else if (event.key === "Escape" && sought.value !== "") {
      event.preventDefault();
      event.stopPropagation();
      sought.value = "";
    }
  };
  return (
    <nav class="list" aria-label="Conversations" onKeyDown={keys}>
      <header class="bar">
        <div class="search">
          <Glyph name="search" />
          <input
            id="search"
            type="search"
            data-testid="search"
            aria-label="Search conversations and people"
            aria-keyshortcuts="Control+K"
            placeholder="Search"
            autocomplete="off"
            value={sought.value}
            onInput={(event) => {
              sought.value = event.currentTarget.value;
            }}
          />
        </div>
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
      </header>
      <div class="rows" data-testid="conv-list" ref={rows}>
        {!none && words === "" && (
          <button
            type="button"
            class="requests"
            data-testid="requests"
            aria-pressed={asking}
            onClick={() => setAsking(!asking)}
          >
            <Glyph name={asking ? "back" : "person"} />
            <span>{asking ? "All conversations" : "Message requests"}</span>
            {!asking && <span class="unread">{requests.length}</span>}
          </button>
        )}
        <ul>
          {list.map((conversation) => (
            <Row key={conversation.key} conversation={conversation} onOpen={shown} />
          ))}
        </ul>
        {words !== "" && strangers.length > 0 && (
          <section>
            <h2 class="section">People</h2>
            <ul aria-label="People">
              {strangers.map((person) => (
                <li key={person.id}>
                  <PersonRow
                    person={person}
                    testid="found-person"
                    onPick={() => shown(client.chatTo(person))}
                  />
                </li>
              ))}
            </ul>
          </section>
        )}
        {words !== "" && list.length + strangers.length === 0 && (
          <p class="empty" role="status">
            Nothing by that name.
          </p>
        )}
        {words === "" && all.length === 0 && client.store.synced.value && (
          <div class="empty" data-testid="first-hint">
            <p>No conversations yet.</p>
            <p>Search for someone by name, or give them yours: they find you by it.</p>
            <button type="button" class="primary" onClick={() => setSheet("chat")}>
              Start a chat
            </button>
          </div>
        )}
      </div>
      <footer class="foot">
        <button
          type="button"
          class="me"
          data-testid="settings"
          title="Settings"
          onClick={() => setSheet("settings")}
        >
          <Avatar id={me?.id ?? ""} name={me?.name ?? ""} />
          <bdi class="me-name">{me?.name}</bdi>
          <span class="hidden-text">: settings</span>
          <Glyph name="settings" />
        </button>
      </footer>
      <Splitter />
      {sheet === "chat" && <NewChat onClose={() => setSheet(null)} onDone={shown} />}
      {sheet === "group" && <NewGroup onClose={() => setSheet(null)} onDone={shown} />}
      {sheet === "settings" && <Settings onClose={() => setSheet(null)} />}
    </nav>
  );
}

const matches = (conversation: Conversation, words: string): boolean =>
  words === "" || conversation.line.value.title.toLowerCase().includes(words);
