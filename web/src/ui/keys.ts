import type { Client } from "../core/client.js";
import { details, help, sought } from "./layout.js";
import { back, go } from "./route.js";

/** What each key does, as the map of keys shows it. */
export const KEYS: readonly (readonly [string, string])[] = [
  ["Ctrl K", "Find a conversation or a person"],
  ["Alt ↑ / Alt ↓", "The conversation before, or after"],
  ["Escape", "Close what is on top; then the conversation"],
  ["Enter", "Send"],
  ["Shift Enter", "A new line"],
  ["↑ in an empty message", "Edit your last message"],
  ["Shift Tab from the message", "To the messages: ↑ and ↓ move"],
  ["R", "Reply to the message in focus"],
  ["E", "React to it"],
  ["D", "Go to a date"],
  ["Enter", "Everything else about it"],
  ["?", "This map"],
];

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

/** The keys that work wherever the focus is. */
export function followKeys(client: Client): void {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || !client.account.who.peek()) return;
    if (document.querySelector("dialog[open]") !== null) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      const narrow = !matchMedia("(min-width: 768px)").matches;
      if (narrow && client.opened.peek() !== null) back(client);
      requestAnimationFrame(() => document.getElementById("search")?.focus());
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      neighbour(client, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      if (details.peek()) details.value = false;
      else if (sought.peek() !== "") sought.value = "";
      else if (client.opened.peek() !== null) back(client);
    } else if (event.key === "?" && !typing(event.target)) {
      event.preventDefault();
      help.value = true;
    }
  });
}

function neighbour(client: Client, step: number): void {
  const list = client.store.list.peek();
  const now = list.findIndex((one) => one.c === client.opened.peek());
  const next = list[now < 0 ? 0 : now + step];
  if (next !== undefined) go(client, next.c);
}
