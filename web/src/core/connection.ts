import { Backoff } from "./backoff.js";
import type { Nodes } from "./nodes.js";
import type { Cancel, Clock, OpenSocket, Random, Socket } from "./ports.js";
import { framesOf, type InFrame, type OutFrame, type Welcome } from "./wire.js";

const SILENCE_MS = 25_000;
const PONG_MS = 5_000;
/** From the first byte of a try to `welcome`; past it the try has failed. */
const OPENING_MS = 15_000;
const RATE_WAIT_MS = 5_000;
const TEXT_CUT = 4_000;
/** Close codes that say something about the node: no answer, on its way out, out of order. */
const BROKEN = new Set([1001, 1006, 1011, 1012, 4503]);

/** Why a connection stopped for good, until the user or a new start acts. */
export type Stopped = "replaced" | "forbidden" | "refused";
export type Phase = "off" | "connecting" | "up" | "waiting" | Stopped;

/** What the connection tells its owner. */
export interface ConnectionEvents {
  onPhase(phase: Phase): void;
  onWelcome(frame: Welcome): void;
  onFrame(frame: OutFrame): void;
  /** Once for each socket that had been up. `code` is the WebSocket's. */
  onDown(code: number): void;
}

/** Where the token of the next hello comes from; null when there is none to be had now. */
export interface Credentials {
  device(): string;
  token(): Promise<string | null>;
  /** The server took the last token for dead. */
  expired(): void;
}

/**
 * The one socket: opens it, says hello, keeps it alive, and opens it again.
 *
 *     off -> connecting -> up -> waiting -> connecting -> ...
 *                           \-> replaced | forbidden | refused     (start() again leaves them)
 */
export class Connection {
  readonly #backoff: Backoff;
  readonly #instance: string;
  #phase: Phase = "off";
  #socket: Socket | null = null;
  /** Rises with every socket, so that what an old one still says is not heard. */
  #turn = 0;
  #upSince_ms = 0;
  #timers: { next?: Cancel; silence?: Cancel; pong?: Cancel } = {};

  constructor(
    private readonly open: OpenSocket,
    private readonly nodes: Nodes,
    private readonly clock: Clock,
    random: Random,
    private readonly credentials: Credentials,
    private readonly events: ConnectionEvents,
  ) {
    this.#backoff = new Backoff(random);
    this.#instance = `i${Math.floor(random() * 2 ** 48).toString(36)}`;
  }

  get phase(): Phase {
    return this.#phase;
  }

  start(): void {
    if (this.#phase === "up" || this.#phase === "connecting") return;
    void this.#connect();
  }

  stop(): void {
    this.#drop("off");
  }

  /** Sends when up; false when it could not. */
  send(frame: InFrame): boolean {
    if (this.#phase !== "up" || this.#socket === null) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** The network is back, or the page is looked at again: find out at once. */
  wake(): void {
    if (this.#phase === "up") this.#ping();
    else if (this.#phase === "waiting") void this.#connect();
  }

  async #connect(): Promise<void> {
    this.#drop("connecting");
    const turn = this.#turn;
    const token = await this.credentials.token().catch(() => null);
    if (turn !== this.#turn) return;
    if (token === null) {
      this.#retry(this.#backoff.next());
      return;
    }
    const url = await this.nodes.choose(token);
    if (turn !== this.#turn) return;
    const hello: InFrame = {
      t: "hello",
      v: 1,
      token,
      device: this.credentials.device(),
      client: "web/0.1",
      inst: this.#instance,
      try: turn,
      cut: TEXT_CUT,
    };
    this.#timers.pong = this.clock.after(OPENING_MS, () => this.#lost(turn, 1006));
    const socket: Socket = this.open(url, {
      onOpen: () => {
        if (turn === this.#turn) socket.send(JSON.stringify(hello));
      },
      onMessage: (text) => {
        if (turn === this.#turn) this.#heard(text);
      },
      onClose: (code) => this.#lost(turn, code),
    });
    this.#socket = socket;
  }

  #heard(text: string): void {
    this.#timers.pong?.();
    this.#timers.silence?.();
    this.#timers.silence = this.clock.after(SILENCE_MS, () => this.#ping());
    const turn = this.#turn;
    for (const frame of framesOf(text)) {
      if (turn !== this.#turn) return;
      if (frame.t === "welcome") {
        this.#upSince_ms = this.clock.steady();
        this.nodes.worked();
        this.#set("up");
        this.events.onWelcome(frame);
      } else if (frame.t === "bye") {
        this.#timers.next?.();
        this.#timers.next = this.clock.after(frame.after, () => this.#lost(turn, 4503));
      } else if (frame.t !== "pong") {
        this.events.onFrame(frame);
      }
    }
  }

  #ping(): void {
    if (!this.send({ t: "ping" })) return;
    const turn = this.#turn;
    this.#timers.pong?.();
    this.#timers.pong = this.clock.after(PONG_MS, () => this.#lost(turn, 1006));
  }

  /** The socket of that turn is gone, or is given up. */
  #lost(turn: number, code: number): void {
    if (turn !== this.#turn) return;
    const wasUp = this.#phase === "up";
    if (wasUp) this.#backoff.ended(this.clock.steady() - this.#upSince_ms);
    if (code === 4401) this.credentials.expired();
    if (BROKEN.has(code)) this.nodes.failed();
    const stopped = stoppedBy(code);
    this.#drop(stopped ?? "waiting");
    if (wasUp) this.events.onDown(code);
    // Whoever heard of it may have stopped or started us meanwhile.
    if (stopped !== null || this.#phase !== "waiting") return;
    const wait_ms = this.#backoff.next();
    this.#retry(code === 4429 ? Math.max(RATE_WAIT_MS, wait_ms) : wait_ms);
  }

  #retry(wait_ms: number): void {
    this.#set("waiting");
    this.#timers.next?.();
    this.#timers.next = this.clock.after(wait_ms, () => void this.#connect());
  }

  #drop(phase: Phase): void {
    this.#turn += 1;
    for (const cancel of Object.values(this.#timers)) cancel();
    this.#timers = {};
    this.#socket?.close();
    this.#socket = null;
    this.#set(phase);
  }

  #set(phase: Phase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.events.onPhase(phase);
  }
}

/** What a close code ends for good; null when another try makes sense. */
function stoppedBy(code: number): Stopped | null {
  switch (code) {
    case 4409:
      return "replaced";
    case 4403:
      return "forbidden";
    case 1002:
    case 1007:
    case 1009:
    case 4400:
      return "refused";
    default:
      return null;
  }
}
