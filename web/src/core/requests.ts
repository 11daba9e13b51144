import type { Cancel, Clock } from "./ports.js";
import type { Err, InFrame, OutFrame, Query } from "./wire.js";

const TIMEOUT_MS = 10_000;

/** A request that got no answer: the socket went, or time ran out. */
export class Unanswered extends Error {}

/** A request that the server refused. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly retry_ms: number | null = null,
  ) {
    super(message);
  }
}

export const refusedBy = (frame: Err): Refused =>
  new Refused(frame.code, frame.msg, frame.retry ?? null);

interface Waiting {
  part(frame: OutFrame): void;
  done(frame: OutFrame): void;
  failed(error: Error): void;
  cancel: Cancel;
}

/** The list comes in several frames that answer one question. */
const unfinished = (frame: OutFrame): boolean => frame.t === "heads" && frame.more;

/** Questions and their answers, matched by `id` and `re`; the outbox draws its ids here too. */
export class Requests {
  #nextId = 1;
  readonly #waiting = new Map<number, Waiting>();

  constructor(
    private readonly send: (frame: InFrame) => boolean,
    private readonly clock: Clock,
  ) {}

  newId(): number {
    return this.#nextId++;
  }

  /**
   * The answer to one question; of an answer in several frames the last, and `part` gets those
   * before it. Rejects with Refused or Unanswered.
   */
  ask(query: Query, part: (frame: OutFrame) => void = () => undefined): Promise<OutFrame> {
    const id = this.newId();
    return new Promise((resolve, reject) => {
      if (!this.send({ ...query, id })) {
        reject(new Unanswered("not connected"));
        return;
      }
      this.#wait(id, { part, done: resolve, failed: reject, cancel: () => undefined });
    });
  }

  /** True when the frame answered one of our questions. */
  heard(frame: OutFrame): boolean {
    if (!("re" in frame) || frame.re === undefined) return false;
    const waiting = this.#waiting.get(frame.re);
    if (waiting === undefined) return false;
    this.#waiting.delete(frame.re);
    waiting.cancel();
    if (unfinished(frame)) {
      this.#wait(frame.re, waiting);
      waiting.part(frame);
      return true;
    }
    if (frame.t === "err") waiting.failed(refusedBy(frame));
    else waiting.done(frame);
    return true;
  }

  /** The socket is gone, and every answer with it. */
  down(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) {
      one.cancel();
      one.failed(new Unanswered("the connection went"));
    }
  }

  #wait(id: number, waiting: Waiting): void {
    const cancel = this.clock.after(TIMEOUT_MS, () => {
      this.#waiting.delete(id);
      waiting.failed(new Unanswered("no answer in time"));
    });
    this.#waiting.set(id, { ...waiting, cancel });
  }
}
