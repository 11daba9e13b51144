import { useRef } from "../../vendor/hooks.js";
/** A finger that stays so long means the menu. */
const LONG_MS = 450;
/** A finger that moves more scrolls. */
const STILL_PX = 4;
/** Runs it when a finger, not a mouse, stays. */
export function useLongPress(run) {
    const timer = useRef(null);
    const long = useRef(false);
    const release = () => {
        if (timer.current !== null)
            clearTimeout(timer.current);
        timer.current = null;
    };
    return {
        on: {
            onPointerDown: ({ pointerType }) => {
                long.current = false;
                if (pointerType === "mouse")
                    return;
                timer.current = setTimeout(() => {
                    long.current = true;
                    run();
                }, LONG_MS);
            },
            onPointerUp: release,
            onPointerCancel: release,
            onPointerMove: ({ movementX, movementY }) => {
                if (Math.abs(movementX) + Math.abs(movementY) > STILL_PX)
                    release();
            },
        },
        held: () => timer.current !== null,
        taken: () => {
            const was = long.current;
            long.current = false;
            return was;
        },
    };
}
