import { type ComponentChildren, h } from "../../vendor/preact.js";
import type { Found } from "../core/people.js";
import { Avatar } from "./parts.js";

interface Props {
  person: Found;
  testid: string;
  onPick(): void;
  children?: ComponentChildren;
}

/** Somebody in a list, to be chosen. */
export function PersonRow({ person, testid, onPick, children }: Props) {
  const { id, name, display, colour } = person;
  return (
    <button type="button" class="row person" data-testid={testid} onClick={onPick}>
      <Avatar id={id} name={display || name} colour={colour} />
      <bdi class="row-title">{display || name}</bdi>
      <bdi class="row-text">{name}</bdi>
      {children}
    </button>
  );
}
