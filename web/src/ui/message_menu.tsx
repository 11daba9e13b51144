import { h } from "../../vendor/preact.js";
import type { Entry } from "../core/wire.js";
import { QUICK } from "./emoji.js";
import { MenuItem, Popup } from "./popup.js";

/** What can be done about a message. */
export type Deed = "reply" | "react" | "copy" | "edit" | "delete" | "info";

interface Props {
  at: DOMRect;
  entry: Entry;
  own: boolean;
  /** May it be deleted by us? */
  deletes: boolean;
  /** May we say anything here? */
  speaks: boolean;
  onReact(sign: string): void;
  onDeed(deed: Deed): void;
  onClose(): void;
}

/** The actions of one message: a row of reactions, then what else there is. */
export function MessageMenu(props: Props) {
  const { at, entry, own, deletes, speaks, onReact, onDeed, onClose } = props;
  const text = entry.b.k === "text";
  return (
    <Popup at={at} label="Message" menu onClose={onClose}>
      {text && speaks && (
        <div class="quick">
          {QUICK.map(({ sign, name }) => (
            <button
              key={sign}
              type="button"
              role="menuitem"
              aria-label={`React: ${name}`}
              title={name}
              data-testid="quick-reaction"
              data-emoji={sign}
              onClick={() => onReact(sign)}
            >
              {sign}
            </button>
          ))}
          <button
            type="button"
            role="menuitem"
            aria-label="Another reaction"
            title="Another reaction"
            class="quick-more"
            onClick={() => onDeed("react")}
          >
            +
          </button>
        </div>
      )}
      {text && speaks && (
        <MenuItem glyph="reply" label="Reply" testid="menu-reply" onPick={() => onDeed("reply")} />
      )}
      {text && (
        <MenuItem glyph="copy" label="Copy" testid="menu-copy" onPick={() => onDeed("copy")} />
      )}
      {text && own && speaks && (
        <MenuItem glyph="edit" label="Edit" testid="menu-edit" onPick={() => onDeed("edit")} />
      )}
      {own && (
        <MenuItem glyph="info" label="Read by" testid="menu-info" onPick={() => onDeed("info")} />
      )}
      {text && deletes && speaks && (
        <MenuItem
          glyph="bin"
          label="Delete"
          testid="menu-delete"
          danger
          onPick={() => onDeed("delete")}
        />
      )}
    </Popup>
  );
}
