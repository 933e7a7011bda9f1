// Choices that outlive the page: kept in the browser's storage where there is one, else in memory.
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

function stored<T>(key: string, fallback: T, valid: (value: unknown) => boolean) {
  let first = fallback;
  try {
    const text = localStorage.getItem(`scalene.${key}`);
    if (text !== null && valid(JSON.parse(text))) first = JSON.parse(text);
  } catch { /* no storage: sandboxed frame */ }
  const value = signal<T>(first);
  effect(() => {
    const text = JSON.stringify(value.value);
    try { localStorage.setItem(`scalene.${key}`, text); } catch { /* memory has to do */ }
  });
  return value;
}

const isBoolean = (value: unknown) => typeof value === 'boolean';
export const theme = stored<Theme>('theme', 'system', (v) => ['system', 'light', 'dark'].includes(v as string));
export const letterKeys = stored('letterKeys', true, isBoolean); // WCAG 2.1.4: single-letter keys can be switched off
export const columnsHidden = stored<string[]>('columns.hidden', [], Array.isArray);
export const columnsShown = stored<string[]>('columns.shown', [], Array.isArray); // of those that are hidden at first
export const usualEditor = 'vscode://file/{file}:{line}';
export const editor = stored<string>('editor', usualEditor, (v) => typeof v === 'string');

/** Beside a table there is no room for the details on a narrow page: they are opened over it. Below, the page is one column. */
const narrow = matchMedia('(min-width: 861px) and (max-width: 1100px)');
const beside = stored('details', true, isBoolean);
export const detailsOver = signal(false);
export const detailsShown = signal(narrow.matches ? detailsOver : beside);
narrow.addEventListener('change', () => { detailsShown.value = narrow.matches ? detailsOver : beside; });

/** The system's theme, followed as it changes. */
const system = matchMedia('(prefers-color-scheme: dark)');
const systemDark = signal(system.matches);
system.addEventListener('change', () => { systemDark.value = system.matches; });

effect(() => {
  document.documentElement.dataset.theme = theme.value === 'system' ? (systemDark.value ? 'dark' : 'light') : theme.value;
});

export function nextTheme(): void {
  theme.value = theme.value === 'system' ? 'light' : theme.value === 'light' ? 'dark' : 'system';
}
