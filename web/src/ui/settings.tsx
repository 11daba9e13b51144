import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Appearance } from "./appearance.js";
import { Blocked, Contacts } from "./contacts.js";
import { Data, Recovery } from "./data.js";
import { Devices } from "./devices.js";
import { help } from "./layout.js";
import { Glyph, type GlyphName, Sheet } from "./parts.js";
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
} as const satisfies Record<string, { title: string; glyph: GlyphName; view: () => unknown }>;

type PageName = keyof typeof PAGES;
const NAMES = Object.keys(PAGES) as PageName[];

/** Everything about oneself and this browser, a page at a time. */
export function Settings({ onClose }: { onClose(): void }) {
  const client = useClient();
  const [name, setName] = useState<PageName | null>(null);
  if (name !== null) {
    const { title, view: View } = PAGES[name];
    return (
      <Sheet key={name} title={title} onClose={onClose} onBack={() => setName(null)}>
        <View />
      </Sheet>
    );
  }
  return (
    <Sheet key="all" title="Settings" onClose={onClose}>
      <ul class="pages">
        {NAMES.map((page) => (
          <li key={page}>
            <button
              type="button"
              class="menu-item"
              data-testid={`settings-${page}`}
              onClick={() => setName(page)}
            >
              <Glyph name={PAGES[page].glyph} />
              {PAGES[page].title}
            </button>
          </li>
        ))}
        <li>
          <button
            type="button"
            class="menu-item"
            onClick={() => {
              onClose();
              help.value = true;
            }}
          >
            <Glyph name="info" />
            Keyboard
          </button>
        </li>
        <li>
          <button
            type="button"
            class="menu-item danger-text"
            data-testid="sign-out"
            onClick={() => void client.signOut()}
          >
            <Glyph name="out" />
            Sign out
          </button>
        </li>
      </ul>
    </Sheet>
  );
}
