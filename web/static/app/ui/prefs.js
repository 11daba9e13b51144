import { effect, signal } from "../../vendor/signals.js";
const KEY = "hubbub-prefs";
const LIST_PX = 320;
export const LIST_MIN_PX = 240;
export const LIST_MAX_PX = 520;
function read() {
    try {
        return JSON.parse(localStorage.getItem(KEY) ?? "{}");
    }
    catch {
        return {};
    }
}
const kept = read();
const THEMES = ["light", "dark"];
export const clampList = (px) => Math.round(Math.min(LIST_MAX_PX, Math.max(LIST_MIN_PX, px)));
/** How this browser's user wants the page, whoever is signed in. */
export const prefs = {
    theme: signal(THEMES.includes(kept.theme ?? "") ? (kept.theme ?? "system") : "system"),
    enterSends: signal(kept.enterSends !== false),
    list_px: signal(clampList(Number(kept.list_px ?? LIST_PX) || LIST_PX)),
};
/** Makes the page so, and keeps it so, from now on. */
export function applyPrefs() {
    effect(() => {
        const { style, dataset } = document.documentElement;
        const theme = prefs.theme.value;
        style.colorScheme = theme === "system" ? "light dark" : theme;
        dataset["theme"] = theme;
        style.setProperty("--list", `${prefs.list_px.value}px`);
        const next = {
            theme,
            enterSends: prefs.enterSends.value,
            list_px: prefs.list_px.value,
        };
        try {
            localStorage.setItem(KEY, JSON.stringify(next));
        }
        catch {
            // Without room the choice lives as long as the page.
        }
    });
}
