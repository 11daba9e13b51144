import { useEffect, useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Item } from "../core/chain.js";
import type { Conversation } from "../core/conversation.js";
import type { Entry } from "../core/wire.js";
import { Failed } from "./failed.js";
import { Mark } from "./mark.js";
import { Avatar, Glyph, tintOf } from "./parts.js";
import { useLongPress } from "./press.js";
import { Quote } from "./quote.js";
import { Reactions } from "./reactions.js";
import { MessageText } from "./text.js";
import { useClient } from "./use.js";
import { nameOf, timeOf, told } from "./words.js";

/** What came just now rises; what is only drawn again does not. */
const NEW_MS = 3_000;

/** What a message asks of the log around it. */
export interface MessageActions {
  menu(entry: Entry, at: DOMRect): void;
  emoji(entry: Entry, at: DOMRect): void;
  reply(entry: Entry): void;
  jump(s: number): void;
}

interface EntryProps {
  conversation: Conversation;
  entry: Entry;
  /** Begins a row of messages of the same person. */
  first: boolean;
  last: boolean;
  /** It was just jumped to. */
  found: boolean;
  actions: MessageActions;
}

/** One entry of the log. */
export function Message({ conversation, entry, first, last, found, actions }: EntryProps) {
  const client = useClient();
  const [tools, setTools] = useState(false);
  const bubble = useRef<HTMLDivElement>(null);
  const at = (): DOMRect => (bubble.current ?? document.body).getBoundingClientRect();
  const press = useLongPress(() => actions.menu(entry, at()));
  const { colours, me, names } = client.store;
  const { b, from, s, ts } = entry;
  const own = from === me;
  // While nobody knows who is in it, a name is only on its way.
  const known = names.value.has(from) || conversation.members.value === null;
  useEffect(() => {
    if (!known) client.people.lookUp(from);
  }, [known]);
  if (b.k === "system") {
    return (
      <p class="told" data-testid="system-message" data-seq={s} tabIndex={-1}>
        <bdi>{told(from, b, names.value, me)}</bdi>
      </p>
    );
  }
  const state = own ? conversation.tick(s) : "received";
  const group = conversation.line.value.kind === "group";
  const name = own ? "You" : nameOf(from, names.value, me);
  const failed = conversation.changes.value.filter(
    ({ failure, what }) => failure !== null && what.t === "send" && "s" in what.b && what.b.s === s,
  );
  const rises = !own && Date.now() - ts < NEW_MS;
  return (
    <div
      class={[
        "message",
        own ? "own" : "other",
        first && "first",
        last && "last",
        group && !own && "faced",
        found && "found",
        rises && "rises",
      ]
        .filter(Boolean)
        .join(" ")}
      data-testid="message"
      data-seq={s}
      data-state={state}
      tabIndex={-1}
      onPointerEnter={(event) => setTools(event.pointerType === "mouse")}
      onPointerLeave={() => setTools(false)}
    >
      {group && !own && last && <Avatar id={from} name={name} />}
      {!own && group && first && (
        <bdi class={`sender ${tintOf(from, colours.value.get(from))}`}>{name}</bdi>
      )}
      {!own && !(group && first) && <span class="hidden-text">{name}: </span>}
      {own && <span class="hidden-text">You: </span>}
      <div class="line">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: a long press; keys and buttons do it too */}
        <div
          class="bubble"
          ref={bubble}
          {...press.on}
          onContextMenu={(event) => {
            if (press.held()) event.preventDefault();
          }}
        >
          {b.k === "text" && b.re_s !== undefined && (
            <Quote conversation={conversation} s={b.re_s} onJump={actions.jump} />
          )}
          {b.k === "text" ? (
            <MessageText
              text={b.text}
              cut={entry.cut ?? false}
              onWhole={() => client.whole(conversation, s)}
            />
          ) : (
            <em class="text deleted">Deleted message</em>
          )}
          {(last || entry.edited) && (
            <span class="meta">
              {entry.edited && <span data-testid="edited">edited</span>}
              {last && <time dateTime={new Date(ts).toISOString()}>{timeOf(ts)}</time>}
              {last && state !== "received" && <Mark state={state} />}
            </span>
          )}
          {!last && own && state !== "received" && <span class="hidden-text">{timeOf(ts)}</span>}
        </div>
        {tools && (
          <div class="tools" data-testid="tools">
            {!last && <time>{timeOf(ts)}</time>}
            {b.k === "text" && !conversation.gone.value && (
              <button
                type="button"
                tabIndex={-1}
                aria-label="React"
                title="React (E)"
                data-testid="tool-react"
                onClick={() => actions.emoji(entry, at())}
              >
                <Glyph name="smile" />
              </button>
            )}
            {b.k === "text" && !conversation.gone.value && (
              <button
                type="button"
                tabIndex={-1}
                aria-label="Reply"
                title="Reply (R)"
                data-testid="tool-reply"
                onClick={() => actions.reply(entry)}
              >
                <Glyph name="reply" />
              </button>
            )}
            <button
              type="button"
              tabIndex={-1}
              aria-label="More"
              title="More"
              data-testid="tool-more"
              onClick={() => actions.menu(entry, at())}
            >
              <Glyph name="more" />
            </button>
          </div>
        )}
      </div>
      {b.k === "text" && <Reactions conversation={conversation} entry={entry} />}
      {failed.map((item) => (
        <Failed key={item.key} conversation={conversation} item={item} />
      ))}
    </div>
  );
}

interface UnsentProps {
  conversation: Conversation;
  item: Item;
  actions: MessageActions;
}

/** A message of ours that is not in the log: it waits, or it failed. */
export function Unsent({ conversation, item, actions }: UnsentProps) {
  const { what, failure } = item;
  if (what.t !== "send" || what.b.k !== "text") return null;
  const state = failure === null ? "pending" : "failed";
  return (
    <div
      class={`message own first last ${state} ${Date.now() - item.at < NEW_MS ? "rises" : ""}`}
      data-testid="message"
      data-state={state}
      tabIndex={-1}
    >
      <span class="hidden-text">You: </span>
      <div class="line">
        <div class="bubble">
          {what.b.re_s !== undefined && (
            <Quote conversation={conversation} s={what.b.re_s} onJump={actions.jump} />
          )}
          <MessageText text={what.b.text} cut={false} onWhole={() => undefined} />
          <span class="meta">
            <time>{timeOf(item.at)}</time>
            <Mark state={state} />
          </span>
        </div>
      </div>
      <Failed conversation={conversation} item={item} />
    </div>
  );
}
