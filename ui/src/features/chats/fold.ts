import type { TextPiece } from '../../backend/backend';

/** A message longer than this is folded: about a screen. */
const MOST_LETTERS = 3_000;
const MOST_LINES = 40;

const PLAIN = { hit: false, link: null, turned: false };

/** Where a text is cut, in UTF-16 units; null if all of it is shown. */
export function cutOf(text: string): number | null {
  let at = -1;
  for (let line = 0; line < MOST_LINES; line++) {
    at = text.indexOf('\n', at + 1);
    if (at === -1) break;
  }
  const cut = Math.min(at === -1 ? text.length : at, MOST_LETTERS);
  if (cut >= text.length) return null;
  // Not between the two halves of a letter.
  return /[\uD800-\uDBFF]/.test(text[cut - 1] ?? '') ? cut - 1 : cut;
}

/** The first `cut` units of a message's text, in pieces. */
export function head(text: string, pieces: TextPiece[], cut: number): TextPiece[] {
  if (pieces.length === 0) return [{ ...PLAIN, text: text.slice(0, cut) }];
  const shown: TextPiece[] = [];
  let left = cut;
  for (const piece of pieces) {
    if (left <= 0) break;
    shown.push({ ...piece, text: piece.text.slice(0, left) });
    left -= piece.text.length;
  }
  return shown;
}

export const whole = (text: string, pieces: TextPiece[]): TextPiece[] => (pieces.length === 0 ? [{ ...PLAIN, text }] : pieces);
