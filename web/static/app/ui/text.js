import { useState } from "../../vendor/hooks.js";
import { Fragment, h } from "../../vendor/preact.js";
import { isJumbo } from "./emoji.js";
import { piecesOf } from "./links.js";
/** A text longer than this, or with more lines, is folded. */
const FOLDED_CHARS = 1_200;
const FOLDED_LINES = 18;
/** The part of a text that is shown folded; all of it when it is short. */
function folded(text) {
    let end = Math.min(text.length, FOLDED_CHARS);
    let line = -1;
    for (let n = 0; n < FOLDED_LINES; n += 1) {
        line = text.indexOf("\n", line + 1);
        if (line < 0)
            break;
    }
    if (line >= 0)
        end = Math.min(end, line);
    // Not through the middle of a pair.
    return text.slice(0, end).replace(/[\ud800-\udbff]$/, "");
}
/** The words of a message: text nodes and safe links, and nothing else. */
export function Words({ text }) {
    return (h(Fragment, null, piecesOf(text).map((piece, n) => typeof piece === "string" ? (piece) : (h("a", { key: n, href: piece.href, target: "_blank", rel: "noopener noreferrer", dir: "ltr" }, piece.text)))));
}
/** A message's text, folded while it is long. */
export function MessageText({ text, cut, onWhole }) {
    const [open, setOpen] = useState(false);
    const short = folded(text);
    const long = cut || short.length < text.length;
    return (h(Fragment, null,
        h("span", { class: isJumbo(text) ? "text jumbo" : "text", dir: "auto" },
            h(Words, { text: open ? text : short }),
            long && !(open && !cut) && "…"),
        long && (h("button", { type: "button", class: "link more", "data-testid": "show-more", "aria-expanded": open && !cut, onClick: () => {
                if (cut)
                    onWhole();
                setOpen(!open || cut);
            } }, open && !cut ? "Show less" : "Show more"))));
}
