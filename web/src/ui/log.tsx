import { useEffect, useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { signal } from "../../vendor/signals.js";
import type { Conversation } from "../core/conversation.js";
import { counts, type Entry, shows } from "../core/wire.js";
import { DateJump } from "./date_jump.js";
import { useDeeds } from "./deeds.js";
import type { Desk } from "./desk.js";
import { Message, type MessageActions, Unsent } from "./message.js";
import { Glyph } from "./parts.js";
import { Popup } from "./popup.js";
import { useScroller } from "./scroll.js";
import { useClient } from "./use.js";
import { indexFrom, rangeOf } from "./view.js";
import { dayOf, nameOf, said, sameDay, snippet } from "./words.js";

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
  const detached = conversation.earlier.value !== null;
  const divider = conversation.divider.value;
  const { place } = conversation;
  const unreadFrom = divider === null ? -1 : firstUnread(all, place.from, divider, me);
  const scroller = useScroller({
    all,
    extra: pending.length,
    detached,
    start: unreadFrom === -1 ? null : unreadFrom,
    goal: conversation.goal.value,
    onGoal: () => {
      conversation.goal.value = null;
    },
    older: () => client.older(conversation),
    newer: () => client.newer(conversation),
    newest: () => client.toNewest(conversation),
    seen: (s) => {
      if (visible.peek()) client.seen(conversation, s);
    },
  });
  const { view, away, found, above } = scroller;
  const deeds = useDeeds(conversation, desk);
  const [lost, setLost] = useState("");
  const [dated, setDated] = useState<DOMRect | null>(null);
  const [low, high] = rangeOf(all, view);
  const entries = all.slice(low, high);

  const jump = (s: number): void => {
    client.reach(conversation, s).then(
      (there) => setLost(there ? "" : "That message is not here any more."),
      (reason: unknown) => setLost(said(reason)),
    );
  };
  const actions: MessageActions = {
    menu: (entry, at) => deeds.open("menu", entry, at),
    emoji: (entry, at) => deeds.open("emoji", entry, at),
    reply: (entry) => deeds.reply(entry),
    jump,
  };
  const see = (): void => {
    if (!visible.value) return;
    if (scroller.atEnd()) {
      client.seen(conversation, conversation.log.last);
      conversation.settle();
    } else scroller.onScroll();
  };
  useEffect(see, [all.at(-1)?.s, conversation.entries.value.at(-1)?.s, visible.value, away]);
  useEffect(() => {
    if (lost === "") return;
    const timer = setTimeout(() => setLost(""), 4_000);
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
    if (event.key === "d" || event.key === "D") {
      event.preventDefault();
      setDated((row ?? box).getBoundingClientRect());
      return;
    }
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
          {place.complete && low === 0 && all.length > 0 && (
            <p class="told">This is where it begins.</p>
          )}
          {daysOf(entries).map((day) => (
            <section class="day-part" key={new Date(day[0].ts).toDateString()}>
              <p class="day">
                <button
                  type="button"
                  tabIndex={-1}
                  data-testid="day"
                  title="Go to a date (D)"
                  onClick={(event) => setDated(event.currentTarget.getBoundingClientRect())}
                >
                  {dayOf(day[0].ts)}
                </button>
              </p>
              {/* Flat: in a list of lists none would keep its element when others come above. */}
              {day.flatMap((entry, n) => {
                const next = day[n + 1];
                const fresh = entry.s === unreadFrom;
                return [
                  fresh && (
                    <p class="divider" key="divider" data-divider data-testid="unread-divider">
                      <span>New messages</span>
                    </p>
                  ),
                  <Message
                    key={entry.s}
                    conversation={conversation}
                    entry={entry}
                    first={fresh || !together(day[n - 1], entry)}
                    last={!together(entry, next) || next?.s === unreadFrom}
                    found={found === entry.s}
                    actions={actions}
                  />,
                ];
              })}
            </section>
          ))}
          {view.last === null &&
            !detached &&
            pending.map((item) => (
              <Unsent key={item.key} conversation={conversation} item={item} actions={actions} />
            ))}
          {all.length + pending.length === 0 && !loading && (
            <p class="empty">No messages yet. Write the first one below.</p>
          )}
        </div>
      </div>
      {divider !== null && (unreadFrom === -1 ? place.from > divider : above) && (
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
      {lost !== "" && (
        <p class="pill lost" role="status">
          {lost}
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
      {dated !== null && (
        <Popup at={dated} label="Go to a date" onClose={() => setDated(null)}>
          <DateJump conversation={conversation} onDone={() => setDated(null)} />
        </Popup>
      )}
    </div>
  );
}

/** The seq of the first message that others wrote after `read`; -1 when it is not loaded. */
function firstUnread(all: readonly Entry[], from: number, read: number, me: string): number {
  if (from > read) return -1;
  return (
    all.slice(indexFrom(all, read + 1)).find((entry) => entry.from !== me && counts(entry.b))?.s ??
    -1
  );
}

type Day = [Entry, ...Entry[]];

/** Messages by the day on which they were said. */
function daysOf(entries: readonly Entry[]): Day[] {
  const days: Day[] = [];
  for (const entry of entries) {
    const day = days.at(-1);
    if (day !== undefined && sameDay(day[0].ts, entry.ts)) day.push(entry);
    else days.push([entry]);
  }
  return days;
}

interface NewsProps {
  conversation: Conversation;
  name(u: string): string;
  me: string;
}

/** For those who listen: what just came from others. */
function News({ conversation, name, me }: NewsProps) {
  const begun = useRef(conversation.log.last);
  const newest = conversation.entries.value.findLast((entry) => shows(entry.b));
  const news = newest !== undefined && newest.s > begun.current && newest.from !== me;
  return (
    <p class="hidden-text" role="status">
      {news && newest.b.k === "text" && `${name(newest.from)}: ${snippet(newest.b)}`}
    </p>
  );
}
