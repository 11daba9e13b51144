import { h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import { back } from "./route.js";
import { useClient, useTask } from "./use.js";
import { titleOf } from "./words.js";

/** In place of the composer while a stranger waits to be let in. */
export function RequestBar({ conversation }: { conversation: Conversation }) {
  const client = useClient();
  const task = useTask();
  const { u = "" } = conversation.line.value;
  return (
    <div class="request" data-testid="request-bar">
      <p>
        <bdi>{titleOf(conversation.line.value)}</bdi> wants to write to you. They do not see whether
        you are here or have read this until you accept.
      </p>
      <p class="error" role="alert">
        {task.error}
      </p>
      <div class="choices">
        <button
          type="button"
          class="danger"
          data-testid="request-block"
          disabled={task.busy}
          onClick={() =>
            task.run(async () => {
              await client.people.block(u, true);
              back(client);
            })
          }
        >
          Block
        </button>
        <button
          type="button"
          class="primary"
          data-testid="request-accept"
          disabled={task.busy}
          onClick={() => task.run(() => client.letIn(conversation))}
        >
          Accept
        </button>
      </div>
    </div>
  );
}
