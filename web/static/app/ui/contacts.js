import { h } from "../../vendor/preact.js";
import { Loading } from "./loading.js";
import { Avatar } from "./parts.js";
import { useClient, useLoaded, useTask } from "./use.js";
const STATES = {
    asked: "You asked",
    asks: "Asks to be a contact",
    mutual: "",
};
/** Contacts, those who ask, and those who were asked. */
export function Contacts() {
    const client = useClient();
    const from = useLoaded(() => client.people.contacts(), client.store.moved.value);
    return (h(Loading, { from: from }, (contacts) => (h("ul", { class: "members", "aria-label": "Contacts" },
        contacts.map((person) => (h(Line, { key: person.id, person: person, note: STATES[person.state] },
            person.state === "asks" && (h(Act, { label: "Accept", testid: "contact-accept", act: () => client.people.contact(person.id, "accept"), onDone: from.again })),
            h(Act, { label: person.state === "asks" ? "Decline" : "Remove", testid: "contact-remove", danger: true, act: () => client.people.contact(person.id, "remove"), onDone: from.again })))),
        contacts.length === 0 && (h("li", { class: "hint" }, "Nobody yet. Open a chat with somebody and add them in its details."))))));
}
/** Whom we block. */
export function Blocked() {
    const client = useClient();
    const from = useLoaded(() => client.people.blocked(), client.store.moved.value);
    return (h(Loading, { from: from }, (people) => (h("ul", { class: "members", "aria-label": "Blocked people" },
        people.map((person) => (h(Line, { key: person.id, person: person, note: "" },
            h(Act, { label: "Unblock", testid: "unblock", act: () => client.people.block(person.id, false), onDone: from.again })))),
        people.length === 0 && h("li", { class: "hint" }, "You block nobody.")))));
}
function Line({ person, note, children }) {
    const { id, name, display, colour } = person;
    return (h("li", { class: "member", "data-testid": "person-row", "data-u": id },
        h(Avatar, { id: id, name: display || name, colour: colour }),
        h("span", { class: "member-name" },
            h("bdi", null, display || name),
            note !== "" && h("span", { class: "hint" }, note)),
        h("span", { class: "actions" }, children)));
}
/** A button for something that takes a moment, and says when it failed. */
export function Act({ label, testid, danger = false, act, onDone }) {
    const task = useTask();
    return (h("span", null,
        h("button", { type: "button", class: danger ? "link danger-text" : "link", "data-testid": testid, disabled: task.busy, onClick: () => task.run(async () => {
                await act();
                onDone();
            }) }, label),
        task.error !== "" && (h("span", { class: "error", role: "alert" }, task.error))));
}
