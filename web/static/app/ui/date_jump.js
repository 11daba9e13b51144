import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { useClient, useTask } from "./use.js";
/** A day as its field writes it, where the reader is. */
const written = (ts) => new Intl.DateTimeFormat("sv-SE").format(ts);
/** Goes to the first message of a day, or of the next one that has any. */
export function DateJump({ conversation, onDone }) {
    const client = useClient();
    const task = useTask();
    const here = conversation.shown.peek()[0]?.ts ?? Date.now();
    const [day, setDay] = useState(written(here));
    const go = () => task.run(async () => {
        const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
        const ts = new Date(year, month - 1, date).getTime();
        if (!(await client.reachMoment(conversation, ts)))
            throw new Error("Nothing was said since.");
        onDone();
    });
    return (h("form", { class: "date-jump", onSubmit: (event) => {
            event.preventDefault();
            go();
        } },
        h("label", { class: "field" },
            h("span", { class: "label" }, "Go to a date"),
            h("input", { type: "date", required: true, "data-testid": "date", max: written(Date.now()), value: day, onInput: (event) => setDay(event.currentTarget.value) })),
        h("button", { class: "primary", type: "submit", "data-testid": "date-go", disabled: task.busy }, "Go"),
        h("p", { class: "error", role: "alert" }, task.error)));
}
