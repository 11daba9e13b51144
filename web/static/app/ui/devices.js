import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Loading } from "./loading.js";
import { Field, Form, Glyph } from "./parts.js";
import { useClient, useLoaded, useTask } from "./use.js";
import { whenOf } from "./words.js";
/** Where we are signed in. */
export function Devices() {
    const client = useClient();
    const from = useLoaded(() => client.people.devices());
    return (h(Loading, { from: from }, (devices) => (h("ul", { class: "members", "aria-label": "Devices" }, devices.map((device) => (h(Line, { key: device.id, device: device, onChanged: from.again })))))));
}
function Line({ device, onChanged }) {
    const client = useClient();
    const task = useTask();
    const [naming, setNaming] = useState(false);
    const { id, label, current, seen } = device;
    return (h("li", { class: "member device", "data-testid": "device-row", "data-current": current },
        h(Glyph, { name: "device" }),
        h("span", { class: "member-name" },
            h("bdi", null, label),
            h("span", { class: "hint" }, current ? "This one" : `Last seen ${whenOf(seen)}`)),
        h("span", { class: "actions" },
            h("button", { type: "button", class: "link", "data-testid": "device-name", "aria-expanded": naming, onClick: () => setNaming(!naming) }, "Rename"),
            !current && (h("button", { type: "button", class: "link danger-text", "data-testid": "device-revoke", disabled: task.busy, onClick: () => task.run(async () => {
                    await client.people.revokeDevice(id);
                    onChanged();
                }) }, "Sign out"))),
        naming && (h(Form, { submit: "Save", testid: "device-save", onSubmit: async ({ label: next = "" }) => {
                await client.people.labelDevice(id, next.trim());
                setNaming(false);
                onChanged();
            } },
            h(Field, { label: "Name", name: "label", testid: "device-label", value: label, maxLength: 100, focus: true }))),
        task.error !== "" && (h("p", { class: "error", role: "alert" }, task.error))));
}
