import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Field, Form, Sheet } from "./parts.js";
import { PersonRow } from "./person.js";
import { namesIn, Picker } from "./picker.js";
import { useSearch } from "./search.js";
import { useClient } from "./use.js";
/** A conversation with somebody. */
export function NewChat({ onClose, onDone }) {
    const client = useClient();
    const [name, setName] = useState("");
    const found = useSearch(name);
    return (h(Sheet, { title: "New chat", onClose: onClose },
        h(Form, { submit: "Open chat", testid: "new-chat-submit", onSubmit: async () => onDone(await client.chatWith(name.trim())) },
            h(Field, { label: "Name", name: "name", testid: "new-chat-name", autocomplete: "off", hint: "Their name on Hubbub, or how it begins.", onText: setName, focus: true })),
        found.length > 0 && (h("ul", { class: "found", "aria-label": "People" }, found.map((person) => (h("li", { key: person.id },
            h(PersonRow, { person: person, testid: "found-person", onPick: () => onDone(client.chatTo(person)) }))))))));
}
/** A group of several people. */
export function NewGroup({ onClose, onDone }) {
    const client = useClient();
    const [chosen, setChosen] = useState([]);
    const [text, setText] = useState("");
    const create = async ({ title = "" }) => {
        const ids = chosen.map((person) => person.id);
        onDone(await client.createGroup(title.trim(), namesIn(text), ids));
    };
    return (h(Sheet, { title: "New group", onClose: onClose },
        h(Form, { submit: "Make group", testid: "group-submit", onSubmit: create },
            h(Field, { label: "Title", name: "title", testid: "group-title", autocomplete: "off", focus: true }),
            h(Picker, { label: "Members", testid: "group-members", chosen: chosen, text: text, onChoose: setChosen, onText: setText }))));
}
