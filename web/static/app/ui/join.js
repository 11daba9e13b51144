import { h } from "../../vendor/preact.js";
import { Sheet } from "./parts.js";
import { dropInvitation, go, invitation } from "./route.js";
import { useClient, useTask } from "./use.js";
/** Somebody came by an invite link: asks before joining. */
export function Join() {
    const client = useClient();
    const task = useTask();
    const token = invitation.value;
    if (token === null)
        return null;
    const join = () => task.run(async () => {
        const c = await client.join(token);
        dropInvitation();
        go(client, c);
    });
    return (h(Sheet, { title: "Join a group?", onClose: dropInvitation },
        h("p", null, "You followed an invite link. Its members will see your name."),
        h("p", { class: "error", role: "alert" }, task.error),
        h("div", { class: "choices" },
            h("button", { type: "button", class: "quiet", onClick: dropInvitation }, "Not now"),
            h("button", { type: "button", class: "primary", "data-testid": "join", disabled: task.busy, onClick: join }, "Join"))));
}
