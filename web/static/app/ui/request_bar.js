import { h } from "../../vendor/preact.js";
import { back } from "./route.js";
import { useClient, useTask } from "./use.js";
import { titleOf } from "./words.js";
/** In place of the composer while a stranger waits to be let in. */
export function RequestBar({ conversation }) {
    const client = useClient();
    const task = useTask();
    const { u = "" } = conversation.line.value;
    return (h("div", { class: "request", "data-testid": "request-bar" },
        h("p", null,
            h("bdi", null, titleOf(conversation.line.value)),
            " wants to write to you. They do not see whether you are here or have read this until you accept."),
        h("p", { class: "error", role: "alert" }, task.error),
        h("div", { class: "choices" },
            h("button", { type: "button", class: "danger", "data-testid": "request-block", disabled: task.busy, onClick: () => task.run(async () => {
                    await client.people.block(u, true);
                    back(client);
                }) }, "Block"),
            h("button", { type: "button", class: "primary", "data-testid": "request-accept", disabled: task.busy, onClick: () => task.run(() => client.letIn(conversation)) }, "Accept"))));
}
