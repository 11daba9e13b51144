import { useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import type { Me } from "../core/people.js";
import { Loading } from "./loading.js";
import { Avatar, Field, Form, hueOf } from "./parts.js";
import { useClient, useLoaded, useTask } from "./use.js";

const HUES = Array.from({ length: 12 }, (_, n) => `hue-${n}`);

/** What others see of us. */
export function ProfileForm() {
  const client = useClient();
  const from = useLoaded(() => client.people.me());
  return <Loading from={from}>{(me) => <Fields me={me} />}</Loading>;
}

function Fields({ me }: { me: Me }) {
  const client = useClient();
  const [saved, setSaved] = useState(false);
  const [colour, setColour] = useState(me.colour ?? `hue-${hueOf(me.id)}`);
  const [display, setDisplay] = useState(me.display);
  const save = async ({ display: shown = "", about = "" }): Promise<void> => {
    setSaved(false);
    // Only where the server knows of colours.
    const tinted = me.colour !== undefined && colour !== me.colour ? { colour } : {};
    await client.people.changeMe({ display: shown.trim(), about, ...tinted });
    setSaved(true);
  };
  return (
    <Form submit="Save" testid="profile-save" keep onSubmit={save}>
      <div class="portrait">
        <Avatar id={me.id} name={display || me.name} colour={colour} />
        <bdi>{me.name}</bdi>
      </div>
      <Field
        label="Name to show"
        name="display"
        testid="profile-display"
        value={me.display}
        maxLength={64}
        optional
        onText={setDisplay}
      />
      <Field
        label="About"
        name="about"
        testid="profile-about"
        value={me.about}
        maxLength={500}
        optional
      />
      {me.colour !== undefined && (
        <fieldset class="colours">
          <legend>Colour</legend>
          {HUES.map((hue, n) => (
            <label key={hue} class={`colour ${hue}`}>
              <input
                type="radio"
                name="colour"
                value={hue}
                checked={hue === colour}
                onChange={() => setColour(hue)}
              />
              <span class="hidden-text">Colour {n + 1}</span>
            </label>
          ))}
        </fieldset>
      )}
      <p class="hint" role="status">
        {saved ? "Saved." : ""}
      </p>
    </Form>
  );
}

interface Choice {
  field: "presence" | "write";
  legend: string;
  options: readonly (readonly [string, string])[];
}

const CHOICES: readonly Choice[] = [
  {
    field: "presence",
    legend: "Who sees when you are online",
    options: [
      ["fellows", "Contacts and people in your groups"],
      ["contacts", "Contacts"],
      ["nobody", "Nobody"],
    ],
  },
  {
    field: "write",
    legend: "Who may begin a conversation with you",
    options: [
      ["everyone", "Everyone (strangers ask first)"],
      ["contacts", "Contacts"],
      ["nobody", "Nobody"],
    ],
  },
];

/** Who may see and do what. Each choice is kept as it is made. */
export function Privacy() {
  const client = useClient();
  const from = useLoaded(() => client.people.me());
  const task = useTask();
  const change = (change: Partial<Me>): void =>
    task.run(async () => from.set(await client.people.changeMe(change)));
  return (
    <Loading from={from}>
      {(me) => (
        <div class="stack">
          {CHOICES.filter(({ field }) => me[field] !== undefined).map(
            ({ field, legend, options }) => (
              <fieldset key={field} class="options">
                <legend>{legend}</legend>
                {options.map(([value, label]) => (
                  <label key={value} class="option">
                    <input
                      type="radio"
                      name={field}
                      value={value}
                      data-testid={`${field}-${value}`}
                      checked={me[field] === value}
                      onChange={() => change({ [field]: value })}
                    />
                    {label}
                  </label>
                ))}
              </fieldset>
            ),
          )}
          {me.findable !== undefined && (
            <label class="option">
              <input
                type="checkbox"
                data-testid="findable"
                checked={me.findable}
                onChange={(event) => change({ findable: event.currentTarget.checked })}
              />
              People find me when they search
            </label>
          )}
          <p class="error" role="alert">
            {task.error}
          </p>
        </div>
      )}
    </Loading>
  );
}
