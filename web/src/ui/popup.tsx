import { useEffect, useLayoutEffect, useRef } from "../../vendor/hooks.js";
import { type ComponentChildren, h } from "../../vendor/preact.js";
import { Glyph, type GlyphName } from "./parts.js";

const GAP_PX = 4;
const EDGE_PX = 8;

interface Props {
  /** What it belongs to: it opens beside that. */
  at: DOMRect;
  label: string;
  menu?: boolean;
  onClose(): void;
  children: ComponentChildren;
}

/** Something small over the page: a click elsewhere or Escape closes it, arrows move in it. */
export function Popup({ at, label, menu = false, onClose, children }: Props) {
  const ref = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(null);
  useLayoutEffect(() => {
    const popup = ref.current;
    if (popup === null) return undefined;
    before.current = document.activeElement;
    popup.showPopover();
    const { offsetWidth: width, offsetHeight: height } = popup;
    const left = Math.min(Math.max(EDGE_PX, at.left), innerWidth - width - EDGE_PX);
    const below = at.bottom + GAP_PX;
    const top = below + height + EDGE_PX <= innerHeight ? below : at.top - GAP_PX - height;
    popup.style.left = `${Math.max(EDGE_PX, left)}px`;
    popup.style.top = `${Math.max(EDGE_PX, Math.min(top, innerHeight - height - EDGE_PX))}px`;
    // On a phone a field in focus would bring the keyboard over it.
    const keyboard = matchMedia("(pointer: fine)").matches;
    (keyboard ? stops(popup)[0] : popup)?.focus();
    return () => {
      // Where the focus went with what was chosen it stays; else it goes back.
      const active = document.activeElement;
      const here = active === document.body || popup.contains(active);
      if (here && before.current instanceof HTMLElement) before.current.focus();
    };
  }, []);
  useEffect(() => {
    // Closed by hand: the browser's own way would end it with the finger that opened it.
    const elsewhere = (event: Event): void => {
      if (!(event.target instanceof Node && ref.current?.contains(event.target))) onClose();
    };
    document.addEventListener("pointerdown", elsewhere, true);
    return () => document.removeEventListener("pointerdown", elsewhere, true);
  }, []);
  const move = (event: KeyboardEvent): void => {
    const popup = ref.current;
    if (popup === null) return;
    // What is typed in here is for nothing below.
    event.stopPropagation();
    if (event.key === "Escape") {
      event.preventDefault();
      onClose();
      return;
    }
    if (event.key === "Tab" && menu) {
      event.preventDefault();
      onClose();
      return;
    }
    const all = stops(popup);
    const now = all.indexOf(document.activeElement as HTMLElement);
    const to = step(event, all, now);
    if (to === null) return;
    event.preventDefault();
    all[(to + all.length) % all.length]?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is one of two
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both of them are named
    <div
      ref={ref}
      popover="manual"
      class="popup"
      role={menu ? "menu" : "dialog"}
      aria-label={label}
      tabIndex={-1}
      onKeyDown={move}
    >
      {children}
    </div>
  );
}

const stops = (popup: HTMLElement): HTMLElement[] => [
  ...popup.querySelectorAll<HTMLElement>("button:not(:disabled), input"),
];

/** Where an arrow key leads; null for other keys. In a grid up and down go by rows. */
function step(event: KeyboardEvent, all: HTMLElement[], now: number): number | null {
  const typing = document.activeElement instanceof HTMLInputElement;
  switch (event.key) {
    case "ArrowDown":
    case "ArrowUp": {
      const sign = event.key === "ArrowDown" ? 1 : -1;
      const here = all[now]?.getBoundingClientRect();
      if (here === undefined) return sign > 0 ? 0 : all.length - 1;
      for (let n = now + sign; n >= 0 && n < all.length; n += sign) {
        const there = all[n]?.getBoundingClientRect();
        const row = there !== undefined && sign * (there.top - here.top) > 1;
        if (row && there.right > here.left + 1 && there.left < here.right - 1) return n;
      }
      return now + sign;
    }
    case "ArrowRight":
      return typing ? null : now + 1;
    case "ArrowLeft":
      return typing ? null : now - 1;
    default:
      return null;
  }
}

interface ItemProps {
  glyph: GlyphName;
  label: string;
  testid: string;
  danger?: boolean;
  onPick(): void;
}

/** One line of a menu. */
export function MenuItem({ glyph, label, testid, danger = false, onPick }: ItemProps) {
  return (
    <button
      type="button"
      role="menuitem"
      class={danger ? "menu-item danger-text" : "menu-item"}
      data-testid={testid}
      onClick={onPick}
    >
      <Glyph name={glyph} />
      {label}
    </button>
  );
}
