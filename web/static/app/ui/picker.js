import { useId, useState } from "../../vendor/hooks.js";
import { Fragment, h } from "../../vendor/preact.js";
import { Avatar, Glyph } from "./parts.js";
import { useSearch } from "./search.js";
import { useClient } from "./use.js";
/** Chooses people: found as one types, or named outright. */
export function Picker({ label, testid, chosen, text, onChoose, onText }) {
    const client = useClient();
    const id = useId();
    const [spoken, setSpoken] = useState("");
    const last = text.split(",").at(-1) ?? "";
    const ids = new Set(chosen.map((person) => person.id));
    const { names, me } = client.store;
    const known = [...names.value]
        .filter(([u, name]) => u !== me && last.trim() !== "" && begins(name, last.trim()))
        .map(([u, name]) => ({ id: u, name, display: name }));
    const found = useSearch(last);
    const shown = [...found, ...known.filter(({ id: u }) => !found.some((one) => one.id === u))]
        .filter((person) => !ids.has(person.id))
        .slice(0, 8);
    const choose = (person) => {
        onChoose([...chosen, person]);
        onText(text.split(",").slice(0, -1).join(","));
        setSpoken(`${person.display || person.name} chosen`);
        document.getElementById(id)?.focus();
    };
    return (h("div", { class: "field picker" },
        h("label", { for: id }, label),
        chosen.length > 0 && (h("ul", { class: "chosen" }, chosen.map((person) => (h("li", { key: person.id },
            h("button", { type: "button", class: "chip", "aria-label": `Leave out ${person.display || person.name}`, onClick: () => onChoose(chosen.filter((one) => one !== person)) },
                h("bdi", null, person.display || person.name),
                h(Glyph, { name: "close" }))))))),
        h("input", { id: id, type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: false, "data-testid": testid, value: text, "aria-describedby": `${id}-hint`, onInput: (event) => onText(event.currentTarget.value) }),
        h("p", { class: "hint", id: `${id}-hint` }, "Type a name and choose, or write names with commas between them."),
        h("p", { class: "hidden-text", role: "status" }, spoken),
        shown.length > 0 && (h("ul", { class: "found", "aria-label": "People" }, shown.map((person) => (h("li", { key: person.id },
            h("button", { type: "button", class: "pick", "data-testid": "found-person", onClick: () => choose(person) },
                h(Avatar, { id: person.id, name: person.display || person.name, colour: person.colour }),
                h(Fragment, null,
                    h("bdi", null, person.display || person.name),
                    person.display !== person.name && h("bdi", { class: "hint" }, person.name))))))))));
}
const begins = (name, text) => name.toLowerCase().startsWith(text.toLowerCase());
/** The names that stand in a field. */
export const namesIn = (text) => [
    ...new Set(text
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name)),
];
