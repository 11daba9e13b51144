import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import { FOR_EVER } from "../core/people.js";
import { MenuItem, Popup } from "./popup.js";
import { useClient } from "./use.js";

interface Props {
  conversation: Conversation;
  at: DOMRect;
  onClose(): void;
}

/** What can be done about a conversation from the list. */
export function RowMenu({ conversation, at, onClose }: Props) {
  const client = useClient();
  const { c, key, real, gone } = conversation;
  const { head, mute = 0 } = conversation.line.value;
  const muted = mute > Date.now();
  const pinned = client.store.pins.all.value.has(key);
  const pick = (job: () => void) => () => {
    onClose();
    job();
  };
  return (
    <Popup at={at} label="Conversation" menu onClose={onClose}>
      <MenuItem
        glyph="pin"
        label={pinned ? "Unpin" : "Pin to the top"}
        testid="row-pin"
        onPick={pick(() => client.store.pins.toggle(key))}
      />
      {conversation.unread.value > 0 && (
        <MenuItem
          glyph="read"
          label="Mark as read"
          testid="row-read"
          onPick={pick(() => client.seen(conversation, head))}
        />
      )}
      {real && !gone.value && (
        <MenuItem
          glyph="muted"
          label={muted ? "Unmute" : "Mute"}
          testid="row-mute"
          onPick={pick(() => {
            client.people.mute(c, muted ? 0 : FOR_EVER).catch(() => undefined);
          })}
        />
      )}
    </Popup>
  );
}
