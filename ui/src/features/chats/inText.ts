import type { MessageView } from '../../backend/backend';
import { s } from '../../strings';
import { shortDay, timeOfDay, zoneOf } from './clock';

/** A message as a line of text, for the clipboard and for a file. */
export function inText(message: MessageView): string {
  const zone = zoneOf(message.zone);
  const when = `${shortDay(message.at, zone)} ${timeOfDay(message.at, message.precision, zone)}`;
  const files = message.attachments.map((file) => `[${file.name}]`);
  const words = message.unsent ? s.chats.unsent : message.text;
  const said = [...files, words].filter(Boolean).join(' ');
  return message.sender === null ? `${when} ${said}` : `${when} ${message.sender}: ${said}`;
}
