import { useId, useState } from "../../vendor/hooks.js";
import { Fragment, h } from "../../vendor/preact.js";
import type { Found } from "../core/people.js";
import { Avatar, Glyph } from "./parts.js";
import { useSearch } from "./search.js";
import { useClient } from "./use.js";

interface Props {
  label: string;
  testid: string;
  chosen: readonly Found[];
  /** What is typed and not chosen from the list: names, with commas between them. */
  text: string;
  onChoose(chosen: readonly Found[]): void;
  onText(text: string): void;
}

/** Chooses people: found as one types, or named outright. */
export function Picker({ label, testid, chosen, text, onChoose, onText }: Props) {
  const client = useClient();
  const id = useId();
  const [spoken, setSpoken] = useState("");
  const last = text.split(",").at(-1) ?? "";
  const ids = new Set(chosen.map((person) => person.id));
  const { names, me } = client.store;
  const known: Found[] = [...names.value]
    .filter(([u, name]) => u !== me && last.trim() !== "" && begins(name, last.trim()))
    .map(([u, name]) => ({ id: u, name, display: name }));
  const found = useSearch(last);
  const shown = [...found, ...known.filter(({ id: u }) => !found.some((one) => one.id === u))]
    .filter((person) => !ids.has(person.id))
    .slice(0, 8);
  const choose = (person: Found): void => {
    onChoose([...chosen, person]);
    onText(text.split(",").slice(0, -1).join(","));
    setSpoken(`${person.display || person.name} chosen`);
    document.getElementById(id)?.focus();
  };
  return (
    <div class="field picker">
      <label for={id}>{label}</label>
      {chosen.length > 0 && (
        <ul class="chosen">
          {chosen.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                class="chip"
                aria-label={`Leave out ${person.display || person.name}`}
                onClick={() => onChoose(chosen.filter((one) => one !== person))}
              >
                <bdi>{person.display || person.name}</bdi>
                <Glyph name="close" />
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        id={id}
        type="text"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        data-testid={testid}
        value={text}
        aria-describedby={`${id}-hint`}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      <p class="hint" id={`${id}-hint`}>
        Type a name and choose, or write names with commas between them.
      </p>
      <p class="hidden-text" role="status">
        {spoken}
      </p>
      {shown.length > 0 && (
        <ul class="found" aria-label="People">
          {shown.map((person) => (
            <li key={person.id}>
              <button
                type="button"
                class="pick"
                data-testid="found-person"
                onClick={() => choose(person)}
              >
                <Avatar
                  id={person.id}
                  name={person.display || person.name}
                  colour={person.colour}
                />
                <Fragment>
                  <bdi>{person.display || person.name}</bdi>
                  {person.display !== person.name && <bdi class="hint">{person.name}</bdi>}
                </Fragment>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const begins = (name: string, text: string): boolean =>
  name.toLowerCase().startsWith(text.toLowerCase());

/** The names that stand in a field. */
export const namesIn = (text: string): string[] => [
  ...new Set(
    text
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name),
  ),
];
