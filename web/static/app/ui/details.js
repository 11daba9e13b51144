import { useState } from "../../vendor/hooks.js";
import { Fragment, h } from "../../vendor/preact.js";
import { FOR_EVER, isMissing } from "../core/people.js";
import { Act } from "./contacts.js";
import { DateJump } from "./date_jump.js";
import { details, wide } from "./layout.js";
import { Members } from "./members.js";
import { Avatar, Glyph, Sheet } from "./parts.js";
import { useClient, useLoaded, useTask } from "./use.js";
import { titleOf } from "./words.js";
const HOUR_MS = 60 * 60_000;
/** All about one conversation: beside it where there is room, else over it. */
export function Details({ conversation }) {
    const title = titleOf(conversation.line.value);
    const close = () => {
        details.value = false;
    };
    if (!wide.value) {
        return (h(Sheet, { title: title, onClose: close },
            h(Inside, { conversation: conversation })));
    }
    return (h("aside", { class: "details", "aria-label": "Details", "data-testid": "details" },
        h("header", { class: "bar" },
            h("h2", null, "Details"),
            h("button", { type: "button", class: "icon", "aria-label": "Close the details", onClick: close },
                h(Glyph, { name: "close" }))),
        h("div", { class: "sheet-body" },
            h(Inside, { conversation: conversation }))));
}
function Inside({ conversation }) {
    const { c, kind, u } = conversation.line.value;
    const title = titleOf(conversation.line.value);
    const deleted = kind === "direct" && conversation.line.value.title === "";
    return (h(Fragment, null,
        h("div", { class: "portrait big" },
            h(Avatar, { id: u ?? c, name: title, dot: u }),
            h("bdi", null, title),
            u !== undefined && conversation.real && !deleted && h(About, { u: u })),
        conversation.real && h(Mute, { conversation: conversation }),
        h(Pin, { conversation: conversation }),
        conversation.real && (h(DateJump, { conversation: conversation, onDone: () => {
                if (!wide.peek())
                    details.value = false;
            } })),
        kind === "group" ? (h(Members, { conversation: conversation })) : (u !== undefined && !deleted && h(Person, { u: u }))));
}
function Pin({ conversation }) {
    const { pins } = useClient().store;
    return (h("label", { class: "option" },
        h("input", { type: "checkbox", "data-testid": "pin", checked: pins.all.value.has(conversation.key), onChange: () => pins.toggle(conversation.key) }),
        "Pin to the top of the list"));
}
function About({ u }) {
    const client = useClient();
    const { value } = useLoaded(() => client.people.profile(u), u);
    if (value === null)
        return null;
    return (h(Fragment, null,
        h("bdi", { class: "hint" }, value.name),
        value.about !== "" && (h("p", { class: "about-me", dir: "auto" }, value.about))));
}
/** A conversation that gives no notice, for a while or until told otherwise. */
function Mute({ conversation }) {
    const client = useClient();
    const task = useTask();
    const { mute = 0 } = conversation.line.value;
    const muted = mute > Date.now();
    const [missing, setMissing] = useState(false);
    const until = (at) => task.run(async () => {
        try {
            await client.people.mute(conversation.c, at);
        }
        catch (error) {
            if (!isMissing(error))
                throw error;
            setMissing(true);
        }
    });
    if (missing)
        return null;
    return (h("div", { class: "field" },
        h("label", null,
            h("span", { class: "label" }, "Notices"),
            h("select", { "data-testid": "mute", disabled: task.busy, value: muted ? "now" : "on", onChange: (event) => {
                    const { value } = event.currentTarget;
                    if (value === "on")
                        until(0);
                    else if (value === "hour")
                        until(Date.now() + HOUR_MS);
                    else if (value === "day")
                        until(Date.now() + 8 * HOUR_MS);
                    else if (value === "ever")
                        until(FOR_EVER);
                } },
                h("option", { value: "on" }, "On"),
                muted && h("option", { value: "now" }, "Muted"),
                h("option", { value: "hour" }, "Mute for an hour"),
                h("option", { value: "day" }, "Mute for 8 hours"),
                h("option", { value: "ever" }, "Mute until I turn it on"))),
        task.error !== "" && (h("p", { class: "error", role: "alert" }, task.error))));
}
/** What one may do about the other person; nothing where the server has no contacts. */
function Person({ u }) {
    const client = useClient();
    const now = `${u} ${client.store.moved.value}`;
    const contacts = useLoaded(() => client.people.contacts(), now);
    const blocks = useLoaded(() => client.people.blocked(), now);
    if (contacts.missing || contacts.value === null || blocks.value === null)
        return null;
    const state = contacts.value.find((one) => one.id === u)?.state;
    const blocked = blocks.value.some((one) => one.id === u);
    const again = () => {
        contacts.again();
        blocks.again();
    };
    return (h("div", { class: "acts" },
        !blocked && state === undefined && (h(Act, { label: "Add to contacts", testid: "contact-request", act: () => client.people.contact(u, "request"), onDone: again })),
        !blocked && state === "asks" && (h(Act, { label: "Accept as contact", testid: "contact-accept", act: () => client.people.contact(u, "accept"), onDone: again })),
        !blocked && state === "asked" && h("p", { class: "hint" }, "You asked them to be a contact."),
        !blocked && (state === "mutual" || state === "asked") && (h(Act, { label: state === "mutual" ? "Remove from contacts" : "Take it back", testid: "contact-remove", act: () => client.people.contact(u, "remove"), onDone: again })),
        h(Act, { label: blocked ? "Unblock" : "Block", testid: blocked ? "unblock" : "block", danger: !blocked, act: () => client.people.block(u, !blocked), onDone: again }),
        blocked && h("p", { class: "hint" }, "They cannot reach you in this conversation.")));
}
