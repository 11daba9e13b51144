import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import type { Entry, Member } from "../core/wire.js";
import { Avatar, Sheet } from "./parts.js";

interface Props {
  conversation: Conversation;
  entry: Entry;
  onClose(): void;
}

/** Who has read a message of ours, and who has only got it. */
export function ReadBy({ conversation, entry, onClose }: Props) {
  const { read, recv } = conversation.reachedBy(entry.s, entry.from);
  return (
    <Sheet title="Read by" onClose={onClose}>
      {read.length + recv.length === 0 && <p class="hint">Nobody has it yet.</p>}
      <People title="Read" people={read} testid="read-by" />
      <People title="Delivered" people={recv} testid="delivered-to" />
    </Sheet>
  );
}

function People({ title, people, testid }: { title: string; people: Member[]; testid: string }) {
  if (people.length === 0) return null;
  return (
    <section>
      <h3 class="section">{title}</h3>
      <ul class="members" data-testid={testid}>
        {people.map(({ u, name }) => (
          <li class="member" key={u}>
            <Avatar id={u} name={name} />
            <bdi class="member-name">{name}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}
