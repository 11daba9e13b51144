/** Messages drawn at once: the rest of what is loaded waits above and below. */
const MOST = 200;
const STEP = 60;
const AT_FIRST = 60;
export const NEWEST = { first: null, last: null };
/** The index of the first entry at or after `s`. */
export function indexFrom(all, s) {
    let low = 0;
    let high = all.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if ((all[middle]?.s ?? 0) < s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
/** From which index up to (and without) which the view shows of these. */
export function rangeOf(all, { first, last }) {
    const high = last === null ? all.length : indexFrom(all, last + 1);
    const low = first === null ? Math.max(0, high - AT_FIRST) : indexFrom(all, first);
    return [Math.min(low, high), high];
}
const viewOf = (all, low, high) => ({
    first: all[Math.max(0, low)]?.s ?? null,
    last: high >= all.length ? null : (all[high - 1]?.s ?? null),
});
/** A step up; null when all that is loaded is drawn up to there. */
export function earlier(all, view) {
    const [low, high] = rangeOf(all, view);
    if (low === 0)
        return null;
    const to = Math.max(0, low - STEP);
    return viewOf(all, to, Math.min(high, to + MOST));
}
/** A step down; null when it ends with the newest. */
export function later(all, view) {
    if (view.last === null)
        return null;
    const [low, high] = rangeOf(all, view);
    const to = Math.min(all.length, high + STEP);
    return viewOf(all, Math.max(low, to - MOST), to);
}
/** The same, but ending where what is loaded ends now: what comes after is not the newest. */
export const closed = (all, view) => ({
    ...view,
    last: view.last ?? all.at(-1)?.s ?? null,
});
/** With `s` in the middle. */
export function around(all, s) {
    const index = indexFrom(all, s);
    return viewOf(all, index - STEP, Math.min(all.length, index + STEP));
}
/** The newest only, once so many have come that too much is drawn; null while it is not. */
export function trimmed(all, view) {
    const [low, high] = rangeOf(all, view);
    return view.last === null && high - low > MOST + STEP ? viewOf(all, high - MOST, high) : null;
}
