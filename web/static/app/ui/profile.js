import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Loading } from "./loading.js";
import { Avatar, Field, Form, hueOf } from "./parts.js";
import { useClient, useLoaded, useTask } from "./use.js";
const HUES = Array.from({ length: 12 }, (_, n) => `hue-${n}`);
/** What others see of us. */
export function ProfileForm() {
    const client = useClient();
    const from = useLoaded(() => client.people.me());
    return h(Loading, { from: from }, (me) => h(Fields, { me: me }));
}
function Fields({ me }) {
    const client = useClient();
    const [saved, setSaved] = useState(false);
    const [colour, setColour] = useState(me.colour ?? `hue-${hueOf(me.id)}`);
    const [display, setDisplay] = useState(me.display);
    const save = async ({ display: shown = "", about = "" }) => {
        setSaved(false);
        // Only where the server knows of colours.
        const tinted = me.colour !== undefined && colour !== me.colour ? { colour } : {};
        await client.people.changeMe({ display: shown.trim(), about, ...tinted });
        setSaved(true);
    };
    return (h(Form, { submit: "Save", testid: "profile-save", keep: true, onSubmit: save },
        h("div", { class: "portrait" },
            h(Avatar, { id: me.id, name: display || me.name, colour: colour }),
            h("bdi", null, me.name)),
        h(Field, { label: "Name to show", name: "display", testid: "profile-display", value: me.display, maxLength: 64, optional: true, onText: setDisplay }),
        h(Field, { label: "About", name: "about", testid: "profile-about", value: me.about, maxLength: 500, optional: true }),
        me.colour !== undefined && (h("fieldset", { class: "colours" },
            h("legend", null, "Colour"),
            HUES.map((hue, n) => (h("label", { key: hue, class: `colour ${hue}` },
                h("input", { type: "radio", name: "colour", value: hue, checked: hue === colour, onChange: () => setColour(hue) }),
                h("span", { class: "hidden-text" },
                    "Colour ",
                    n + 1)))))),
        h("p", { class: "hint", role: "status" }, saved ? "Saved." : "")));
}
const CHOICES = [
    {
        field: "presence",
        legend: "Who sees when you are online",
        options: [
            ["fellows", "Contacts and people in your groups"],
            ["contacts", "Contacts"],
            ["nobody", "Nobody"],
        ],
    },
    {
        field: "write",
        legend: "Who may begin a conversation with you",
        options: [
            ["everyone", "Everyone (strangers ask first)"],
            ["contacts", "Contacts"],
            ["nobody", "Nobody"],
        ],
    },
];
/** Who may see and do what. Each choice is kept as it is made. */
export function Privacy() {
    const client = useClient();
    const from = useLoaded(() => client.people.me());
    const task = useTask();
    const change = (change) => task.run(async () => from.set(await client.people.changeMe(change)));
    return (h(Loading, { from: from }, (me) => (h("div", { class: "stack" },
        CHOICES.filter(({ field }) => me[field] !== undefined).map(({ field, legend, options }) => (h("fieldset", { key: field, class: "options" },
            h("legend", null, legend),
            options.map(([value, label]) => (h("label", { key: value, class: "option" },
                h("input", { type: "radio", name: field, value: value, "data-testid": `${field}-${value}`, checked: me[field] === value, onChange: () => change({ [field]: value }) }),
                label)))))),
        me.findable !== undefined && (h("label", { class: "option" },
            h("input", { type: "checkbox", "data-testid": "findable", checked: me.findable, onChange: (event) => change({ findable: event.currentTarget.checked }) }),
            "People find me when they search")),
        h("p", { class: "error", role: "alert" }, task.error)))));
}
