import type { Body, Entry } from "./wire.js";

/** The earlier message an entry changes; null when it changes none. */
export const targetOf = (b: Body): number | null =>
  b.k === "edit" || b.k === "delete" || b.k === "react" ? b.s : null;

/**
 * A message as that change leaves it. Changes come in the order of the log; one that is in the
 * message already changes nothing, so that a page that has it folded in and the change itself may
 * both arrive.
 */
export function fold(message: Entry, change: Pick<Entry, "from" | "b" | "cut" | "len">): Entry {
  const { b } = change;
  if (message.b.k !== "text") return message;
  switch (b.k) {
    case "edit": {
      const { cut: _, len: __, ...whole } = message;
      const text: Entry = { ...whole, b: { ...message.b, text: b.text }, edited: true };
      return change.cut ? { ...text, cut: true, ...(change.len && { len: change.len }) } : text;
    }
    case "delete": {
      const { cut: _, len: __, edited: ___, reactions: ____, ...bare } = message;
      return { ...bare, b: { k: "deleted" } };
    }
    case "react":
      return { ...message, reactions: reacted(message.reactions ?? {}, change.from, b.emoji) };
    default:
      return message;
  }
}

/** One user's reaction is this now: it stands last, and no other of theirs is left. */
function reacted(
  before: Record<string, string[]>,
  user: string,
  emoji: string,
): Record<string, string[]> {
  // Known already: where it stands among the others is not worth a change.
  if (emoji !== "" && before[emoji]?.includes(user)) return before;
  const after: Record<string, string[]> = {};
  for (const [sign, users] of Object.entries(before)) {
    const others = users.filter((one) => one !== user);
    if (others.length > 0) after[sign] = others;
  }
  if (emoji !== "") after[emoji] = [...(after[emoji] ?? []), user];
  return after;
}
