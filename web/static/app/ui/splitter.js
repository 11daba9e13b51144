import { h } from "../../vendor/preact.js";
import { clampList, LIST_MAX_PX, LIST_MIN_PX, prefs } from "./prefs.js";
const STEP_PX = 16;
/** The edge between list and conversation: it can be dragged, or moved by arrow keys. */
export function Splitter() {
    const width = prefs.list_px.value;
    return (h("div", { class: "splitter", role: "separator", "aria-orientation": "vertical", "aria-label": "Width of the list", "aria-valuenow": width, "aria-valuemin": LIST_MIN_PX, "aria-valuemax": LIST_MAX_PX, tabIndex: 0, onPointerDown: (event) => {
            event.preventDefault();
            event.currentTarget.setPointerCapture(event.pointerId);
        }, onPointerMove: (event) => {
            if (event.currentTarget.hasPointerCapture(event.pointerId)) {
                prefs.list_px.value = clampList(event.clientX);
            }
        }, onKeyDown: (event) => {
            const sign = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
            if (sign === 0)
                return;
            event.preventDefault();
            prefs.list_px.value = clampList(width + sign * STEP_PX);
        } }));
}
