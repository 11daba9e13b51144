import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import { Avatar, Glyph } from "./parts.js";
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
  const { c, kind, u, last, mute = 0 } = conversation.line.value;
  const title = titleOf(conversation.line.value);
  const unread = conversation.unread.value;
  const current = client.opened.value === c;
  const group = kind === "group";
  const draft = current ? "" : (client.drafts.all.value.get(conversation.key) ?? "");
  const typists = store.typists.now.value.get(c) ?? [];
  const typing = typingLine(typists, group, store.names.value);
  const muted = mute > Date.now();
  const text = last === undefined ? "" : glance(last, group, store.names.value, store.me);
  return (
    <li>
      <button
        type="button"
        class="row"
        data-testid="conv-row"
        data-c={c}
        aria-current={current ? "page" : undefined}
        onClick={() => onOpen(c)}
      >
        <Avatar id={u ?? c} name={title} dot={u} />
        <bdi class="row-title">{title}</bdi>
        <span class="row-time">{last === undefined ? "" : whenOf(last.ts)}</span>
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
        <span class="row-marks">
          {muted && (
            <span class="mark" title="Muted">
              <Glyph name="muted" />
              <span class="hidden-text">muted</span>
            </span>
          )}
          {unread > 0 && (
            <span class={muted ? "unread quiet-count" : "unread"} data-testid="unread">
              {unread}
              <span class="hidden-text"> unread</span>
            </span>
          )}
        </span>
      </button>
    </li>
  );
}
