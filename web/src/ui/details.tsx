import { useState } from "../../vendor/hooks.js";
import { Fragment, h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import { FOR_EVER, isMissing } from "../core/people.js";
import { Act } from "./contacts.js";
import { DateJump } from "./date_jump.js";
import { details, wide } from "./layout.js";
import { Members } from "./members.js";
import { Avatar, Glyph, Sheet } from "./parts.js";
import { useClient, useLoaded, useTask } from "./use.js";
import { titleOf } from "./words.js";

const HOUR_MS = 60 * 60_000;

/** All about one conversation: beside it where there is room, else over it. */
export function Details({ conversation }: { conversation: Conversation }) {
  const title = titleOf(conversation.line.value);
  const close = (): void => {
    details.value = false;
  };
  if (!wide.value) {
    return (
      <Sheet title={title} onClose={close}>
        <Inside conversation={conversation} />
      </Sheet>
    );
  }
  return (
    <aside class="details" aria-label="Details" data-testid="details">
      <header class="bar">
        <h2>Details</h2>
        <button type="button" class="icon" aria-label="Close the details" onClick={close}>
          <Glyph name="close" />
        </button>
      </header>
      <div class="sheet-body">
        <Inside conversation={conversation} />
      </div>
    </aside>
  );
}

function Inside({ conversation }: { conversation: Conversation }) {
  const { c, kind, u } = conversation.line.value;
  const title = titleOf(conversation.line.value);
  const deleted = kind === "direct" && conversation.line.value.title === "";
  return (
    <Fragment>
      <div class="portrait big">
        <Avatar id={u ?? c} name={title} dot={u} />
        <bdi>{title}</bdi>
        {u !== undefined && conversation.real && !deleted && <About u={u} />}
      </div>
      {conversation.real && <Mute conversation={conversation} />}
      <Pin conversation={conversation} />
      {conversation.real && (
        <DateJump
          conversation={conversation}
          onDone={() => {
            if (!wide.peek()) details.value = false;
          }}
        />
      )}
      {kind === "group" ? (
        <Members conversation={conversation} />
      ) : (
        u !== undefined && !deleted && <Person u={u} />
      )}
    </Fragment>
  );
}

function Pin({ conversation }: { conversation: Conversation }) {
  const { pins } = useClient().store;
  return (
    <label class="option">
      <input
        type="checkbox"
        data-testid="pin"
        checked={pins.all.value.has(conversation.key)}
        onChange={() => pins.toggle(conversation.key)}
      />
      Pin to the top of the list
    </label>
  );
}

function About({ u }: { u: string }) {
  const client = useClient();
  const { value } = useLoaded(() => client.people.profile(u), u);
  if (value === null) return null;
  return (
    <Fragment>
      <bdi class="hint">{value.name}</bdi>
      {value.about !== "" && (
        <p class="about-me" dir="auto">
          {value.about}
        </p>
      )}
    </Fragment>
  );
}

/** A conversation that gives no notice, for a while or until told otherwise. */
function Mute({ conversation }: { conversation: Conversation }) {
  const client = useClient();
  const task = useTask();
  const { mute = 0 } = conversation.line.value;
  const muted = mute > Date.now();
  const [missing, setMissing] = useState(false);
  const until = (at: number): void =>
    task.run(async () => {
      try {
        await client.people.mute(conversation.c, at);
      } catch (error) {
        if (!isMissing(error)) throw error;
        setMissing(true);
      }
    });
  if (missing) return null;
  return (
    <div class="field">
      <label>
        <span class="label">Notices</span>
        <select
          data-testid="mute"
          disabled={task.busy}
          value={muted ? "now" : "on"}
          onChange={(event) => {
            const { value } = event.currentTarget;
            if (value === "on") until(0);
            else if (value === "hour") until(Date.now() + HOUR_MS);
            else if (value === "day") until(Date.now() + 8 * HOUR_MS);
            else if (value === "ever") until(FOR_EVER);
          }}
        >
          <option value="on">On</option>
          {muted && <option value="now">Muted</option>}
          <option value="hour">Mute for an hour</option>
          <option value="day">Mute for 8 hours</option>
          <option value="ever">Mute until I turn it on</option>
        </select>
      </label>
      {task.error !== "" && (
        <p class="error" role="alert">
          {task.error}
        </p>
      )}
    </div>
  );
}

/** What one may do about the other person; nothing where the server has no contacts. */
function Person({ u }: { u: string }) {
  const client = useClient();
  const now = `${u} ${client.store.moved.value}`;
  const contacts = useLoaded(() => client.people.contacts(), now);
  const blocks = useLoaded(() => client.people.blocked(), now);
  if (contacts.missing || contacts.value === null || blocks.value === null) return null;
  const state = contacts.value.find((one) => one.id === u)?.state;
  const blocked = blocks.value.some((one) => one.id === u);
  const again = (): void => {
    contacts.again();
    blocks.again();
  };
  return (
    <div class="acts">
      {!blocked && state === undefined && (
        <Act
          label="Add to contacts"
          testid="contact-request"
          act={() => client.people.contact(u, "request")}
          onDone={again}
        />
      )}
      {!blocked && state === "asks" && (
        <Act
          label="Accept as contact"
          testid="contact-accept"
          act={() => client.people.contact(u, "accept")}
          onDone={again}
        />
      )}
      {!blocked && state === "asked" && <p class="hint">You asked them to be a contact.</p>}
      {!blocked && (state === "mutual" || state === "asked") && (
        <Act
          label={state === "mutual" ? "Remove from contacts" : "Take it back"}
          testid="contact-remove"
          act={() => client.people.contact(u, "remove")}
          onDone={again}
        />
      )}
      <Act
        label={blocked ? "Unblock" : "Block"}
        testid={blocked ? "unblock" : "block"}
        danger={!blocked}
        act={() => client.people.block(u, !blocked)}
        onDone={again}
      />
      {blocked && <p class="hint">They cannot reach you in this conversation.</p>}
    </div>
  );
}
