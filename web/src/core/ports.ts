/**
 * What the core needs of the world. The page hands in the browser's; the tests hand in their own,
 * so time and chance come from outside here too.
 */

/** Ends a timer; harmless once it has run. */
export type Cancel = () => void;

export interface Clock {
  /** UTC, in ms: for what people see. */
  now(): number;
  /** Rises steadily, in ms: for waiting. */
  steady(): number;
  after(ms: number, run: () => void): Cancel;
}

/** A number from 0 up to 1. */
export type Random = () => number;

/** One WebSocket, as little of it as is used. */
export interface Socket {
  send(text: string): void;
  close(code?: number): void;
}

export interface SocketEvents {
  onOpen(): void;
  onMessage(text: string): void;
  /** Once, also when it never opened. */
  onClose(code: number): void;
}

/** Opens a socket at an address; null is the page's own. What cannot be opened closes, too. */
export type OpenSocket = (url: string | null, events: SocketEvents) => Socket;

/** Small texts that outlive a reload. `set` throws when there is no room. */
export interface Shelf {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  keys(): string[];
}

export interface HttpAnswer {
  status: number;
  /** The decoded JSON, or null when the body is none. */
  body: unknown;
}

/** One HTTP request to our own origin; rejects only when no answer came. */
export type Http = (
  method: string,
  path: string,
  headers: Record<string, string>,
  body: unknown,
) => Promise<HttpAnswer>;

/** Runs one job at a time among all tabs of this browser, as far as it can tell. */
export type Exclusive = <T>(job: () => Promise<T>) => Promise<T>;

/** All of it. */
export interface World {
  clock: Clock;
  random: Random;
  open: OpenSocket;
  shelf: Shelf;
  http: Http;
  exclusive: Exclusive;
  /** What this browser is called in the list of devices. */
  label: string;
}
