// Keys of the whole page. Tables and charts handle their own first; what they leave comes here.
import { detailsOver, letterKeys, nextTheme } from './settings';
import { askFocus, chooseFile, fileFilter, metric, panel, profile, query, say, selection, show, sortedFiles } from './store';
import { metricChoices } from '../views/files';
import { views } from './url';

export interface KeyHelp { keys: string; what: string }
export const help: { place: string; keys: KeyHelp[] }[] = [
  { place: 'Everywhere', keys: [
    { keys: '1 … 8', what: 'Summary, Lines, Functions, Flame, Timeline, Memory, Accelerators, Compare' }, { keys: '/', what: 'find; Enter or n, N: next and previous match' }, { keys: 'Esc', what: 'clear, close' },
    { keys: 'm', what: 'next metric' }, { keys: 't', what: 'theme' }, { keys: '{ }', what: 'previous, next file' }, { keys: 'Ctrl+K', what: 'go to any file, function or command' }, { keys: '?', what: 'this help' },
  ] },
  { place: 'In tables', keys: [
    { keys: '↑ ↓ PgUp PgDn Home End', what: 'rows' }, { keys: '→ ←', what: 'expand, collapse' }, { keys: 'Enter', what: 'details' }, { keys: 'o', what: 'open in the editor' }, { keys: 'y', what: 'copy file:line' },
    { keys: '[ ]', what: 'previous, next hot line' }, { keys: 's', what: 'sort by the next column' }, { keys: 'a, A', what: 'proposal for the line, for its region' },
  ] },
  { place: 'In charts', keys: [
    { keys: '↑ ↓ ← →', what: 'parent, child, neighbours' }, { keys: 'Enter', what: 'zoom to the frame' }, { keys: '+ − 0, w a s d', what: 'zoom and pan' }, { keys: 'i', what: 'invert' }, { keys: 'f, F', what: 'focus on the function, on the subtree' },
    { keys: 'c', what: 'collapse recursion' }, { keys: 'x', what: 'hide the function' }, { keys: 'o, y', what: 'open, copy' },
  ] },
];

export const focusFind = () => { const field = document.querySelector<HTMLInputElement>('#find'); field?.focus(); field?.select(); };

function nextFile(step: 1 | -1): void {
  const files = sortedFiles.value;
  if (!files.length) return;
  const at = files.findIndex((file) => file.path === fileFilter.value);
  const to = files[(at + step + files.length) % files.length];
  chooseFile(to.path);
  askFocus();
  say(to.name);
}

function nextMetric(): void {
  const choices = metricChoices(profile.value!);
  const at = choices.findIndex(([id]) => id === metric.value);
  const [id, label] = choices[(at + 1) % choices.length];
  metric.value = id;
  say(`Metric: ${label}`);
}

/** Next or previous match: the table of the view moves there. */
export const matchStep = { current: (_: 1 | -1) => {} };

export function pageKeys(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && (target as HTMLInputElement).type !== 'checkbox';
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k' && !event.altKey) { panel.value = 'palette'; event.preventDefault(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || !profile.value || event.defaultPrevented) return;
  if (event.key === 'Escape') {
    if (panel.value) panel.value = '';
    else if (detailsOver.value) detailsOver.value = false;
    else if (query.value) query.value = '';
    else if (fileFilter.value) fileFilter.value = '';
    else selection.value = null;
    if (target.id === 'find') askFocus();
    else if (typing) target.blur();
    return;
  }
  if (typing || panel.value || !letterKeys.value || document.querySelector('dialog[open]')) return;
  const digit = Number(event.key);
  if (digit >= 1 && digit <= views.length) { show(views[digit - 1]); askFocus(); }
  else switch (event.key) {
    case '?': panel.value = 'help'; break;
    case '/': focusFind(); break;
    case 'n': matchStep.current(1); askFocus(); break;
    case 'N': matchStep.current(-1); askFocus(); break;
    case 'm': nextMetric(); break;
    case 't': nextTheme(); break;
    case '}': nextFile(1); break;
    case '{': nextFile(-1); break;
    default: return;
  }
  event.preventDefault();
}
