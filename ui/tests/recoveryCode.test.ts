import { describe, expect, it } from 'vitest';
import codes from './recovery-codes.txt?raw';
import { canonical, grouped, slip } from '../src/design/recoveryCode';

/** Made by another program, by trying all 1,024 pairs of check symbols. */
const RIGHT = codes.trim().split('\n');
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

describe('a generated code', () => {
  it.each(RIGHT)('has no slip: %s', (code) => {
    expect(slip(code)).toBeNull();
    expect(slip(code.toLowerCase().replaceAll('-', ' – ').replaceAll('0', 'o').replaceAll('1', 'l'))).toBeNull();
  });

  it('shows every single wrong character and every swap of neighbours', () => {
    const right = canonical(RIGHT[0]!);
    for (let at = 0; at < right.length; at++) {
      for (const other of ALPHABET.replace(right[at]!, '')) {
        expect(slip(right.slice(0, at) + other + right.slice(at + 1))).toBe('checksum');
      }
      const swapped = right.slice(0, at) + (right[at + 1] ?? '') + right[at] + right.slice(at + 2);
      if (at + 1 < right.length && swapped !== right) expect(slip(swapped)).toBe('checksum');
    }
  });

  it('is too short, too long or impossible', () => {
    expect(slip('0000-0000')).toBe('short');
    expect(slip('0000-0000-0000-0000-0')).toBe('long');
    expect(slip('0000-0000-000U-0000')).toBe('character');
  });

  it('is shown in groups of four', () => {
    expect(grouped('abcdefgh 2345 6789')).toBe('ABCD-EFGH-2345-6789');
  });
});
