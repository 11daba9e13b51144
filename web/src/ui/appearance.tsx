import { h } from "../../vendor/preact.js";
import { prefs, type Theme } from "./prefs.js";

const THEMES: readonly (readonly [Theme, string])[] = [
  ["system", "Like the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

/** How the page looks and types, in this browser. */
export function Appearance() {
  return (
    <div class="stack">
      <fieldset class="options">
        <legend>Theme</legend>
        {THEMES.map(([value, label]) => (
          <label key={value} class="option">
            <input
              type="radio"
              name="theme"
              value={value}
              data-testid={`theme-${value}`}
              checked={prefs.theme.value === value}
              onChange={() => {
                prefs.theme.value = value;
              }}
            />
            {label}
          </label>
        ))}
      </fieldset>
      <label class="option">
        <input
          type="checkbox"
          data-testid="enter-sends"
          checked={prefs.enterSends.value}
          onChange={(event) => {
            prefs.enterSends.value = event.currentTarget.checked;
          }}
        />
        Enter sends (else Ctrl+Enter does)
      </label>
    </div>
  );
}
