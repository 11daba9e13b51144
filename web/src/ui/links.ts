/** A part of a text: words, or an address that may be opened. */
export type Piece = string | { readonly href: string; readonly text: string };

const ADDRESS = /(?:https?:\/\/|mailto:)[^\s<>"`]+/gi;
const ALLOWED = new Set(["http:", "https:", "mailto:"]);
/** Closes a sentence or a bracket, and belongs to the words around an address. */
const TRAILING = /[.,;:!?'*_~\])}\u2026\u2019\u201d]/;
/** Characters that are not seen, or that turn the direction of others. */
const HIDDEN = /[\p{C}\u2028\u2029]/u;
/** Longer ones are left as words: nobody can judge them. */
const MAX_ADDRESS = 2_048;

/**
 * A text cut into words and addresses. Only what says http, https or mailto itself becomes one, and
 * only when it shows all of where it leads.
 */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    // Glued to a word or a script's name, it is part of something else.
    const before = text[match.index - 1] ?? " ";
    if (/[\p{L}\p{N}:]/u.test(before)) continue;
    const address = trimmed(match[0]);
    const href = hrefOf(address);
    if (href === null) continue;
    if (match.index > done) pieces.push(text.slice(done, match.index));
    pieces.push({ href, text: address });
    done = match.index + address.length;
  }
  if (done < text.length) pieces.push(text.slice(done));
  return pieces;
}

/** Without what closes a sentence; a bracket stays when it was opened inside the address. */
function trimmed(address: string): string {
  let end = address.length;
  let open = count(address, "(") - count(address, ")");
  while (end > 0 && TRAILING.test(address.charAt(end - 1))) {
    if (address[end - 1] === ")") {
      if (open >= 0) break;
      open += 1;
    }
    end -= 1;
  }
  return address.slice(0, end);
}

const count = (text: string, letter: string): number => text.split(letter).length - 1;

function hrefOf(address: string): string | null {
  if (address.length > MAX_ADDRESS || HIDDEN.test(address)) return null;
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (!ALLOWED.has(url.protocol)) return null;
  if (url.protocol === "mailto:") return url.pathname.includes("@") ? url.href : null;
  // A name before the host only ever makes it look like another.
  return url.hostname !== "" && url.username === "" && url.password === "" ? url.href : null;
}
