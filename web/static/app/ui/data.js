import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { download } from "./browser.js";
import { Codes } from "./codes.js";
import { Field, Form } from "./parts.js";
import { useClient, useTask } from "./use.js";
/** A new set of recovery codes. */
export function Recovery() {
    const client = useClient();
    const [codes, setCodes] = useState(null);
    if (codes !== null) {
        return (h("div", { class: "stack" },
            h("p", null, "Save these. Each works once, and they are not shown again. Older codes have ended."),
            h(Codes, { codes: codes })));
    }
    return (h("div", { class: "stack" },
        h("p", null, "If you forget your password, a recovery code lets you back in. New codes end the old ones."),
        h(Form, { submit: "Make new codes", testid: "recovery-renew", onSubmit: async ({ password = "" }) => setCodes(await client.people.renewRecovery(password)) },
            h(Password, { testid: "recovery-password" }))));
}
/** Taking everything away, or ending the account. */
export function Data() {
    const client = useClient();
    const task = useTask();
    const [ending, setEnding] = useState(false);
    const get = (format) => task.run(async () => {
        const token = (await client.account.token()) ?? "";
        await download(`/v1/me/export?format=${format}`, token, `hubbub.${format}`);
    });
    return (h("div", { class: "stack" },
        h("p", null, "Everything of yours: profile, devices, contacts, and every message that you may read."),
        h("div", { class: "choices start" },
            h("button", { type: "button", class: "quiet edged", "data-testid": "export-html", disabled: task.busy, onClick: () => get("html") }, "Download to read"),
            h("button", { type: "button", class: "quiet edged", "data-testid": "export-json", disabled: task.busy, onClick: () => get("json") }, "Download as data")),
        h("p", { class: "error", role: "alert" }, task.error),
        ending ? (h(Form, { submit: "Delete my account for ever", testid: "delete-account", onSubmit: async ({ password = "" }) => {
                await client.people.deleteAccount(password);
                client.account.ended();
            } },
            h("p", { class: "hint" }, "You leave every conversation. What you said stays there, as from a deleted account. Nobody can have your name again."),
            h(Password, { testid: "delete-password" }))) : (h("button", { type: "button", class: "danger", onClick: () => setEnding(true) }, "Delete account"))));
}
function Password({ testid }) {
    return (h(Field, { label: "Your password", name: "password", type: "password", testid: testid, autocomplete: "current-password", focus: true }));
}
