/** What the core says of its progress while a security key waits to be touched. */
const TOUCH = /^touch\b/i;

export const asksForTouch = (what: string | undefined): boolean => what !== undefined && TOUCH.test(what);
