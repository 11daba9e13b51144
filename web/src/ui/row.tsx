import { useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import { Avatar, Glyph, type GlyphName } from "./parts.js";
import { useLongPress } from "./press.js";
import { RowMenu } from "./row_menu.js";
import { useClient } from "./use.js";
import { glance, titleOf, typingLine, whenOf } from "./words.js";

interface Props {
  conversation: Conversation;
  onOpen(c: string): void;
}

/** A line of the list. */
export function Row({ conversation, onOpen }: Props) {
  const client = useClient();
  const { store } = client;
  const [menu, setMenu] = useState<DOMRect | null>(null);
  const row = useRef<HTMLButtonElement>(null);
  const place = (): DOMRect => (row.current ?? document.body).getBoundingClientRect();
  const press = useLongPress(() => setMenu(place()));
  const { c, kind, u, last, mute = 0 } = conversation.line.value;
  const title = titleOf(conversation.line.value);
  const unread = conversation.unread.value;
  const current = client.opened.value === c;
  const group = kind === "group";
  const draft = current ? "" : (client.drafts.all.value.get(conversation.key) ?? "");
  const typists = store.typists.now.value.get(c) ?? [];
  const typing = typingLine(typists, group, store.names.value);
  const muted = mute > Date.now();
  const pinned = store.pins.all.value.has(conversation.key);
  const text = last === undefined ? "" : glance(last, group, store.names.value, store.me);
  return (
    <li>
      <button
        type="button"
        class="row"
        data-testid="conv-row"
        data-c={c}
        aria-current={current ? "page" : undefined}
        aria-haspopup="menu"
        ref={row}
        {...press.on}
        onClick={() => {
          if (!press.taken()) onOpen(c);
        }}
        onContextMenu={(event) => {
          event.preventDefault();
          if (press.held()) return;
          // The menu key has no place of its own.
          const { clientX, clientY } = event;
          setMenu(clientX + clientY === 0 ? place() : new DOMRect(clientX, clientY, 0, 0));
        }}
      >
        <Avatar id={u ?? c} name={title} dot={u} />
        <span class="row-line">
          <bdi class="row-title">{title}</bdi>
          <span class="row-time">{last === undefined ? "" : whenOf(last.ts)}</span>
        </span>
        <span class="row-line">
          {typing !== "" ? (
            <span class="row-text typing">{typing}</span>
          ) : draft !== "" ? (
            <span class="row-text">
              <span class="draft">Draft: </span>
              <bdi>{draft.slice(0, 200)}</bdi>
            </span>
          ) : (
            <bdi class="row-text">{text.slice(0, 200)}</bdi>
          )}
          {muted && <RowMark glyph="muted" word="muted" />}
          {pinned && <RowMark glyph="pin" word="pinned" />}
          {unread > 0 && (
            <span class={muted ? "unread quiet-count" : "unread"} data-testid="unread">
              {unread}
              <span class="hidden-text"> unread</span>
            </span>
          )}
        </span>
      </button>
      {menu !== null && (
        <RowMenu conversation={conversation} at={menu} onClose={() => setMenu(null)} />
      )}
    </li>
  );
}

function RowMark({ glyph, word }: { glyph: GlyphName; word: string }) {
  return (
    <span class="mark" data-testid={`mark-${word}`} title={word}>
      <Glyph name={glyph} />
      <span class="hidden-text">{word}</span>
    </span>
  );
}
