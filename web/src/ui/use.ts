import { useContext, useState } from "../../vendor/hooks.js";
import { createContext } from "../../vendor/preact.js";
import type { Client } from "../core/client.js";
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
