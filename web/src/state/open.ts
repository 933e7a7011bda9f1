// Puts a profile into the page: the one it came with, a newer edition of it, or another file.
import { batch } from '@preact/signals';
import { prepareText } from '../model/find';
import { prepareRows } from '../model/line-rows';
import type { Profile } from '../model/profile';
import { loadEmbedded, loadFile, loadServed, PayloadError } from '../payload/load';
import { connectUrl, failure, fileFilter, older, profile, range, say, selection, served, sort, threads, view } from './store';
import { tokenOf } from './url';

const sentence = (error: unknown): string =>
  error instanceof PayloadError ? error.message : `This profile cannot be shown: ${(error as Error)?.message ?? error}`;

let connected = false;
function put(p: Profile): void {
  profile.value = p;
  if (!connected) connectUrl();
  connected = true;
  window.requestIdleCallback?.(warmUp(p));
}

/** Makes files ready for searches while nothing else is to be done, so that the first one need not. */
function warmUp(p: Profile): IdleRequestCallback {
  let next = 0;
  return function step(idle) {
    while (next < p.files.length && idle.timeRemaining() > 5) { prepareText(p.files[next]); prepareRows(p.files[next++]); };
    if (next < p.files.length && profile.value === p) requestIdleCallback(step);
  };
}

export async function openFile(file: File, to: 'profile' | 'older'): Promise<void> {
  try {
    const p = await loadFile(file);
    batch(() => {
      if (to === 'older') { older.value = p; view.value = 'compare'; say(`Comparing with ${file.name}.`); return; }
      selection.value = null; fileFilter.value = ''; range.value = null; threads.value = []; sort.value = []; older.value = null; failure.value = '';
      put(p);
      say(`Opened ${file.name}.`);
    });
  } catch (error) {
    if (profile.value) say(sentence(error));
    else failure.value = sentence(error);
  }
}

/** The access token comes with the address, moves to memory and tab storage, and leaves the address before the first paint. */
function takeToken(): string {
  let token = tokenOf(location.hash);
  try {
    if (token) {
      sessionStorage.setItem('scalene.token', token);
      const rest = new URLSearchParams(location.hash.slice(1));
      rest.delete('k');
      history.replaceState(null, '', rest.size ? `#${rest}` : location.pathname);
    } else token = sessionStorage.getItem('scalene.token') ?? '';
  } catch { /* no storage: memory has to do */ }
  return token;
}

export async function start(): Promise<void> {
  const form = document.documentElement.dataset.form;
  const token = form === 'served' ? takeToken() : '';
  try {
    if (form === 'served') {
      const { profile: p } = await loadServed(token);
      served.value = { version: '', editor: '', token };
      put(p);
      follow(token);
    } else put(await loadEmbedded());
  } catch (error) {
    failure.value = sentence(error);
  }
}

/** Follows the process that serves the page: a new edition of the profile replaces the shown one, selection and scroll stay. */
async function follow(token: string): Promise<void> {
  let edition = '';
  for (;;) {
    try {
      const answer = await fetch('/api/alive', { headers: { 'X-Scalene-Token': token } });
      if (!answer.ok || !answer.body) return;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        text += value;
        const lines = text.split('\n');
        text = lines.pop()!;
        for (const line of lines) if (line.startsWith('data:')) edition = await handle(JSON.parse(line.slice(5)), edition, token);
      }
    } catch { /* the process has ended, or is away for a moment */ }
    await new Promise((resolve) => setTimeout(resolve, 2000));
    if (!(await fetch('/api/about', { headers: { 'X-Scalene-Token': token } }).then((a) => a.ok, () => false))) { say('The scalene process has ended. What is shown stays usable.'); served.value = null; return; }
  }
}

async function handle(event: { edition?: string; error?: string }, known: string, token: string): Promise<string> {
  if (event.error) say(event.error);
  if (!event.edition || event.edition === known) return known;
  if (known) {
    const { profile: p } = await loadServed(token);
    keepSelection(p);
  }
  return event.edition;
}

/** Files of the new edition may stand in another order; the selected row stays where it is on the screen, others pass it. */
function keepSelection(p: Profile): void {
  const before = profile.value, chosen = selection.value;
  const table = document.querySelector('.table'), scroll = table?.scrollTop;
  const row = () => table?.querySelector<HTMLElement>('.active'), height = () => row()?.getBoundingClientRect().top;
  const was = height(), focused = row() === document.activeElement;
  setTimeout(() => {
    if (table) table.scrollTop = was ? table.scrollTop + (height() ?? was) - was : scroll!;
    if (focused) row()?.focus({ preventScroll: true });
  }, 99);
  batch(() => {
    if (before && chosen && 'file' in chosen) {
      const index = p.files.findIndex((file) => file.path === before.files[chosen.file].path);
      selection.value = index < 0 ? null : chosen.kind === 'line' ? { ...chosen, file: index } : null;
    } else selection.value = null;
    put(p);
  });
}
