import { useEffect, useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { signal } from "../../vendor/signals.js";
import type { Conversation } from "../core/conversation.js";
import { counts, type Entry } from "../core/wire.js";
import { useDeeds } from "./deeds.js";
import type { Desk } from "./desk.js";
import { Message, type MessageActions, Unsent } from "./message.js";
import { Glyph } from "./parts.js";
import { useScroller } from "./scroll.js";
import { useClient } from "./use.js";
import { indexFrom, rangeOf } from "./view.js";
import { dayOf, nameOf, sameDay, snippet } from "./words.js";

const TOGETHER_MS = 5 * 60_000;

/** Somebody may be looking: the page is in front. */
const visible = signal(document.visibilityState === "visible");
document.addEventListener("visibilitychange", () => {
  visible.value = document.visibilityState === "visible";
});

/** Of the same person, and close enough in time to stand together. */
const together = (one: Entry | undefined, other: Entry | undefined): boolean =>
  one !== undefined &&
  other !== undefined &&
  one.from === other.from &&
  one.b.k !== "system" &&
  other.b.k !== "system" &&
  Math.abs(one.ts - other.ts) < TOGETHER_MS &&
  sameDay(one.ts, other.ts);

interface Props {
  conversation: Conversation;
  desk: Desk;
}

/**
 * The messages, the newest at the bottom. It stays at the bottom while the reader is there, and
 * never moves under a reader who is not. Only some are drawn: see `view`.
 */
export function LogView({ conversation, desk }: Props) {
  const client = useClient();
  const { me, names } = client.store;
  const all = conversation.shown.value;
  const pending = conversation.pending.value;
  const loading = conversation.loading.value;
  const scroller = useScroller(all, pending.length, () => client.older(conversation));
  const { view, away, found, above } = scroller;
  const deeds = useDeeds(conversation, desk);
  const [lost, setLost] = useState(false);
  const [low, high] = rangeOf(all, view);
  const entries = all.slice(low, high);
  const divider = conversation.divider.value;
  const unreadFrom = divider === null ? -1 : firstUnread(all, divider, me);

  const jump = (s: number): void => {
    client.reach(conversation, s).then(
      (there) => {
        setLost(!there);
        if (there) desk.target.value = s;
      },
      () => setLost(true),
    );
  };
  const actions: MessageActions = {
    menu: (entry, at) => deeds.open("menu", entry, at),
    emoji: (entry, at) => deeds.open("emoji", entry, at),
    reply: (entry) => deeds.reply(entry),
    jump,
  };
  const see = (): void => {
    if (visible.value && !away) client.seen(conversation, conversation.log.last);
  };
  useEffect(see, [all.at(-1)?.s, conversation.entries.value.at(-1)?.s, visible.value, away]);
  useEffect(() => {
    const s = desk.target.value;
    if (s === null) return;
    desk.target.value = null;
    scroller.show(s);
  }, [desk.target.value]);
  useEffect(() => {
    if (!lost) return;
    const timer = setTimeout(() => setLost(false), 4_000);
    return () => clearTimeout(timer);
  }, [lost]);

  const keys = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const box = scroller.box.current;
    const focused = document.activeElement;
    if (box === null || focused === null) return;
    const rows = [...box.querySelectorAll<HTMLElement>('[data-testid="message"]')];
    const now = rows.indexOf(focused as HTMLElement);
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (now < 0 && focused !== box) return;
      const to = now < 0 ? rows.length - 1 : now + (event.key === "ArrowUp" ? -1 : 1);
      const row = rows[to];
      event.preventDefault();
      row?.focus({ preventScroll: true });
      row?.scrollIntoView({ block: "nearest" });
      if (to >= rows.length) desk.write();
      return;
    }
    const row = rows[now];
    const entry = all[indexFrom(all, Number(row?.dataset["seq"] ?? Number.NaN))];
    if (row === undefined || entry === undefined) return;
    if (deeds.key(event.key, entry, (row.querySelector(".bubble") ?? row).getBoundingClientRect()))
      event.preventDefault();
  };

  return (
    <div class="log-frame">
      <div
        class="log"
        ref={scroller.box}
        role="log"
        // Pages that are read back are no news: what is new is told below.
        aria-live="off"
        aria-label={`Messages with ${conversation.line.value.title}`}
        aria-busy={loading}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move in what has the focus
        tabIndex={0}
        onKeyDown={keys}
        onScroll={scroller.onScroll}
      >
        <div class="column">
          {conversation.log.complete && low === 0 && all.length > 0 && (
            <p class="told">This is where it begins.</p>
          )}
          {entries.map((entry, n) => {
            const previous = entries[n - 1] ?? all[low - 1];
            const newDay = previous === undefined || !sameDay(previous.ts, entry.ts);
            const fresh = entry.s === unreadFrom;
            return [
              newDay && (
                <p class="day" key={`day ${entry.s}`}>
                  <span>{dayOf(entry.ts)}</span>
                </p>
              ),
              fresh && (
                <p class="divider" key="divider" data-divider data-testid="unread-divider">
                  <span>New messages</span>
                </p>
              ),
              <Message
                key={entry.s}
                conversation={conversation}
                entry={entry}
                first={fresh || !together(previous, entry)}
                last={
                  !together(entry, entries[n + 1] ?? all[high]) || entries[n + 1]?.s === unreadFrom
                }
                found={found === entry.s}
                actions={actions}
              />,
            ];
          })}
          {view.last === null &&
            pending.map((item) => (
              <Unsent key={item.key} conversation={conversation} item={item} actions={actions} />
            ))}
          {all.length + pending.length === 0 && !loading && (
            <p class="empty">No messages yet. Write the first one below.</p>
          )}
        </div>
      </div>
      {divider !== null && above && unreadFrom !== -1 && (
        <button
          type="button"
          class="pill to-unread"
          data-testid="to-unread"
          onClick={() => jump(Math.max(1, divider + 1))}
        >
          <Glyph name="up" />
          To the first unread
        </button>
      )}
      {lost && (
        <p class="pill lost" role="status">
          That message is too far back, or not here any more.
        </p>
      )}
      {away && (
        <button
          type="button"
          class="icon to-end"
          data-testid="to-end"
          aria-label="To the newest message"
          onClick={scroller.toEnd}
        >
          <Glyph name="down" />
          {conversation.unread.value > 0 && (
            <span class="unread" aria-hidden="true">
              {conversation.unread.value}
            </span>
          )}
        </button>
      )}
      <News conversation={conversation} name={(u) => nameOf(u, names.value, me)} me={me} />
      {deeds.view}
    </div>
  );
}

/** The seq of the first message that others wrote after `read`; -1 when it is not loaded. */
function firstUnread(all: readonly Entry[], read: number, me: string): number {
  const from = indexFrom(all, read + 1);
  return all.slice(from).find((entry) => entry.from !== me && counts(entry.b))?.s ?? -1;
}

interface NewsProps {
  conversation: Conversation;
  name(u: string): string;
  me: string;
}

/** For those who listen: what just came from others. */
function News({ conversation, name, me }: NewsProps) {
  const begun = useRef(conversation.log.last);
  const newest = conversation.shown.value.at(-1);
  const news = newest !== undefined && newest.s > begun.current && newest.from !== me;
  return (
    <p class="hidden-text" role="status">
      {news && newest.b.k === "text" && `${name(newest.from)}: ${snippet(newest.b)}`}
    </p>
  );
}
