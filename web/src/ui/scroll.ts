import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/hooks.js";
import type { Entry } from "../core/wire.js";
import { around, earlier, indexFrom, later, NEWEST, trimmed, type View } from "./view.js";

const NEAR_END_PX = 48;
const NEAR_EDGE_PX = 500;
const FOUND_MS = 1_600;

interface Anchor {
  element: Element;
  top: number;
}

export interface Scroller {
  box: { current: HTMLDivElement | null };
  view: View;
  /** The reader is not at the end. */
  away: boolean;
  /** The message that was just jumped to. */
  found: number | null;
  /** The line above what was unread is above the reader. */
  above: boolean;
  onScroll(): void;
  toEnd(): void;
  /** Brings the first message from `s` on, which is loaded, before the reader. */
  show(s: number): void;
}

/** What happens when the reader comes near the first message that is loaded. */
type Older = () => void;

/**
 * Keeps the reader's place: at the end while the reader is there, else what was on the screen stays
 * where it was, whatever comes or goes above and below it.
 */
export function useScroller(all: readonly Entry[], extra: number, older: Older): Scroller {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>(NEWEST);
  const [away, setAway] = useState(false);
  const [above, setAbove] = useState(false);
  const [found, setFound] = useState<number | null>(null);
  const atEnd = useRef(true);
  const placed = useRef(false);
  const anchor = useRef<Anchor | null>(null);
  const wanted = useRef<number | null>(null);
  const waited = useRef(extra);

  const bottom = (): void => {
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  };
  const remember = (): void => {
    const element = box.current;
    if (element === null) return;
    const top = element.getBoundingClientRect().top;
    const rows = element.querySelectorAll("[data-seq]");
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) <= top) low = middle + 1;
      else high = middle;
    }
    const row = rows[low];
    anchor.current =
      row === undefined ? null : { element: row, top: row.getBoundingClientRect().top - top };
  };
  const measure = (): void => {
    const element = box.current;
    if (element === null) return;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    atEnd.current = below < NEAR_END_PX && view.last === null;
    setAway(!atEnd.current);
    const line = element.querySelector("[data-divider]");
    const hidden =
      line === null
        ? element.scrollTop > 0
        : line.getBoundingClientRect().bottom < element.getBoundingClientRect().top;
    setAbove(hidden);
    remember();
    if (element.scrollTop < NEAR_EDGE_PX) {
      const next = earlier(all, view);
      if (next === null) older();
      else setView(next);
    } else if (below < NEAR_EDGE_PX) {
      const next = later(all, view);
      if (next !== null) setView(next);
    }
  };

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const grew = extra > waited.current;
    waited.current = extra;
    const goal = wanted.current;
    if (goal !== null) {
      const row = element.querySelector(`[data-seq="${goal}"]`);
      if (row instanceof HTMLElement) {
        wanted.current = null;
        row.scrollIntoView({ block: "center" });
        row.focus({ preventScroll: true });
      }
    } else if (!placed.current && all.length > 0) {
      placed.current = true;
      const line = element.querySelector("[data-divider]");
      if (line === null) bottom();
      else line.scrollIntoView({ block: "start" });
    } else if (atEnd.current || (grew && view.last === null)) {
      bottom();
    } else if (anchor.current?.element.isConnected) {
      const { element: row, top } = anchor.current;
      const now = row.getBoundingClientRect().top - element.getBoundingClientRect().top;
      if (Math.abs(now - top) >= 1) element.scrollTop += now - top;
    }
    if (grew && view.last !== null) setView(NEWEST);
    measure();
    const less = atEnd.current ? trimmed(all, view) : null;
    if (less !== null) setView(less);
  }, [all, extra, view]);

  useEffect(() => {
    // A phone's keyboard, a turned screen, a taller composer: the end stays the end.
    const element = box.current;
    if (element === null) return;
    const watcher = new ResizeObserver(() => {
      if (atEnd.current) bottom();
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);

  const toEnd = (): void => {
    atEnd.current = true;
    setView(NEWEST);
    bottom();
  };
  const show = (s: number): void => {
    const entry = all[indexFrom(all, s)];
    if (entry === undefined) return;
    atEnd.current = false;
    wanted.current = entry.s;
    setView({ ...around(all, entry.s) });
    setFound(entry.s);
    setTimeout(() => setFound((now) => (now === entry.s ? null : now)), FOUND_MS);
  };
  return { box, view, away, found, above, onScroll: measure, toEnd, show };
}
