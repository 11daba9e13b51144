import { type ComponentChildren, h } from "../../vendor/preact.js";
import type { Contact, Found } from "../core/people.js";
import { Loading } from "./loading.js";
import { Avatar } from "./parts.js";
import { useClient, useLoaded, useTask } from "./use.js";

const STATES: Record<Contact["state"], string> = {
  asked: "You asked",
  asks: "Asks to be a contact",
  mutual: "",
};

/** Contacts, those who ask, and those who were asked. */
export function Contacts() {
  const client = useClient();
  const from = useLoaded(() => client.people.contacts(), client.store.moved.value);
  return (
    <Loading from={from}>
      {(contacts) => (
        <ul class="members" aria-label="Contacts">
          {contacts.map((person) => (
            <Line key={person.id} person={person} note={STATES[person.state]}>
              {person.state === "asks" && (
                <Act
                  label="Accept"
                  testid="contact-accept"
                  act={() => client.people.contact(person.id, "accept")}
                  onDone={from.again}
                />
              )}
              <Act
                label={person.state === "asks" ? "Decline" : "Remove"}
                testid="contact-remove"
                danger
                act={() => client.people.contact(person.id, "remove")}
                onDone={from.again}
              />
            </Line>
          ))}
          {contacts.length === 0 && (
            <li class="hint">Nobody yet. Open a chat with somebody and add them in its details.</li>
          )}
        </ul>
      )}
    </Loading>
  );
}

/** Whom we block. */
export function Blocked() {
  const client = useClient();
  const from = useLoaded(() => client.people.blocked(), client.store.moved.value);
  return (
    <Loading from={from}>
      {(people) => (
        <ul class="members" aria-label="Blocked people">
          {people.map((person) => (
            <Line key={person.id} person={person} note="">
              <Act
                label="Unblock"
                testid="unblock"
                act={() => client.people.block(person.id, false)}
                onDone={from.again}
              />
            </Line>
          ))}
          {people.length === 0 && <li class="hint">You block nobody.</li>}
        </ul>
      )}
    </Loading>
  );
}

interface LineProps {
  person: Found;
  note: string;
  children: ComponentChildren;
}

function Line({ person, note, children }: LineProps) {
  const { id, name, display, colour } = person;
  return (
    <li class="member" data-testid="person-row" data-u={id}>
      <Avatar id={id} name={display || name} colour={colour} />
      <span class="member-name">
        <bdi>{display || name}</bdi>
        {note !== "" && <span class="hint">{note}</span>}
      </span>
      <span class="actions">{children}</span>
    </li>
  );
}

interface ActProps {
  label: string;
  testid: string;
  danger?: boolean;
  act(): Promise<void>;
  onDone(): void;
}

/** A button for something that takes a moment, and says when it failed. */
export function Act({ label, testid, danger = false, act, onDone }: ActProps) {
  const task = useTask();
  return (
    <span>
      <button
        type="button"
        class={danger ? "link danger-text" : "link"}
        data-testid={testid}
        disabled={task.busy}
        onClick={() =>
          task.run(async () => {
            await act();
            onDone();
          })
        }
      >
        {label}
      </button>
      {task.error !== "" && (
        <span class="error" role="alert">
          {task.error}
        </span>
      )}
    </span>
  );
}
