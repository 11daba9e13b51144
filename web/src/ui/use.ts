import { useContext, useEffect, useState } from "../../vendor/hooks.js";
import { createContext } from "../../vendor/preact.js";
import type { Client } from "../core/client.js";
import { isMissing } from "../core/people.js";
import { said } from "./words.js";

const Context = createContext<Client | null>(null);
export const ClientProvider = Context.Provider;

/** The page's client. */
export function useClient(): Client {
  const client = useContext(Context);
  if (client === null) throw new Error("outside of the page");
  return client;
}

export interface Task {
  busy: boolean;
  /** Why the last run failed; empty while there is nothing to say. */
  error: string;
  run(job: () => Promise<void>): void;
}

/** Something the user started that takes a while and can fail. */
export function useTask(): Task {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const run = (job: () => Promise<void>): void => {
    setBusy(true);
    setError("");
    job()
      .catch((reason: unknown) => setError(said(reason)))
      .finally(() => setBusy(false));
  };
  return { busy, error, run };
}

export interface Loaded<T> {
  /** Null until it came. */
  value: T | null;
  /** Why it did not come; empty while there is nothing to say. */
  error: string;
  /** The server has no such part. */
  missing: boolean;
  set(value: T): void;
  again(): void;
}

/** What is read from the server when a part of the page opens. */
export function useLoaded<T>(read: () => Promise<T>, of: unknown = null): Loaded<T> {
  const [value, set] = useState<T | null>(null);
  const [error, setError] = useState("");
  const [missing, setMissing] = useState(false);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    read().then(
      (came) => {
        if (!wanted) return;
        set(came);
        setError("");
      },
      (reason: unknown) => {
        if (!wanted) return;
        if (isMissing(reason)) setMissing(true);
        else setError(said(reason));
      },
    );
    return () => {
      wanted = false;
    };
  }, [of, turn]);
  return { value, error, missing, set, again: () => setTurn((now) => now + 1) };
}
