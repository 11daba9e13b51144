import { useContext, useState } from "../../vendor/hooks.js";
import { createContext } from "../../vendor/preact.js";
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
