import { useContext, useEffect, useState } from "../../vendor/hooks.js";
import { createContext } from "../../vendor/preact.js";
import { isMissing } from "../core/people.js";
import { said } from "./words.js";
const Context = createContext(null);
export const ClientProvider = Context.Provider;
/** The page's client. */
export function useClient() {
    const client = useContext(Context);
    if (client === null)
        throw new Error("outside of the page");
    return client;
}
/** Something the user started that takes a while and can fail. */
export function useTask() {
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState("");
    const run = (job) => {
        setBusy(true);
        setError("");
        job()
            .catch((reason) => setError(said(reason)))
            .finally(() => setBusy(false));
    };
    return { busy, error, run };
}
/** What is read from the server when a part of the page opens. */
export function useLoaded(read, of = null) {
    const [value, set] = useState(null);
    const [error, setError] = useState("");
    const [missing, setMissing] = useState(false);
    const [turn, setTurn] = useState(0);
    useEffect(() => {
        let wanted = true;
        read().then((came) => {
            if (!wanted)
                return;
            set(came);
            setError("");
        }, (reason) => {
            if (!wanted)
                return;
            if (isMissing(reason))
                setMissing(true);
            else
                setError(said(reason));
        });
        return () => {
            wanted = false;
        };
    }, [of, turn]);
    return { value, error, missing, set, again: () => setTurn((now) => now + 1) };
}
