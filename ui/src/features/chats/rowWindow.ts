/** Which rows of a long list are drawn. Pure: the list component measures and scrolls. */

/** Rows drawn at once: several screens of short messages. */
export const ROWS = 90;
/** Rows the window moves by when an end comes near. */
export const STEP = 30;
/** Web views stop at about 33 million pixels (WebKit) or 17 (Gecko); stay well below. */
const MAX_HEIGHT = 8_000_000;
/** A first guess of a row's height, before any is measured. */
const ROW_HEIGHT = 64;

export interface RowWindow {
  first: number;
  /** One past the last. */
  end: number;
}

/** What a row that is not drawn takes: less than a real one in a very long list. */
export function spacerHeight(rows: number): number {
  return rows === 0 ? 0 : Math.min(ROW_HEIGHT, MAX_HEIGHT / rows);
}

/** The window with `at` in its middle. */
export function around(at: number, count: number): RowWindow {
  const first = clamp(at - Math.floor(ROWS / 2), 0, Math.max(0, count - ROWS));
  return { first, end: Math.min(count, first + ROWS) };
}

export interface Sight {
  scrollTop: number;
  viewport: number;
  scrollHeight: number;
  /** Top and bottom of the drawn rows within the scrolled content. */
  top: number;
  bottom: number;
}

export type Move = { to: 'stay' } | { to: 'shift'; rows: RowWindow } | { to: 'jump'; row: number };

/** What a scroll asks for: nothing, some more rows at one end, or rows from elsewhere. */
export function move(sight: Sight, rows: RowWindow, count: number): Move {
  const { scrollTop, viewport, scrollHeight, top, bottom } = sight;
  if (scrollTop + viewport < top || scrollTop > bottom) {
    const reach = Math.max(1, scrollHeight - viewport);
    return { to: 'jump', row: clamp(Math.round((scrollTop / reach) * (count - 1)), 0, count - 1) };
  }
  if (scrollTop < top + viewport && rows.first > 0) return shift(rows, -STEP, count);
  if (scrollTop + 2 * viewport > bottom && rows.end < count) return shift(rows, STEP, count);
  return { to: 'stay' };
}

function shift(rows: RowWindow, by: number, count: number): Move {
  const first = clamp(rows.first + by, 0, Math.max(0, count - ROWS));
  return { to: 'shift', rows: { first, end: Math.min(count, first + ROWS) } };
}

function clamp(n: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, n));
}
