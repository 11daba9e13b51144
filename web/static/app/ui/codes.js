import { h } from "../../vendor/preact.js";
/** Recovery codes, to be written down. */
export function Codes({ codes }) {
    return (h("ol", { class: "codes", "data-testid": "recovery-codes" }, codes.map((code) => (h("li", { key: code },
        h("code", null, code))))));
}
