/** Days as a date field gives them (`2024-03-09`), in unix milliseconds as messages are written down: by the clock of
 * the export, without a zone. */

/** The start of that day; null for an empty field. */
export const startOfDay = (day: string): number | null => (day === '' ? null : Date.parse(`${day}T00:00:00Z`));

/** The start of the day after it; null for an empty field. */
export const endOfDay = (day: string): number | null => (day === '' ? null : Date.parse(`${day}T00:00:00Z`) + 86_400_000);
