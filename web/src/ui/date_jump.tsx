import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import { useClient, useTask } from "./use.js";

/** A day as its field writes it, where the reader is. */
const written = (ts: number): string => new Intl.DateTimeFormat("sv-SE").format(ts);

interface Props {
  conversation: Conversation;
  onDone(): void;
}

/** Goes to the first message of a day, or of the next one that has any. */
export function DateJump({ conversation, onDone }: Props) {
  const client = useClient();
  const task = useTask();
  const here = conversation.shown.peek()[0]?.ts ?? Date.now();
  const [day, setDay] = useState(written(here));
  const go = (): void =>
    task.run(async () => {
      const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
      const ts = new Date(year, month - 1, date).getTime();
      if (!(await client.reachMoment(conversation, ts))) throw new Error("Nothing was said since.");
      onDone();
    });
  return (
    <form
      class="date-jump"
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      <label class="field">
        <span class="label">Go to a date</span>
        <input
          type="date"
          required
          data-testid="date"
          max={written(Date.now())}
          value={day}
          onInput={(event) => setDay(event.currentTarget.value)}
        />
      </label>
      <button class="primary" type="submit" data-testid="date-go" disabled={task.busy}>
        Go
      </button>
      <p class="error" role="alert">
        {task.error}
      </p>
    </form>
  );
}
