import type { HttpAnswer, OpenSocket, SocketEvents } from "../src/core/ports.js";
import type { Body, Entry, Head, InFrame, Member, Mutation, OutFrame } from "../src/core/wire.js";
import type { ManualClock } from "./clock.js";

interface Group {
  c: string;
  kind: "direct" | "group";
  title: string;
  members: Member[];
  log: Entry[];
  /** {device: {cid: {s, digest}}} */
  cids: Map<string, Map<number, { s: number; digest: string }>>;
  u?: string;
}

/** A node in memory, as the page's only user meets it: it keeps the rules of the protocol. */
export class FakeNode {
  readonly groups = new Map<string, Group>();
  /** Every frame that arrived, and when. */
  readonly heard: { at: number; frame: InFrame }[] = [];
  readonly people = new Map([
    ["ana", "u_ana"],
    ["bo", "u_bo"],
  ]);
  /** {user: hue}, of those who chose one. */
  readonly colours = new Map<string, string>();
  hellos: Extract<InFrame, { t: "hello" }>[] = [];
  /** Faults a test switches on. */
  deaf = false;
  losesAnswers = false;
  signedIn = true;
  expires_in = 900;
  refreshes = 0;
  logouts = 0;
  reachable = true;
  /** What it tells of where to connect, the best first; null: nothing. */
  nodes: string[] | null = ["ws://n1/ws"];
  /** Addresses at which nobody answers. */
  readonly dead = new Set<string | null>();
  /** Where sockets were opened. */
  readonly opened: (string | null)[] = [];
  /** It never says where. */
  slow = false;
  /** Questions for the list. */
  asked = 0;
  refusing: { code: string; retry?: number } | null = null;
  /** So many questions for pages are refused first. */
  busy = 0;
  #sockets: SocketEvents[] = [];

  constructor(private readonly clock: ManualClock) {}

  readonly open: OpenSocket = (url, events) => {
    this.opened.push(url);
    let closed = false;
    const end = (code: number): void => {
      if (closed) return;
      closed = true;
      this.#sockets = this.#sockets.filter((one) => one !== live);
      events.onClose(code);
    };
    const live: SocketEvents = { ...events, onClose: end };
    queueMicrotask(() => {
      if (closed) return;
      if (!this.reachable || this.dead.has(url)) end(1006);
      else {
        this.#sockets.push(live);
        events.onOpen();
      }
    });
    return {
      send: (text) => {
        if (closed) throw new Error("sent on a closed socket");
        const frame = JSON.parse(text) as InFrame;
        this.heard.push({ at: this.clock.steady(), frame });
        if (!this.deaf) queueMicrotask(() => this.#answer(live, frame));
      },
      close: () => queueMicrotask(() => end(1000)),
    };
  };

  readonly http = async (
    method: string,
    path: string,
    _headers: Record<string, string>,
    body: unknown,
  ): Promise<HttpAnswer> => {
    if (!this.reachable) throw new TypeError("no network");
    const user = { id: "u_me", name: "me" };
    if (path === "/v1/nodes") {
      this.asked += 1;
      if (this.slow) return await new Promise(() => undefined);
      if (this.nodes === null) return { status: 503, body: { code: "unavailable" } };
      return { status: 200, body: this.nodes.map((url, rank) => ({ url, rank, load: 0 })) };
    }
    if (path === "/v1/refresh") this.refreshes += 1;
    const entered = {
      user,
      device: "v_me",
      access: `token${this.refreshes}`,
      expires_in: this.expires_in,
    };
    if (path === "/v1/refresh") {
      if (this.signedIn) return { status: 200, body: entered };
      return { status: 401, body: { code: "unauthenticated", msg: "Sign in." } };
    }
    if (path === "/v1/login") {
      if ((body as { password: string }).password !== "right") {
        return { status: 401, body: { code: "unauthenticated", msg: "Wrong name or password." } };
      }
      this.signedIn = true;
      return { status: 200, body: entered };
    }
    if (path === "/v1/register") {
      const recovery = [..."abcdefgh"].map((letter) => letter.repeat(4));
      return { status: 201, body: { user, recovery } };
    }
    if (path === "/v1/logout") {
      this.logouts += 1;
      this.signedIn = false;
      // A server hangs up on the device before it answers.
      await Promise.resolve();
      this.hangUp(4403);
      return { status: 204, body: null };
    }
    const name = decodeURIComponent(path.split("q=")[1] ?? "");
    const id = this.people.get(name);
    return { status: method === "GET" ? 200 : 404, body: id ? [{ id, name, display: name }] : [] };
  };

  group(c: string, u?: string): Group {
    const member = (id: string): Member => ({
      u: id,
      name: id.slice(2),
      role: "member",
      recv: 0,
      read: 0,
      ...this.#tint(id),
    });
    const members = [member("u_me"), member("u_bo")];
    const kind = u === undefined ? "group" : "direct";
    const group: Group = { c, kind, title: c, members, log: [], cids: new Map(), ...(u && { u }) };
    this.groups.set(c, group);
    return group;
  }

  /** Somebody else says something; pushed unless the push is lost. */
  says(c: string, text: string, { from = "u_bo", lost = false } = {}): Entry {
    return this.commit(c, { k: "text", text }, { from, lost });
  }

  commit(c: string, b: Body, { from = "u_bo", lost = false } = {}): Entry {
    const { log } = this.groups.get(c) ?? this.group(c);
    const entry: Entry = { c, s: log.length + 1, from, ts: this.clock.now(), b };
    log.push(entry);
    if (!lost) this.push({ t: "msg", ...entry });
    return entry;
  }

  push(...frames: OutFrame[]): void {
    for (const socket of this.#sockets) {
      socket.onMessage(JSON.stringify(frames.length === 1 ? frames[0] : frames));
    }
  }

  /** Every socket ends with that code. */
  hangUp(code: number): void {
    for (const socket of [...this.#sockets]) socket.onClose(code);
  }

  texts(c: string): string[] {
    return (this.groups.get(c)?.log ?? []).map((entry) =>
      entry.b.k === "text" ? entry.b.text : "",
    );
  }

  frames<T extends InFrame["t"]>(t: T): Extract<InFrame, { t: T }>[] {
    return this.heard
      .map(({ frame }) => frame)
      .filter((frame): frame is Extract<InFrame, { t: T }> => frame.t === t);
  }

  #answer(socket: SocketEvents, frame: InFrame): void {
    if (!this.#sockets.includes(socket)) return;
    const say = (answer: OutFrame): void => socket.onMessage(JSON.stringify(answer));
    switch (frame.t) {
      case "hello": {
        this.hellos.push(frame);
        const limits = { text_chars: 100_000 };
        const now = this.clock.now();
        const { device } = frame;
        say({ t: "welcome", user: "u_me", device, node: "n", now, hb: 25, mine: 0, limits });
        break;
      }
      case "ping":
        say({ t: "pong" });
        break;
      case "sync": {
        const heads = [...this.groups.values()].map((group) => this.#head(group));
        say({ t: "heads", re: frame.id, lv: 1, convs: heads, gone: [], more: false });
        break;
      }
      case "hist":
        this.busy -= 1;
        if (this.busy >= 0) {
          say({ t: "err", re: frame.id, code: "rate_limited", msg: "Slower.", retry: 500 });
          break;
        }
        say(this.#page(frame));
        break;
      case "conv": {
        const group = this.groups.get(frame.c);
        if (group === undefined) break;
        const { c, kind, title, members } = group;
        say({ t: "conv", re: frame.id, c, kind, title, members });
        break;
      }
      case "send":
      case "invite":
      case "kick":
      case "leave":
      case "role":
      case "rename":
        this.#change(frame, say);
        break;
      case "create": {
        const { c, kind, title, members } = this.group(`g_${frame.cid}`);
        this.commit(
          c,
          { k: "system", ev: "created", title: frame.title },
          { from: "u_me", lost: true },
        );
        say({ t: "conv", re: frame.id, c, kind, title, members });
        break;
      }
      case "watch":
      case "auth":
        say({ t: "ok", re: frame.id });
        break;
      default:
        break;
    }
  }

  #change(
    frame: Mutation & { id: number; cid: number; prev: number },
    say: (answer: OutFrame) => void,
  ): void {
    const refuse = (code: string, more: object = {}): void =>
      say({ t: "err", re: frame.id, code, msg: `refused: ${code}`, ...more });
    if (this.refusing !== null) {
      const { code, retry } = this.refusing;
      refuse(code, retry === undefined ? {} : { retry });
      return;
    }
    const c = "c" in frame ? frame.c : "to" in frame ? `d_${frame.to}` : "";
    const group = this.groups.get(c) ?? this.group(c, "to" in frame ? frame.to : undefined);
    const cids = group.cids.get("v_me") ?? new Map();
    group.cids.set("v_me", cids);
    const last = Math.max(0, ...cids.keys());
    const { id, cid, prev, ...what } = frame;
    const digest = JSON.stringify("b" in what ? what.b : what);
    const known = cids.get(cid);
    if (known !== undefined && known.digest !== digest) refuse("cid_used", { last });
    else if (known === undefined && cid <= last) refuse("cid_old", { last });
    else if (known === undefined && prev !== last) refuse("resend", { last });
    else {
      const title = what.t === "rename" ? what.title : group.title;
      group.title = title;
      const b: Body = what.t === "send" ? what.b : { k: "system", ev: "renamed", title };
      const s = known?.s ?? this.commit(c, b, { from: "u_me", lost: true }).s;
      cids.set(cid, { s, digest });
      if (this.losesAnswers) return;
      const dup = known !== undefined;
      if (what.t === "send") say({ t: "ack", re: id, c, cid, s, ts: this.clock.now(), dup });
      else say({ t: "ok", re: id });
    }
  }

  #tint(u: string): { colour?: string } {
    const colour = this.colours.get(u);
    return colour === undefined ? {} : { colour };
  }

  #head({ c, kind, title, log, cids, u }: Group): Head {
    const last = log.at(-1);
    const n = log.filter((entry) => entry.b.k === "text").length;
    const mine = Math.max(0, ...(cids.get("v_me")?.keys() ?? []));
    const none = { nread: 0, read: 0, recv: 0 };
    const base: Head = { c, kind, title, head: log.length, n, mine, role: "member", ...none };
    return { ...base, ...(u && { u, ...this.#tint(u) }), ...(last && { last }) };
  }

  #page(frame: Extract<InFrame, { t: "hist" }>): OutFrame {
    const { log = [] } = this.groups.get(frame.c) ?? {};
    const limit = frame.limit ?? 50;
    const { before, after = 0 } = frame;
    const [from, to] =
      before === undefined
        ? [after + 1, Math.min(log.length, after + limit)]
        : [Math.max(1, before - limit), before - 1];
    const more = before === undefined ? to < log.length : from > 1;
    const msgs = log.slice(from - 1, to);
    return { t: "page", re: frame.id, c: frame.c, msgs, head: log.length, from, to, more };
  }
}
