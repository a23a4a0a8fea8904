import { describe, expect, it } from 'vitest';
import { cutOf, head } from '../src/features/chats/fold';
import { colourOf, PERSON_COLOURS } from '../src/features/chats/personColour';

describe('very long texts', () => {
  it('are cut by lines and letters, never within a letter', () => {
    expect(cutOf('short')).toBeNull();
    expect(cutOf('a\n'.repeat(39) + 'a')).toBeNull();
    expect(cutOf('a\n'.repeat(50))).toBe(79);
    const cut = cutOf('x' + '🚣'.repeat(3_000))!;
    expect(head('x' + '🚣'.repeat(3_000), [], cut)[0]!.text.endsWith('🚣')).toBe(true);
  });
});

describe('colours of people', () => {
  const luminance = (hex: string) => {
    const part = (at: number) => {
      const value = parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  };
  const contrast = (a: string, b: string) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light! + 0.05) / (dark! + 0.05);
  };

  // The grounds of bubbles, own bubbles and quotes in tokens.css.
  it.each(PERSON_COLOURS.map((pair) => [...pair]))('%s and %s can be read on every ground', (light, dark) => {
    for (const ground of ['#ffffff', '#e3f0ec', '#f1efeb']) expect(contrast(light, ground)).toBeGreaterThanOrEqual(4.5);
    for (const ground of ['#1f2221', '#1d322d', '#101211']) expect(contrast(dark, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it('are the same for a name every time, and spread over all of them', () => {
    expect([colourOf('Ada'), colourOf('Ada'), colourOf('عدا')]).toEqual([colourOf('Ada'), colourOf('Ada'), colourOf('عدا')]);
    const used = new Set(Array.from({ length: 400 }, (_, at) => colourOf(`person ${at}`)));
    expect(used.size).toBe(PERSON_COLOURS.length);
  });
});
