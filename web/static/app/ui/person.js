import { h } from "../../vendor/preact.js";
import { Avatar } from "./parts.js";
/** Somebody in a list, to be chosen. */
export function PersonRow({ person, testid, onPick, children }) {
    const { id, name, display, colour } = person;
    return (h("button", { type: "button", class: "row person", "data-testid": testid, onClick: onPick },
        h(Avatar, { id: id, name: display || name, colour: colour }),
        h("bdi", { class: "row-title" }, display || name),
        h("bdi", { class: "row-text" }, name),
        children));
}
