import { h, render } from "../../vendor/preact.js";
import { effect } from "../../vendor/signals.js";
import { Client } from "../core/client.js";
import { App } from "./app.js";
import { browser } from "./browser.js";
import { followKeys } from "./keys.js";
import { applyPrefs } from "./prefs.js";
import { follow } from "./route.js";

const client = new Client(browser);

addEventListener("online", () => client.wake());
addEventListener("pagehide", () => client.rest());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") client.wake();
});

effect(() => {
  const unread = client.store.list.value.reduce((sum, one) => sum + one.unread.value, 0);
  document.title = unread === 0 ? "Hubbub" : `(${unread}) Hubbub`;
});

applyPrefs();
follow(client);
followKeys(client);
void client.start();

const root = document.getElementById("root");
if (root !== null) {
  const { visualViewport } = window;
  // Some phones lay their keyboard over the page: what is left is all the room there is.
  visualViewport?.addEventListener("resize", () => {
    root.style.height = `${visualViewport.height}px`;
    scrollTo(0, 0);
  });
  render(<App client={client} />, root);
}
