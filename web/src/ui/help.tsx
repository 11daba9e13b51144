import { h } from "../../vendor/preact.js";
import { KEYS } from "./keys.js";
import { help } from "./layout.js";
import { Sheet } from "./parts.js";

/** The map of keys. */
export function Help() {
  if (!help.value) return null;
  return (
    <Sheet
      title="Keyboard"
      onClose={() => {
        help.value = false;
      }}
    >
      <dl class="keys" data-testid="key-map">
        {KEYS.map(([key, what]) => (
          <div key={key + what}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Sheet>
  );
}
