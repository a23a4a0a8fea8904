import type { TimePrecision } from '../../backend/backend';

/**
 * An export may name no time zone: its moments are the phone's wall clock read as if it were UTC, and are shown as
 * written. The others are moments, shown in this computer's zone.
 */
export const zoneOf = (zone: string): string | undefined => (zone === 'local' ? 'UTC' : undefined);

export function timeOfDay(at: number, precision: TimePrecision, zone: string | undefined): string {
  const second = precision === 'second' ? '2-digit' : undefined;
  return new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit', second, timeZone: zone }).format(at);
}

export function day(at: number, zone: string | undefined): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeZone: zone }).format(at);
}

export function shortDay(at: number, zone: string | undefined): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeZone: zone }).format(at);
}

/** `2024-03` as people write it. */
export function monthName(month: string): string {
  const at = Date.parse(`${month}-01T00:00:00Z`);
  return Number.isNaN(at) ? month : new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(at);
}

/** The start of a day that a date field names (`2024-03-09`), as the messages of this zone count time. */
export function startOfDay(field: string, zone: string | undefined): number {
  return Date.parse(zone === 'UTC' ? `${field}T00:00:00Z` : `${field}T00:00:00`);
}

/** A moment that belongs to another: its time, and its day where that is another. */
export function momentOf(at: number, other: number, zone: string | undefined): string {
  const time = timeOfDay(at, 'minute', zone);
  return shortDay(at, zone) === shortDay(other, zone) ? time : `${shortDay(at, zone)} ${time}`;
}
