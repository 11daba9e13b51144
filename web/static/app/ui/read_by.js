import { h } from "../../vendor/preact.js";
import { Avatar, Sheet } from "./parts.js";
/** Who has read a message of ours, and who has only got it. */
export function ReadBy({ conversation, entry, onClose }) {
    const { read, recv } = conversation.reachedBy(entry.s, entry.from);
    return (h(Sheet, { title: "Read by", onClose: onClose },
        read.length + recv.length === 0 && h("p", { class: "hint" }, "Nobody has it yet."),
        h(People, { title: "Read", people: read, testid: "read-by" }),
        h(People, { title: "Delivered", people: recv, testid: "delivered-to" })));
}
function People({ title, people, testid }) {
    if (people.length === 0)
        return null;
    return (h("section", null,
        h("h3", { class: "section" }, title),
        h("ul", { class: "members", "data-testid": testid }, people.map(({ u, name }) => (h("li", { class: "member", key: u },
            h(Avatar, { id: u, name: name }),
            h("bdi", { class: "member-name" }, name)))))));
}
