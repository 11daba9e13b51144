import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import type { Entry } from "../core/wire.js";
import { useClient } from "./use.js";
import { nameOf } from "./words.js";

/** Names told of one reaction, before it is only a number. */
const TOLD = 12;

interface Props {
  conversation: Conversation;
  entry: Entry;
}

/** What people made of a message; a click joins in, or takes ours back. */
export function Reactions({ conversation, entry }: Props) {
  const client = useClient();
  const { names, me } = client.store;
  const all = Object.entries(entry.reactions ?? {});
  if (all.length === 0) return null;
  return (
    <div class="chips">
      {all.map(([sign, users]) => {
        const ours = users.includes(me);
        const who = users.slice(0, TOLD).map((u) => nameOf(u, names.value, me));
        const rest = users.length > TOLD ? ` and ${users.length - TOLD} more` : "";
        const told = `by ${who.join(", ")}${rest}`;
        return (
          <button
            key={sign}
            type="button"
            class="chip"
            data-testid="reaction"
            data-emoji={sign}
            aria-pressed={ours}
            title={`${sign} ${told}`}
            onClick={() => client.react(conversation, entry.s, ours ? "" : sign)}
          >
            <span>{sign}</span>
            <span class="chip-count">{users.length}</span>
            <span class="hidden-text"> {told}</span>
          </button>
        );
      })}
    </div>
  );
}
