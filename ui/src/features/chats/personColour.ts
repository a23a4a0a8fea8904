/**
 * Colours of people's names, one pair for the light and the dark scheme. Each is AA (4.5:1) or better on a bubble and
 * on an own bubble; the tests compute it.
 */
export const PERSON_COLOURS: readonly [light: string, dark: string][] = [
  ['#1a6455', '#74cdb8'],
  ['#8a3b12', '#f2a37c'],
  ['#5b3fa8', '#b9a6f5'],
  ['#9a1f5c', '#f59ac4'],
  ['#1f5a96', '#8fc1f2'],
  ['#5a5b12', '#cfcf6b'],
  ['#7a2f8f', '#dba0ec'],
  ['#33641f', '#9fd585'],
  ['#a3281f', '#ff9d92'],
  ['#0f6170', '#6fd0e0'],
  ['#6b4a10', '#e6be73'],
  ['#3f4f9c', '#a9b6f7'],
];

/** The same for a name today and tomorrow, here and on another computer (FNV-1a, 32 bits). */
export function colourOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % PERSON_COLOURS.length;
}

/** For a `color`. */
export function cssColourOf(name: string): string {
  const [light, dark] = PERSON_COLOURS[colourOf(name)]!;
  return `light-dark(${light}, ${dark})`;
}
