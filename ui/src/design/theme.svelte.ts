export type Theme = 'system' | 'light' | 'dark';
const KEY = 'keepsake.theme';

/** The one preference that the window itself remembers. */
export const theme = $state<{ chosen: Theme }>({ chosen: remembered() });

export function choose(chosen: Theme): void {
  theme.chosen = chosen;
  localStorage.setItem(KEY, chosen);
  apply();
}

export function apply(): void {
  const root = document.documentElement;
  if (theme.chosen === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme.chosen;
}

function remembered(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === 'light' || kept === 'dark' ? kept : 'system';
}
