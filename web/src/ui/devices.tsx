import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Device } from "../core/people.js";
import { Loading } from "./loading.js";
import { Field, Form, Glyph } from "./parts.js";
import { useClient, useLoaded, useTask } from "./use.js";
import { whenOf } from "./words.js";

/** Where we are signed in. */
export function Devices() {
  const client = useClient();
  const from = useLoaded(() => client.people.devices());
  return (
    <Loading from={from}>
      {(devices) => (
        <ul class="members" aria-label="Devices">
          {devices.map((device) => (
            <Line key={device.id} device={device} onChanged={from.again} />
          ))}
        </ul>
      )}
    </Loading>
  );
}

function Line({ device, onChanged }: { device: Device; onChanged(): void }) {
  const client = useClient();
  const task = useTask();
  const [naming, setNaming] = useState(false);
  const { id, label, current, seen } = device;
  return (
    <li class="member device" data-testid="device-row" data-current={current}>
      <Glyph name="device" />
      <span class="member-name">
        <bdi>{label}</bdi>
        <span class="hint">{current ? "This one" : `Last seen ${whenOf(seen)}`}</span>
      </span>
      <span class="actions">
        <button
          type="button"
          class="link"
          data-testid="device-name"
          aria-expanded={naming}
          onClick={() => setNaming(!naming)}
        >
          Rename
        </button>
        {!current && (
          <button
            type="button"
            class="link danger-text"
            data-testid="device-revoke"
            disabled={task.busy}
            onClick={() =>
              task.run(async () => {
                await client.people.revokeDevice(id);
                onChanged();
              })
            }
          >
            Sign out
          </button>
        )}
      </span>
      {naming && (
        <Form
          submit="Save"
          testid="device-save"
          onSubmit={async ({ label: next = "" }) => {
            await client.people.labelDevice(id, next.trim());
            setNaming(false);
            onChanged();
          }}
        >
          <Field
            label="Name"
            name="label"
            testid="device-label"
            value={label}
            maxLength={100}
            focus
          />
        </Form>
      )}
      {task.error !== "" && (
        <p class="error" role="alert">
          {task.error}
        </p>
      )}
    </li>
  );
}
