import { useState } from "../../vendor/hooks.js";
import { Fragment, h } from "../../vendor/preact.js";
import { EmojiPicker } from "./emoji_picker.js";
import { MessageMenu } from "./message_menu.js";
import { Confirm } from "./parts.js";
import { ReadBy } from "./read_by.js";
import { useClient } from "./use.js";
/** Everything that can be done about one message, and what opens for it. */
export function useDeeds(conversation, desk) {
    const client = useClient();
    const [opened, setOpened] = useState(null);
    const { me } = client.store;
    const { kind, role } = conversation.line.value;
    const speaks = !conversation.gone.value;
    const close = () => setOpened(null);
    const deletes = (entry) => entry.from === me || (kind === "group" && role !== "member");
    const reply = (entry) => {
        if (entry.b.k !== "text" || !speaks)
            return;
        desk.edit.value = null;
        desk.reply.value = entry;
        desk.write();
    };
    const edit = (entry) => {
        if (entry.b.k !== "text" || entry.from !== me || !speaks)
            return;
        if (entry.cut)
            client.whole(conversation, entry.s);
        desk.reply.value = null;
        desk.edit.value = entry;
        desk.write();
    };
    const react = (entry, sign) => {
        close();
        const ours = entry.reactions?.[sign]?.includes(me) ?? false;
        client.react(conversation, entry.s, ours ? "" : sign);
    };
    const perform = (deed, { entry, at }) => {
        close();
        switch (deed) {
            case "reply":
                reply(entry);
                break;
            case "edit":
                edit(entry);
                break;
            case "copy":
                if (entry.b.k === "text")
                    void navigator.clipboard?.writeText(entry.b.text);
                break;
            case "react":
                setOpened({ what: "emoji", entry, at });
                break;
            case "info":
            case "delete":
                setOpened({ what: deed, entry, at });
                break;
        }
    };
    const key = (pressed, entry, at) => {
        const text = entry.b.k === "text" && speaks;
        switch (pressed) {
            case "r":
            case "R":
                reply(entry);
                return true;
            case "e":
            case "E":
                if (text)
                    setOpened({ what: "emoji", entry, at });
                return true;
            case "Delete":
                if (text && deletes(entry))
                    setOpened({ what: "delete", entry, at });
                return true;
            case "Enter":
            case "ContextMenu":
                setOpened({ what: "menu", entry, at });
                return true;
            case "Escape":
                desk.write();
                return true;
            default:
                return false;
        }
    };
    // As it is now: it may have been changed since the menu opened.
    const now = (entry) => conversation.at(entry.s) ?? entry;
    const view = opened !== null && (h(Fragment, { key: `${opened.what} ${opened.entry.s}` },
        opened.what === "menu" && (h(MessageMenu, { at: opened.at, entry: now(opened.entry), own: opened.entry.from === me, deletes: deletes(opened.entry), speaks: speaks, onReact: (sign) => react(now(opened.entry), sign), onDeed: (deed) => perform(deed, { ...opened, entry: now(opened.entry) }), onClose: () => setOpened((is) => (is?.what === "menu" ? null : is)) })),
        opened.what === "emoji" && (h(EmojiPicker, { at: opened.at, onPick: (sign) => react(now(opened.entry), sign), onClose: () => setOpened((is) => (is?.what === "emoji" ? null : is)) })),
        opened.what === "info" && (h(ReadBy, { conversation: conversation, entry: opened.entry, onClose: close })),
        opened.what === "delete" && (h(Confirm, { title: "Delete this message?", text: "It goes for everybody, and cannot be brought back.", yes: "Delete", onYes: () => client.remove(conversation, opened.entry.s), onClose: close }))));
    return {
        open: (what, entry, at) => setOpened({ what, entry, at }),
        reply,
        key,
        view,
    };
}
