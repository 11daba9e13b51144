import { useMemo, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import { Composer } from "./composer.js";
import { newDesk } from "./desk.js";
import { LogView } from "./log.js";
import { Members } from "./members.js";
import { Avatar, Glyph } from "./parts.js";
import { back } from "./route.js";
import { useClient } from "./use.js";
import { typingLine } from "./words.js";

/** One conversation: who it is with, what was said, and room to say something. */
export function Chat({ conversation }: { conversation: Conversation }) {
  const client = useClient();
  const [sheet, setSheet] = useState(false);
  const { c, kind, title, u } = conversation.line.value;
  const members = conversation.members.value;
  const online = u !== undefined && client.store.online.value.has(u);
  const desk = useMemo(newDesk, []);
  const typists = client.store.typists.now.value.get(c) ?? [];
  const typing = typingLine(typists, kind === "group", client.store.names.value);
  const presence = u === undefined ? count(members?.length ?? 0) : online ? "online" : "";
  return (
    <main class="chat" data-testid="chat" data-c={c}>
      <header class="bar">
        <button
          type="button"
          class="icon back"
          data-testid="back"
          aria-label="Back to the list"
          onClick={() => back(client)}
        >
          <Glyph name="back" />
        </button>
        <Avatar id={u ?? c} name={title} dot={u} />
        <div class="bar-title">
          <h2>
            <bdi>{title}</bdi>
          </h2>
          <p data-testid="presence-line" class={typing === "" ? "" : "typing"}>
            {typing || presence}
          </p>
        </div>
        {kind === "group" && (
          <button
            type="button"
            class="icon"
            data-testid="members-open"
            aria-label="Members"
            title="Members"
            onClick={() => setSheet(true)}
          >
            <Glyph name="people" />
          </button>
        )}
      </header>
      <LogView conversation={conversation} desk={desk} />
      {conversation.gone.value ? (
        <p class="gone" data-testid="gone">
          You are no longer in this group.
        </p>
      ) : (
        <Composer conversation={conversation} desk={desk} />
      )}
      {sheet && <Members conversation={conversation} onClose={() => setSheet(false)} />}
    </main>
  );
}

const count = (members: number): string =>
  members === 0 ? "" : members === 1 ? "1 member" : `${members} members`;
