import { useEffect, useLayoutEffect, useRef, useState } from "../../vendor/hooks.js";
import { around, closed, earlier, indexFrom, later, NEWEST, rangeOf, trimmed, } from "./view.js";
const NEAR_END_PX = 48;
const NEAR_EDGE_PX = 500;
const FOUND_MS = 1_600;
/** The first of the rows, from the top, that is not wholly above this line. */
function firstBelow(rows, line_px) {
    let low = 0;
    let high = rows.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if ((rows[middle]?.getBoundingClientRect().bottom ?? 0) <= line_px)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
/**
 * Keeps the reader's place: at the end while the reader is there, else what was on the screen stays
 * where it was, whatever comes or goes above and below it.
 */
export function useScroller(reading) {
    const { all, extra, detached, start, goal } = reading;
    const box = useRef(null);
    const [view, setView] = useState(NEWEST);
    const [away, setAway] = useState(false);
    const [above, setAbove] = useState(false);
    const [found, setFound] = useState(null);
    const atEnd = useRef(true);
    const placed = useRef(false);
    const anchor = useRef(null);
    const wanted = useRef(null);
    const waited = useRef(extra);
    const bottom = () => {
        const element = box.current;
        if (element !== null)
            element.scrollTop = element.scrollHeight;
    };
    /** What is on the screen: where its first row stands, and how far the reader has come. */
    const remember = (element) => {
        const { top, bottom: end } = element.getBoundingClientRect();
        const rows = element.querySelectorAll("[data-seq]");
        const row = rows[firstBelow(rows, top)];
        anchor.current =
            row === undefined ? null : { element: row, top: row.getBoundingClientRect().top - top };
        const last = rows[firstBelow(rows, end) - 1];
        if (last instanceof HTMLElement)
            reading.seen(Number(last.dataset["seq"]));
    };
    const measure = () => {
        const element = box.current;
        // Before what is wanted is drawn, what is on the screen is not what the reader reads.
        if (element === null || wanted.current !== null)
            return;
        const below = element.scrollHeight - element.scrollTop - element.clientHeight;
        atEnd.current = below < NEAR_END_PX && view.last === null && !detached;
        setAway(!atEnd.current);
        const line = element.querySelector("[data-divider]");
        const hidden = line === null
            ? element.scrollTop > 0
            : line.getBoundingClientRect().bottom < element.getBoundingClientRect().top;
        setAbove(hidden);
        remember(element);
        if (element.scrollTop < NEAR_EDGE_PX) {
            const next = earlier(all, view);
            if (next === null)
                reading.older();
            else
                setView(detached ? closed(all, next) : next);
        }
        else if (below < NEAR_EDGE_PX) {
            const [, high] = rangeOf(all, view);
            if (detached && high === all.length)
                reading.newer();
            else {
                const next = later(all, view);
                if (next !== null)
                    setView(detached ? closed(all, next) : next);
            }
        }
    };
    const draw = (s, block) => {
        const entry = all[Math.min(indexFrom(all, s), all.length - 1)];
        if (entry === undefined)
            return;
        atEnd.current = false;
        wanted.current = { s: entry.s, block };
        const next = around(all, entry.s);
        setView(detached ? closed(all, next) : { ...next });
        if (block === "start")
            return;
        setFound(entry.s);
        setTimeout(() => setFound((now) => (now === entry.s ? null : now)), FOUND_MS);
    };
    const toEnd = () => {
        atEnd.current = true;
        reading.newest();
        setView({ ...NEWEST });
        bottom();
    };
    useLayoutEffect(() => {
        const element = box.current;
        if (element === null)
            return;
        const grew = extra > waited.current;
        waited.current = extra;
        if (goal !== null) {
            // What is drawn is of before; what is wanted is drawn next.
            reading.onGoal();
            const begins = !placed.current;
            placed.current = true;
            draw(goal, begins ? "start" : "center");
            return;
        }
        if (!placed.current && all.length > 0) {
            placed.current = true;
            if (start !== null) {
                draw(start, "start");
                return;
            }
            bottom();
        }
        else if (wanted.current !== null) {
            const { s, block } = wanted.current;
            const row = element.querySelector(`[data-seq="${s}"]`);
            wanted.current = null;
            if (row instanceof HTMLElement) {
                const line = block === "start" ? element.querySelector("[data-divider]") : null;
                (line ?? row).scrollIntoView({ block });
                if (block === "center")
                    row.focus({ preventScroll: true });
            }
        }
        else if (grew && (view.last !== null || detached)) {
            toEnd();
            return;
        }
        else if (atEnd.current || grew) {
            bottom();
        }
        else if (anchor.current?.element.isConnected) {
            const { element: row, top } = anchor.current;
            const now = row.getBoundingClientRect().top - element.getBoundingClientRect().top;
            if (Math.abs(now - top) >= 1)
                element.scrollTop += now - top;
        }
        measure();
        const less = atEnd.current ? trimmed(all, view) : null;
        if (less !== null)
            setView(less);
    }, [all, extra, view, goal]);
    useEffect(() => {
        // A phone's keyboard, a turned screen, a taller composer: the end stays the end.
        const element = box.current;
        if (element === null)
            return;
        const watcher = new ResizeObserver(() => {
            if (atEnd.current)
                bottom();
        });
        watcher.observe(element);
        return () => watcher.disconnect();
    }, []);
    const isAtEnd = () => atEnd.current && !detached;
    return { box, view, away, found, above, atEnd: isAtEnd, onScroll: measure, toEnd };
}
