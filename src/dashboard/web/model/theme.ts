import { signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const KEY = 'catnap-theme';
const prefersDark = matchMedia('(prefers-color-scheme: dark)');

function chosen(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    return null;
  }
}

/** The theme in force: the visitor's choice, else the system's. */
export const theme = signal<Theme>(chosen() ?? (prefersDark.matches ? 'dark' : 'light'));

/** Puts the theme in force on the page and follows the system until the visitor chooses. */
export function startTheme(): void {
  theme.subscribe((value) => {
    document.documentElement.dataset.theme = value;
  });
  prefersDark.addEventListener('change', ({ matches }) => {
    if (chosen() === null) theme.value = matches ? 'dark' : 'light';
  });
}

/** The visitor's choice. */
export function toggleTheme(): void {
  theme.value = theme.value === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // Storage switched off: the choice lasts as long as the page.
  }
}
