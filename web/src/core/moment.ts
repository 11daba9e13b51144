import type { Page } from "./wire.js";

/** The entries right after that seq. */
type Ask = (after: number) => Promise<Page>;

/**
 * The first entry at or after a moment, by halving: entries stand in the order of their times. Null
 * when all are before it.
 *
 * @param ts UTC, in ms.
 * @param head The last seq there is.
 */
export async function seqAt(ts: number, head: number, ask: Ask): Promise<number | null> {
  // All up to `low` are known to be before it; `found` is the first known to be not.
  let low = 0;
  let high = head;
  let found: number | null = null;
  while (low < high) {
    const middle = (low + high) >> 1;
    let page = await ask(middle);
    // What is hidden tells no time: the next that is not does.
    while (page.msgs.length === 0 && page.to < high && page.more) page = await ask(page.to);
    const next = page.msgs[0];
    if (next === undefined) {
      // Nothing from here on is for us.
      high = middle;
    } else if (next.ts >= ts) {
      found = next.s;
      high = middle;
    } else {
      low = next.s;
    }
  }
  return found;
}
