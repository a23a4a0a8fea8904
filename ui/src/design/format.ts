/** Numbers, sizes, times and dates as the person's locale writes them. */

const number = new Intl.NumberFormat();
const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export const count = (n: number): string => number.format(n);

/** "one, two and three". */
export const list = (words: string[]): string => new Intl.ListFormat(undefined, { type: 'conjunction' }).format(words);

/** 1,536 bytes is "1.5 kB". */
export function size(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  const digits = step === 0 || value >= 100 ? 0 : 1;
  return new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: SIZES[step],
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(value);
}

/** "2 min", "45 sec": rounded up, so that it is not late. */
export function duration(seconds: number): string {
  const [unit, per] = seconds < 90 ? ['second', 1] : seconds < 5400 ? ['minute', 60] : ['hour', 3600];
  const style = { style: 'unit', unit: unit as string, unitDisplay: 'short' } as const;
  return new Intl.NumberFormat(undefined, style).format(Math.max(1, Math.ceil(seconds / (per as number))));
}

/** Unix seconds, as a date with its time. */
export function moment(seconds: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' }).format(seconds * 1000);
}

/** Unix seconds, as a date with its time, in fewer letters. */
export function brief(seconds: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(seconds * 1000);
}

/** Unix seconds, as a time of day. */
export function time(seconds: number): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(seconds * 1000);
}

/** Unix seconds, as a date. */
export function date(seconds: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'long' }).format(seconds * 1000);
}

/** "5 minutes ago", "yesterday". */
export function ago(seconds: number, now = Date.now() / 1000): string {
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const past = seconds - now;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ];
  const step = steps.find(([, length]) => Math.abs(past) >= length);
  return step ? relative.format(Math.round(past / step[1]), step[0]) : relative.format(0, 'second');
}
