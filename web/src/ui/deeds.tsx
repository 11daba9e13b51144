import { useState } from "../../vendor/hooks.js";
import { type ComponentChildren, Fragment, h } from "../../vendor/preact.js";
import type { Conversation } from "../core/conversation.js";
import type { Entry } from "../core/wire.js";
import type { Desk } from "./desk.js";
import { EmojiPicker } from "./emoji_picker.js";
import { type Deed, MessageMenu } from "./message_menu.js";
import { Confirm } from "./parts.js";
import { ReadBy } from "./read_by.js";
import { useClient } from "./use.js";

interface Opened {
  what: "menu" | "emoji" | "info" | "delete";
  entry: Entry;
  at: DOMRect;
}

export interface Deeds {
  open(what: "menu" | "emoji", entry: Entry, at: DOMRect): void;
  reply(entry: Entry): void;
  /** A key that was pressed on a message; true when it means something there. */
  key(key: string, entry: Entry, at: DOMRect): boolean;
  /** What is open because of it. */
  view: ComponentChildren;
}

/** Everything that can be done about one message, and what opens for it. */
export function useDeeds(conversation: Conversation, desk: Desk): Deeds {
  const client = useClient();
  const [opened, setOpened] = useState<Opened | null>(null);
  const { me } = client.store;
  const { kind, role } = conversation.line.value;
  const speaks = !conversation.gone.value;
  const close = (): void => setOpened(null);

  const deletes = (entry: Entry): boolean =>
    entry.from === me || (kind === "group" && role !== "member");
  const reply = (entry: Entry): void => {
    if (entry.b.k !== "text" || !speaks) return;
    desk.edit.value = null;
    desk.reply.value = entry;
    desk.write();
  };
  const edit = (entry: Entry): void => {
    if (entry.b.k !== "text" || entry.from !== me || !speaks) return;
    if (entry.cut) client.whole(conversation, entry.s);
    desk.reply.value = null;
    desk.edit.value = entry;
    desk.write();
  };
  const react = (entry: Entry, sign: string): void => {
    close();
    const ours = entry.reactions?.[sign]?.includes(me) ?? false;
    client.react(conversation, entry.s, ours ? "" : sign);
  };
  const perform = (deed: Deed, { entry, at }: Opened): void => {
    close();
    switch (deed) {
      case "reply":
        reply(entry);
        break;
      case "edit":
        edit(entry);
        break;
      case "copy":
        if (entry.b.k === "text") void navigator.clipboard?.writeText(entry.b.text);
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
  const key = (pressed: string, entry: Entry, at: DOMRect): boolean => {
    const text = entry.b.k === "text" && speaks;
    switch (pressed) {
      case "r":
      case "R":
        reply(entry);
        return true;
      case "e":
      case "E":
        if (text) setOpened({ what: "emoji", entry, at });
        return true;
      case "Delete":
        if (text && deletes(entry)) setOpened({ what: "delete", entry, at });
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
  const now = (entry: Entry): Entry => conversation.at(entry.s) ?? entry;
  const view = opened !== null && (
    <Fragment key={`${opened.what} ${opened.entry.s}`}>
      {opened.what === "menu" && (
        <MessageMenu
          at={opened.at}
          entry={now(opened.entry)}
          own={opened.entry.from === me}
          deletes={deletes(opened.entry)}
          speaks={speaks}
          onReact={(sign) => react(now(opened.entry), sign)}
          onDeed={(deed) => perform(deed, { ...opened, entry: now(opened.entry) })}
          onClose={() => setOpened((is) => (is?.what === "menu" ? null : is))}
        />
      )}
      {opened.what === "emoji" && (
        <EmojiPicker
          at={opened.at}
          onPick={(sign) => react(now(opened.entry), sign)}
          onClose={() => setOpened((is) => (is?.what === "emoji" ? null : is))}
        />
      )}
      {opened.what === "info" && (
        <ReadBy conversation={conversation} entry={opened.entry} onClose={close} />
      )}
      {opened.what === "delete" && (
        <Confirm
          title="Delete this message?"
          text="It goes for everybody, and cannot be brought back."
          yes="Delete"
          onYes={() => client.remove(conversation, opened.entry.s)}
          onClose={close}
        />
      )}
    </Fragment>
  );
  return {
    open: (what, entry, at) => setOpened({ what, entry, at }),
    reply,
    key,
    view,
  };
}
