import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Appearance } from "./appearance.js";
import { Blocked, Contacts } from "./contacts.js";
import { Data, Recovery } from "./data.js";
import { Devices } from "./devices.js";
import { help } from "./layout.js";
import { Glyph, Sheet } from "./parts.js";
import { Privacy, ProfileForm } from "./profile.js";
import { useClient } from "./use.js";
const PAGES = {
    profile: { title: "Profile", glyph: "person", view: ProfileForm },
    contacts: { title: "Contacts", glyph: "group", view: Contacts },
    devices: { title: "Devices", glyph: "device", view: Devices },
    privacy: { title: "Privacy", glyph: "lock", view: Privacy },
    blocked: { title: "Blocked people", glyph: "block", view: Blocked },
    appearance: { title: "Appearance", glyph: "sun", view: Appearance },
    recovery: { title: "Recovery codes", glyph: "key", view: Recovery },
    data: { title: "Your data", glyph: "box", view: Data },
};
const NAMES = Object.keys(PAGES);
/** Everything about oneself and this browser, a page at a time. */
export function Settings({ onClose }) {
    const client = useClient();
    const [name, setName] = useState(null);
    if (name !== null) {
        const { title, view: View } = PAGES[name];
        return (h(Sheet, { key: name, title: title, onClose: onClose, onBack: () => setName(null) },
            h(View, null)));
    }
    return (h(Sheet, { key: "all", title: "Settings", onClose: onClose },
        h("ul", { class: "pages" },
            NAMES.map((page) => (h("li", { key: page },
                h("button", { type: "button", class: "menu-item", "data-testid": `settings-${page}`, onClick: () => setName(page) },
                    h(Glyph, { name: PAGES[page].glyph }),
                    PAGES[page].title)))),
            h("li", null,
                h("button", { type: "button", class: "menu-item", onClick: () => {
                        onClose();
                        help.value = true;
                    } },
                    h(Glyph, { name: "info" }),
                    "Keyboard")),
            h("li", null,
                h("button", { type: "button", class: "menu-item danger-text", "data-testid": "sign-out", onClick: () => void client.signOut() },
                    h(Glyph, { name: "out" }),
                    "Sign out")))));
}
