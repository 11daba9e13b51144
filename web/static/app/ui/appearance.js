import { h } from "../../vendor/preact.js";
import { prefs } from "./prefs.js";
const THEMES = [
    ["system", "Like the system"],
    ["light", "Light"],
    ["dark", "Dark"],
];
/** How the page looks and types, in this browser. */
export function Appearance() {
    return (h("div", { class: "stack" },
        h("fieldset", { class: "options" },
            h("legend", null, "Theme"),
            THEMES.map(([value, label]) => (h("label", { key: value, class: "option" },
                h("input", { type: "radio", name: "theme", value: value, "data-testid": `theme-${value}`, checked: prefs.theme.value === value, onChange: () => {
                        prefs.theme.value = value;
                    } }),
                label)))),
        h("label", { class: "option" },
            h("input", { type: "checkbox", "data-testid": "enter-sends", checked: prefs.enterSends.value, onChange: (event) => {
                    prefs.enterSends.value = event.currentTarget.checked;
                } }),
            "Enter sends (else Ctrl+Enter does)")));
}
