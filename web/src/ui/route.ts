import { effect, signal } from "../../vendor/signals.js";
import type { Client } from "../core/client.js";

const PREFIX = "#c/";
const JOIN = "#join/";

/** The token of an invite link that somebody followed here; kept until they decide. */
export const invitation = signal<string | null>(null);

export function dropInvitation(): void {
  invitation.value = null;
}

const current = (): string | null =>
  location.hash.startsWith(PREFIX) ? decodeURIComponent(location.hash.slice(PREFIX.length)) : null;

const address = (c: string | null): string =>
  c === null ? location.pathname : `${PREFIX}${encodeURIComponent(c)}`;

/** Shows a conversation, as a step that the browser's back button undoes. */
export function go(client: Client, c: string | null): void {
  if (c === current()) return;
  history.pushState(null, "", address(c));
  client.open(c);
}

/** Back to the list, by the browser's own history where we came from there. */
export function back(client: Client): void {
  history.replaceState(null, "", address(null));
  client.open(null);
}

/** Keeps the address and the open conversation the same from now on. */
export function follow(client: Client): void {
  const show = (): void => {
    if (location.hash.startsWith(JOIN)) {
      // Out of the address at once: it is a secret of a kind.
      invitation.value = decodeURIComponent(location.hash.slice(JOIN.length));
      history.replaceState(null, "", address(null));
    }
    client.open(current());
  };
  addEventListener("popstate", show);
  addEventListener("hashchange", show);
  show();
  effect(() => {
    // The core opened another one: a first message made it, or everything was closed.
    const c = client.opened.value;
    if (c !== current()) history.replaceState(null, "", address(c));
  });
}
