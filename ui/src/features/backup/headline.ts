import type { NextBackup, PlaceNow } from '../../backend/backend';
import { s } from '../../strings';

/** How a place stands, in the colour it is said in. */
export type Standing = 'good' | 'waiting' | 'bad';

export interface Headline {
  standing: Standing;
  title: string;
  text: string;
}

/** A disk by the name that the desktop shows; anything else by its address. */
export const placeName = (place: PlaceNow): string => (place.disk === null ? place.url : s.backup.disk(place.disk));

/** What is true of a backup now: from whether its place answers, never from memory alone. */
export function headline(place: PlaceNow, messages: number): Headline {
  const { state, waiting } = place;
  if (state === 'away') {
    const text = [seen(place), sentence(waits(place)), place.next === 'off' ? '' : s.backup.goesOn].filter(Boolean).join(' ');
    const title = place.disk === null ? s.backup.away : s.backup.waitingFor(s.backup.disk(place.disk));
    return { standing: waiting.any ? 'waiting' : 'bad', title, text };
  }
  if (state === 'gone') return { standing: 'bad', title: s.backup.gone, text: s.backup.goneText };
  if (state === 'failed') return { standing: 'bad', title: s.backup.failed, text: sentence(waits(place)) };
  if (place.last_backup === null) return { standing: 'waiting', title: s.backup.never, text: s.backup.neverText };
  if (state === 'read_only') {
    const standing = waiting.any ? 'bad' : 'waiting';
    return { standing, title: waiting.any ? waits(place) : s.backup.all(messages), text: s.backup.readOnly };
  }
  if (waiting.any) return { standing: 'waiting', title: waits(place), text: s.backup.rest };
  return { standing: 'good', title: s.backup.all(messages), text: '' };
}

/** When the next backup is made by itself; empty where the headline says it. */
export function nextWords(next: NextBackup): string {
  if (next === 'off') return s.backup.next.off;
  if (next === 'soon') return s.backup.next.soon;
  if (next === 'waits_for_place') return s.backup.next.place;
  if (next === 'waits_for_power') return s.backup.next.power;
  if (next === 'none_yet') return '';
  if (next.at) return s.backup.next.at(next.at.due);
  const { due } = next.when_new;
  return due * 1000 > Date.now() ? s.backup.next.whenNewFrom(due) : s.backup.next.whenNew;
}

function waits({ waiting }: PlaceNow): string {
  if (!waiting.any) return '';
  if (waiting.messages === 0) return s.backup.waitsOther;
  return s.backup.waits(waiting.messages, waiting.more);
}

const sentence = (words: string): string => (words === '' ? '' : `${words}.`);

const seen = ({ answered }: PlaceNow): string => (answered === null ? '' : s.backup.lastSeen(answered));
