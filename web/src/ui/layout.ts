import { signal } from "../../vendor/signals.js";

const roomy = matchMedia("(min-width: 1024px)");

/** There is room for three parts. */
export const wide = signal(roomy.matches);
roomy.addEventListener("change", () => {
  wide.value = roomy.matches;
});

/** The details of the open conversation are wanted. */
export const details = signal(false);

/** What the list is filtered by. */
export const sought = signal("");

/** The map of keys is open. */
export const help = signal(false);
