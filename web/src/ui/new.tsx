import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Found } from "../core/people.js";
import { Field, Form, Sheet } from "./parts.js";
import { PersonRow } from "./person.js";
import { namesIn, Picker } from "./picker.js";
import { useSearch } from "./search.js";
import { useClient } from "./use.js";

interface Props {
  onClose(): void;
  onDone(c: string): void;
}

/** A conversation with somebody. */
export function NewChat({ onClose, onDone }: Props) {
  const client = useClient();
  const [name, setName] = useState("");
  const found = useSearch(name);
  return (
    <Sheet title="New chat" onClose={onClose}>
      <Form
        submit="Open chat"
        testid="new-chat-submit"
        onSubmit={async () => onDone(await client.chatWith(name.trim()))}
      >
        <Field
          label="Name"
          name="name"
          testid="new-chat-name"
          autocomplete="off"
          hint="Their name on Hubbub, or how it begins."
          onText={setName}
          focus
        />
      </Form>
      {found.length > 0 && (
        <ul class="found" aria-label="People">
          {found.map((person) => (
            <li key={person.id}>
              <PersonRow
                person={person}
                testid="found-person"
                onPick={() => onDone(client.chatTo(person))}
              />
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}

/** A group of several people. */
export function NewGroup({ onClose, onDone }: Props) {
  const client = useClient();
  const [chosen, setChosen] = useState<readonly Found[]>([]);
  const [text, setText] = useState("");
  const create = async ({ title = "" }): Promise<void> => {
    const ids = chosen.map((person) => person.id);
    onDone(await client.createGroup(title.trim(), namesIn(text), ids));
  };
  return (
    <Sheet title="New group" onClose={onClose}>
      <Form submit="Make group" testid="group-submit" onSubmit={create}>
        <Field label="Title" name="title" testid="group-title" autocomplete="off" focus />
        <Picker
          label="Members"
          testid="group-members"
          chosen={chosen}
          text={text}
          onChoose={setChosen}
          onText={setText}
        />
      </Form>
    </Sheet>
  );
}
