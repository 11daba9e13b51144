import { type ComponentChildren, h } from "../../vendor/preact.js";
import type { Loaded } from "./use.js";

interface Props<T> {
  from: Loaded<T>;
  children(value: T): ComponentChildren;
}

/** What was read, or why it is not here; nothing for a moment rather than something that flickers. */
export function Loading<T>({ from, children }: Props<T>) {
  const { value, error, missing } = from;
  if (value !== null) return <div class="stack">{children(value)}</div>;
  if (missing) return <p class="hint">This server does not offer that.</p>;
  return (
    <p class="error" role="alert">
      {error}
    </p>
  );
}
