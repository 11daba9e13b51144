/** The frames of the clients' protocol, as far as this page speaks it. */

export type Role = "owner" | "admin" | "member";

export type Body =
  | { k: "text"; text: string; re_s?: number }
  | {
      k: "system";
      ev: "created" | "joined" | "left" | "kicked" | "role" | "renamed";
      users?: string[];
      title?: string;
      role?: Role;
    }
  | { k: "deleted" }
  | { k: "edit"; s: number; text: string }
  | { k: "delete"; s: number }
  | { k: "react"; s: number; emoji: string };

/** An entry of a conversation's log. `cut` says that the text is longer than what came. */
export interface Entry {
  c: string;
  s: number;
  from: string;
  dev?: string;
  cid?: number;
  ts: number;
  b: Body;
  cut?: boolean;
  len?: number;
  /** Its text is not the first one. */
  edited?: boolean;
  /** {emoji: users}, in order of arrival. */
  reactions?: Record<string, string[]>;
}

export interface Last {
  s: number;
  from: string;
  ts: number;
  b: Body;
}

/** A line of the list; `n` and `nread` count texts up to the head and up to `read`. */
export interface Head {
  c: string;
  kind: "direct" | "group";
  title: string;
  head: number;
  n: number;
  nread: number;
  read: number;
  recv: number;
  mine: number;
  role: Role;
  u?: string;
  last?: Last;
  /** A stranger began it, and waits to be let in. */
  request?: boolean;
  /** UTC ms up to which there is no notice of it. */
  mute?: number;
  /** The hue that `u` chose. */
  colour?: string;
}

export interface Member {
  u: string;
  name: string;
  role: Role;
  recv: number;
  read: number;
  /** The hue that the member chose. */
  colour?: string;
}

export type ShortHead = [c: string, head: number, n: number];

export interface Welcome {
  t: "welcome";
  user: string;
  device: string;
  node: string;
  now: number;
  hb: number;
  mine: number;
  limits: Record<string, number>;
}
export interface Heads {
  t: "heads";
  re: number;
  lv: number;
  convs: (Head | ShortHead)[];
  gone?: { c: string; until: number }[];
  more: boolean;
}
/** `from` to `to`, both included, is the range it covers, whatever is left out in between. */
export interface Page {
  t: "page";
  re: number;
  c: string;
  msgs: Entry[];
  head: number;
  from: number;
  to: number;
  more: boolean;
}
export interface Ack {
  t: "ack";
  re: number;
  c: string;
  cid: number;
  s: number;
  ts: number;
  dup: boolean;
}
export interface ConvFrame {
  t: "conv";
  re: number;
  c: string;
  kind: "direct" | "group";
  title: string;
  members: Member[];
}
export interface Err {
  t: "err";
  re?: number;
  code: string;
  msg: string;
  retry?: number;
  last?: number;
}
export interface Presence {
  t: "pres";
  u: string;
  st: "on" | "off";
  seen: number;
}

export type OutFrame =
  | Welcome
  | Heads
  | Page
  | Ack
  | ConvFrame
  | Err
  | Presence
  | ({ t: "msg" } & Entry)
  | { t: "ok"; re: number }
  | { t: "behind"; convs: Record<string, number> }
  | { t: "rcpt"; c: string; recv?: Record<string, number>; read?: Record<string, number> }
  | { t: "typing"; c: string; u: string }
  | { t: "list"; lv: number }
  | { t: "pong" }
  | { t: "bye"; after: number };

/** A change in a chain of cids; the outbox adds `id`, `cid` and `prev`. */
export type Mutation =
  | { t: "send"; c: string; b: Body }
  | { t: "send"; to: string; b: Body }
  | { t: "invite"; c: string; users: string[] }
  | { t: "kick"; c: string; users: string[] }
  | { t: "leave"; c: string }
  | { t: "role"; c: string; u: string; role: Role }
  | { t: "rename"; c: string; title: string }
  | { t: "create"; title: string; members: string[] }
  | Own;

/** A change of what is the user's own, on a chain apart from every conversation's. */
export type Own =
  | { t: "contact"; u: string; do: "request" | "accept" | "remove" }
  | { t: "block" | "unblock"; u: string }
  | { t: "mute"; c: string; until: number };

/** A request that is safe to ask again, and is on no chain. */
export type Query =
  | { t: "sync"; lv: number }
  | { t: "hist"; c: string; after?: number; before?: number; at?: number; limit?: number }
  | { t: "watch"; users: string[]; convs: string[] }
  | { t: "conv"; c: string }
  | { t: "auth"; token: string };

export type InFrame =
  | {
      t: "hello";
      v: 1;
      token: string;
      device: string;
      client: string;
      inst: string;
      try: number;
      cut: number;
    }
  | (Query & { id: number })
  | (Mutation & { id: number; cid: number; prev: number })
  | { t: "typing"; c: string }
  | { t: "recv"; c: string; s: number }
  | { t: "read"; c: string; s: number }
  | { t: "ping" };

const isFrame = (value: unknown): value is OutFrame =>
  typeof value === "object" && value !== null && typeof (value as { t?: unknown }).t === "string";

/** The frames of one WebSocket message: one, or a batch. What is no frame is left out. */
export function framesOf(text: string): OutFrame[] {
  const value: unknown = JSON.parse(text);
  return (Array.isArray(value) ? value : [value]).filter(isFrame);
}

/** Is it a line of its own among the messages? What changes another is not. */
export const shows = (b: Body): boolean => b.k === "text" || b.k === "deleted" || b.k === "system";

/** Does it count as unread? */
export const counts = (b: Body): boolean => b.k === "text" || b.k === "deleted";
