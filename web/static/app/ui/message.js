import { useEffect, useRef, useState } from "../../vendor/hooks.js";
import { h } from "../../vendor/preact.js";
import { Failed } from "./failed.js";
import { Mark } from "./mark.js";
import { Avatar, Glyph, tintOf } from "./parts.js";
import { useLongPress } from "./press.js";
import { Quote } from "./quote.js";
import { Reactions } from "./reactions.js";
import { MessageText } from "./text.js";
import { useClient } from "./use.js";
import { nameOf, timeOf, told } from "./words.js";
/** What came just now rises; what is only drawn again does not. */
const NEW_MS = 3_000;
/** One entry of the log. */
export function Message({ conversation, entry, first, last, found, actions }) {
    const client = useClient();
    const [tools, setTools] = useState(false);
    const bubble = useRef(null);
    const at = () => (bubble.current ?? document.body).getBoundingClientRect();
    const press = useLongPress(() => actions.menu(entry, at()));
    const { colours, me, names } = client.store;
    const { b, from, s, ts } = entry;
    const own = from === me;
    // While nobody knows who is in it, a name is only on its way.
    const known = names.value.has(from) || conversation.members.value === null;
    useEffect(() => {
        if (!known)
            client.people.lookUp(from);
    }, [known]);
    if (b.k === "system") {
        return (h("p", { class: "told", "data-testid": "system-message", "data-seq": s, tabIndex: -1 },
            h("bdi", null, told(from, b, names.value, me))));
    }
    const state = own ? conversation.tick(s) : "received";
    const group = conversation.line.value.kind === "group";
    const name = own ? "You" : nameOf(from, names.value, me);
    const failed = conversation.changes.value.filter(({ failure, what }) => failure !== null && what.t === "send" && "s" in what.b && what.b.s === s);
    const rises = !own && Date.now() - ts < NEW_MS;
    return (h("div", { class: [
            "message",
            own ? "own" : "other",
            first && "first",
            last && "last",
            group && !own && "faced",
            found && "found",
            rises && "rises",
        ]
            .filter(Boolean)
            .join(" "), "data-testid": "message", "data-seq": s, "data-state": state, tabIndex: -1, onPointerEnter: (event) => setTools(event.pointerType === "mouse"), onPointerLeave: () => setTools(false) },
        group && !own && last && h(Avatar, { id: from, name: name }),
        !own && group && first && (h("bdi", { class: `sender ${tintOf(from, colours.value.get(from))}` }, name)),
        !own && !(group && first) && h("span", { class: "hidden-text" },
            name,
            ": "),
        own && h("span", { class: "hidden-text" }, "You: "),
        h("div", { class: "line" },
            h("div", { class: "bubble", ref: bubble, ...press.on, onContextMenu: (event) => {
                    if (press.held())
                        event.preventDefault();
                } },
                b.k === "text" && b.re_s !== undefined && (h(Quote, { conversation: conversation, s: b.re_s, onJump: actions.jump })),
                b.k === "text" ? (h(MessageText, { text: b.text, cut: entry.cut ?? false, onWhole: () => client.whole(conversation, s) })) : (h("em", { class: "text deleted" }, "Deleted message")),
                (last || entry.edited) && (h("span", { class: "meta" },
                    entry.edited && h("span", { "data-testid": "edited" }, "edited"),
                    last && h("time", { dateTime: new Date(ts).toISOString() }, timeOf(ts)),
                    last && state !== "received" && h(Mark, { state: state }))),
                !last && own && state !== "received" && h("span", { class: "hidden-text" }, timeOf(ts))),
            tools && (h("div", { class: "tools", "data-testid": "tools" },
                !last && h("time", null, timeOf(ts)),
                b.k === "text" && !conversation.gone.value && (h("button", { type: "button", tabIndex: -1, "aria-label": "React", title: "React (E)", "data-testid": "tool-react", onClick: () => actions.emoji(entry, at()) },
                    h(Glyph, { name: "smile" }))),
                b.k === "text" && !conversation.gone.value && (h("button", { type: "button", tabIndex: -1, "aria-label": "Reply", title: "Reply (R)", "data-testid": "tool-reply", onClick: () => actions.reply(entry) },
                    h(Glyph, { name: "reply" }))),
                h("button", { type: "button", tabIndex: -1, "aria-label": "More", title: "More", "data-testid": "tool-more", onClick: () => actions.menu(entry, at()) },
                    h(Glyph, { name: "more" }))))),
        b.k === "text" && h(Reactions, { conversation: conversation, entry: entry }),
        failed.map((item) => (h(Failed, { key: item.key, conversation: conversation, item: item })))));
}
/** A message of ours that is not in the log: it waits, or it failed. */
export function Unsent({ conversation, item, actions }) {
    const { what, failure } = item;
    if (what.t !== "send" || what.b.k !== "text")
        return null;
    const state = failure === null ? "pending" : "failed";
    return (h("div", { class: `message own first last ${state} ${Date.now() - item.at < NEW_MS ? "rises" : ""}`, "data-testid": "message", "data-state": state, tabIndex: -1 },
        h("span", { class: "hidden-text" }, "You: "),
        h("div", { class: "line" },
            h("div", { class: "bubble" },
                what.b.re_s !== undefined && (h(Quote, { conversation: conversation, s: what.b.re_s, onJump: actions.jump })),
                h(MessageText, { text: what.b.text, cut: false, onWhole: () => undefined }),
                h("span", { class: "meta" },
                    h("time", null, timeOf(item.at)),
                    h(Mark, { state: state })))),
        h(Failed, { conversation: conversation, item: item })));
}
