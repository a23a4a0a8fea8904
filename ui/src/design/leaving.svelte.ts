/** What has to be asked before the page on screen may go. It calls back when the person agrees. */
type Guard = (go: () => void) => void;

let guard: Guard | null = null;

/** From now on `asks` is asked first; until the returned function is called. */
export function guardLeaving(asks: Guard): () => void {
  guard = asks;
  return () => {
    if (guard === asks) guard = null;
  };
}

/** Goes elsewhere, unless the page on screen holds the person back. */
export function leave(go: () => void): void {
  if (guard) guard(go);
  else go();
}
