import { useEffect, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { useClient } from "./use.js";
import { connectionLine } from "./words.js";
const QUIET_MS = 3_000;
/** One quiet line, only once the connection has been away for a while. */
export function ConnectionLine() {
    const client = useClient();
    const phase = client.phase.value;
    const up = phase === "up";
    const stopped = phase === "replaced" || phase === "refused";
    const [late, setLate] = useState(false);
    useEffect(() => {
        setLate(false);
        if (up)
            return;
        const timer = setTimeout(() => setLate(true), QUIET_MS);
        return () => clearTimeout(timer);
    }, [up]);
    const text = stopped || late ? connectionLine(phase) : "";
    return (h("p", { class: "connection", "data-testid": "connection", "data-phase": phase, role: "status" },
        text,
        stopped && (h("button", { type: "button", class: "link", onClick: () => (phase === "refused" ? client.resume() : location.reload()) }, phase === "replaced" ? "Use it here" : "Try again"))));
}
