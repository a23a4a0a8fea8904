/**
 * The generated code's check symbols, so that a slip is seen while typing. The core checks again before it asks the
 * vault; this only says so sooner. Reed-Solomon over GF(32) = GF(2)[x]/(x^5 + x^2 + 1), as in the backup format's text.
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 16;
const SEPARATORS = /[\s\-_\u2010-\u2015\u2212\u00ad\ufeff\u200b]/gu;

export type Slip = 'character' | 'short' | 'long' | 'checksum' | null;

/** What is wrong with a typed generated code; null when nothing is. */
export function slip(typed: string): Slip {
  const symbols = [...canonical(typed)].map((c) => ALPHABET.indexOf(c));
  if (symbols.includes(-1)) return 'character';
  if (symbols.length < LENGTH) return 'short';
  if (symbols.length > LENGTH) return 'long';
  return isCodeWord(symbols) ? null : 'checksum';
}

/** As the core reads it: no separators, one case, O is 0, I and L are 1. */
export function canonical(typed: string): string {
  return typed.replace(SEPARATORS, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
}

/** In groups of four, as it is shown. */
export function grouped(typed: string): string {
  return canonical(typed).match(/.{1,4}/g)?.join('-') ?? '';
}

function isCodeWord(symbols: number[]): boolean {
  let [sum, weighted, power] = [0, 0, 1];
  for (const symbol of symbols) {
    sum ^= symbol;
    weighted ^= times(symbol, power);
    power = times(power, 2);
  }
  return sum === 0 && weighted === 0;
}

function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 0; bit < 5; bit++) if ((b >> bit) & 1) product ^= a << bit;
  for (let bit = 8; bit >= 5; bit--) if ((product >> bit) & 1) product ^= 0b100101 << (bit - 5);
  return product;
}
