import type { Failure } from "../core/chain.js";
import type { Phase } from "../core/connection.js";
import { Refused } from "../core/requests.js";
import type { Body, Head, Last } from "../core/wire.js";

type Names = ReadonlyMap<string, string>;

/** What somebody is called here; without a name it is an account that is gone. */
export const nameOf = (u: string, names: Names, me: string): string =>
  u === me ? "You" : (names.get(u) ?? "A former member") || "Deleted account";

/** What went wrong and what to do, in a sentence. */
export function said(error: unknown): string {
  if (error instanceof Refused) return refusal({ code: error.code, text: error.message });
  if (error instanceof TypeError) return "There is no connection. Try again in a moment.";
  return error instanceof Error ? error.message : "That did not work. Try again in a moment.";
}

/** What a conversation is called: of two people, the other's name. */
export const titleOf = ({ title, kind }: Pick<Head, "title" | "kind">): string =>
  title === "" ? (kind === "direct" ? "Deleted account" : "A group") : title;

/** When somebody was here last, in words. */
export function seenLine(ts: number): string {
  const ago_ms = Date.now() - ts;
  if (ago_ms < 60_000) return "last seen just now";
  if (ago_ms < 60 * 60_000) return `last seen ${Math.floor(ago_ms / 60_000)} min ago`;
  return sameDay(ts, Date.now()) ? `last seen at ${timeOf(ts)}` : `last seen ${dayOf(ts)}`;
}

/** Who writes now, in a line; empty when nobody does. */
export function typingLine(users: readonly string[], group: boolean, names: Names): string {
  const [one, two, ...more] = users.map((u) => names.get(u) ?? "Somebody");
  if (one === undefined) return "";
  if (!group) return "typing…";
  if (two === undefined) return `${one} is typing…`;
  return more.length === 0 ? `${one} and ${two} are typing…` : `${users.length} are typing…`;
}

/** Why a message or a change was refused: in the server's own words, where it has any. */
export const refusal = ({ code, text }: Failure): string =>
  sentence(text) || `The server refused it (${code}).`;

/** The one line on the connection; empty when there is nothing to say. */
export function connectionLine(phase: Phase): string {
  switch (phase) {
    case "replaced":
      return "Hubbub is open in another tab or window.";
    case "refused":
      return "The server ended the connection.";
    case "up":
      return "";
    default:
      return "Waiting for network";
  }
}

/** What the server tells of a group, as a sentence. */
export function told(from: string, b: Extract<Body, { k: "system" }>, names: Names, me: string) {
  const by = nameOf(from, names, me);
  const whom = (b.users ?? []).map((u) => (u === me ? "you" : nameOf(u, names, me))).join(", ");
  const self = (b.users ?? []).length === 1 && b.users?.[0] === from;
  switch (b.ev) {
    case "created":
      return b.title === undefined ? "The conversation began" : `${by} made the group`;
    case "joined":
      return self ? `${by} joined` : `${by} added ${whom}`;
    case "left":
      return `${by} left`;
    case "kicked":
      return `${by} removed ${whom}`;
    case "role":
      return `${by} made ${whom} ${b.role === "member" ? "a member" : `an ${b.role ?? "admin"}`}`;
    case "renamed":
      return `${by} named the group ${b.title ?? ""}`;
    default:
      return "The group changed";
  }
}

/** What an entry holds, in one line. */
export function snippet(b: Body): string {
  switch (b.k) {
    case "text":
      return b.text.slice(0, 200).replace(/\s+/g, " ");
    default:
      return "Deleted message";
  }
}

/** A last entry in one line. */
export function glance(last: Last, group: boolean, names: Names, me: string): string {
  const { b, from } = last;
  if (b.k === "system") return told(from, b, names, me);
  const text = snippet(b);
  const name = from === me ? "You" : names.get(from);
  // Isolated: a text that runs right to left keeps its own order behind the name.
  return (from === me || group) && name !== undefined ? `${name}: \u2068${text}\u2069` : text;
}

const DAY_MS = 24 * 60 * 60_000;

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
});
const dated = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  year: "numeric",
});

export const timeOf = (ts: number): string => clock.format(ts);

export const sameDay = (one: number, other: number): boolean =>
  new Date(one).toDateString() === new Date(other).toDateString();

/** A day in words: today has its own. */
export function dayOf(ts: number): string {
  if (sameDay(ts, Date.now())) return "Today";
  if (sameDay(ts, Date.now() - DAY_MS)) return "Yesterday";
  const year = new Date(ts).getFullYear() === new Date().getFullYear();
  return (year ? weekday : dated).format(ts);
}

/** The time of a line in the list: the hour today, the day before. */
export const whenOf = (ts: number): string => (sameDay(ts, Date.now()) ? timeOf(ts) : dayOf(ts));

function sentence(text: string): string {
  if (text === "") return "";
  const first = text[0] ?? "";
  const ended = /[.?]$/.test(text) ? text : `${text}.`;
  return first.toUpperCase() + ended.slice(1);
}
