import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { EMOJI } from "./emoji.js";
import { Popup } from "./popup.js";

interface Props {
  at: DOMRect;
  onPick(sign: string): void;
  onClose(): void;
}

/** All the emoji, with a field that finds one by its name. */
export function EmojiPicker({ at, onPick, onClose }: Props) {
  const [sought, setSought] = useState("");
  const words = sought.trim().toLowerCase();
  const groups = EMOJI.map(({ title, all }) => ({
    title,
    all: all.filter(({ sign, name }) => name.includes(words) || sign === words),
  })).filter(({ all }) => all.length > 0);
  return (
    <Popup at={at} label="Emoji" onClose={onClose}>
      <div class="emoji" data-testid="emoji-picker">
        <input
          type="search"
          class="emoji-search"
          aria-label="Find an emoji"
          placeholder="Find an emoji"
          value={sought}
          onInput={(event) => setSought(event.currentTarget.value)}
        />
        <div class="emoji-all">
          {groups.map(({ title, all }) => (
            <section key={title} aria-label={title}>
              <h3>{title}</h3>
              <div class="emoji-grid">
                {all.map(({ sign, name }) => (
                  <button
                    key={sign}
                    type="button"
                    aria-label={name}
                    title={name}
                    onClick={() => onPick(sign)}
                  >
                    {sign}
                  </button>
                ))}
              </div>
            </section>
          ))}
          {groups.length === 0 && <p class="hint">Nothing by that name.</p>}
        </div>
      </div>
    </Popup>
  );
}
