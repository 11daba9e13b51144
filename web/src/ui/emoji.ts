/** The emoji this page offers, by group; any other can be typed. The name is what they are found by. */
const GROUPS: readonly (readonly [string, string])[] = [
  [
    "Hands",
    "👍 thumbs up|👎 thumbs down|👏 clapping|🙏 thanks, please|👌 fine|✌️ peace|🤞 fingers crossed|👋 waving|💪 strong|🤝 agreed|🙌 hooray|🤷 no idea",
  ],
  [
    "Faces",
    "😀 grinning|😂 tears of joy|🙂 smiling|😉 winking|😊 happy|😍 in love|😘 kiss|😎 cool|🤔 thinking|😐 neutral|🙄 rolling eyes|😬 grimacing|😴 asleep|😢 sad|😭 crying|😡 angry|😱 frightened|🤯 mind blown|🥳 celebrating|😇 innocent|🤗 hug|🤫 quiet|😅 phew|😮 surprised|🤒 ill|🥺 pleading",
  ],
  [
    "Hearts",
    "❤️ heart|🧡 orange heart|💛 yellow heart|💚 green heart|💙 blue heart|💜 purple heart|🖤 black heart|💔 broken heart",
  ],
  [
    "Signs",
    "✅ done|❌ no|❓ question|❗ attention|💯 hundred|🔥 fire|✨ sparkles|⭐ star|🎉 party|🎂 birthday|🎁 present|⏰ alarm|📌 pin|💡 idea|👀 looking|🚀 rocket|🏆 cup",
  ],
  [
    "World",
    "☀️ sun|🌧️ rain|❄️ snow|🌈 rainbow|🌳 tree|🌸 blossom|🐶 dog|🐱 cat|🦆 duck|☕ coffee|🍺 beer|🍕 pizza|🍰 cake|🍎 apple|🚲 bicycle|🚆 train|✈️ plane|🏠 home|🎵 music|⚽ football",
  ],
];

export interface Emoji {
  readonly sign: string;
  readonly name: string;
}

const parsed = (text: string): Emoji[] =>
  text.split("|").map((one) => {
    const space = one.indexOf(" ");
    return { sign: one.slice(0, space), name: one.slice(space + 1) };
  });

export const EMOJI: readonly { readonly title: string; readonly all: readonly Emoji[] }[] =
  GROUPS.map(([title, text]) => ({ title, all: parsed(text) }));

/** Those one tap away. */
export const QUICK: readonly Emoji[] = parsed(
  "👍 thumbs up|❤️ heart|😂 tears of joy|😮 surprised|😢 sad|🙏 thanks",
);

/** Only emoji, and so few that they may be large. */
export const isJumbo = (text: string): boolean =>
  text.length <= 24 &&
  /^(?:\p{Extended_Pictographic}(?:[\u{1F3FB}-\u{1F3FF}]|\u200d|\uFE0F)*){1,3}$/u.test(text);
