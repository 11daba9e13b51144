import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Act } from "./contacts.js";
import { useClient, useLoaded } from "./use.js";
import { nameOf, whenOf } from "./words.js";
const WEEK_HOURS = 7 * 24;
/** The address that lets somebody into a group. */
const addressOf = (token) => `${location.origin}/#join/${token}`;
/** The links to a group; nothing where the server has none. */
export function Links({ c }) {
    const client = useClient();
    const from = useLoaded(() => client.people.invites(c), c);
    const [fresh, setFresh] = useState(null);
    const [copied, setCopied] = useState(false);
    const { names, me } = client.store;
    if (from.missing)
        return null;
    return (h("div", { class: "stack" },
        h("h3", { class: "section" }, "Invite links"),
        fresh !== null && (h("div", { class: "field" },
            h("input", { type: "text", readOnly: true, "aria-label": "The new link", "data-testid": "link-address", value: addressOf(fresh), onFocus: (event) => event.currentTarget.select() }),
            h("p", { class: "hint" }, "Whoever has it can join for a week. It is shown this once."),
            h("button", { type: "button", class: "link", onClick: () => {
                    void navigator.clipboard?.writeText(addressOf(fresh)).then(() => setCopied(true));
                } }, copied ? "Copied" : "Copy"))),
        h("ul", { class: "members", "aria-label": "Invite links" }, (from.value ?? []).map(({ id, by, expires }) => (h("li", { class: "member", key: id, "data-testid": "link-row" },
            h("span", { class: "member-name" },
                h("bdi", null,
                    "By ",
                    nameOf(by, names.value, me)),
                h("span", { class: "hint" },
                    "Good until ",
                    whenOf(expires))),
            h(Act, { label: "End", testid: "link-revoke", danger: true, act: () => client.people.revokeInvite(c, id), onDone: from.again }))))),
        h(Act, { label: "Make a link", testid: "link-make", act: async () => {
                setCopied(false);
                setFresh(await client.people.makeInvite(c, WEEK_HOURS));
            }, onDone: from.again })));
}
