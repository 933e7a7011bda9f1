// What a person does with a line: copy it, open it, ask about it.
import { batch } from '@preact/signals';
import type { FileData } from '../model/profile';
import { editor, usualEditor } from './settings';
import { panel, profile, proposal, say, served } from './store';

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no permission, or no secure context: the old way
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'offscreen';
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    if (!done) { say('The browser does not allow copying here.'); return; }
  }
  say(`Copied ${what}.`);
}

export const copyLocation = (file: FileData, line: number) => copy(`${file.path}:${line}`, `${file.name}:${line}`);

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };
let vscode: { postMessage(message: unknown): void } | null | undefined;

/** Editors: a VS Code webview, that of the served page's process if it knows one, else a link of the chosen form. */
export async function openEditor(file: FileData, line: number): Promise<void> {
  if (vscode === undefined) vscode = typeof acquireVsCodeApi === 'function' ? acquireVsCodeApi() : null;
  if (vscode) { vscode.postMessage({ command: 'jumpToLine', filePath: file.path, lineNumber: line }); return; }
  if (served.value && editor.value === usualEditor) { // who has set another one is asked for nothing
    const headers = { 'X-Scalene-Token': served.value.token };
    if ((await fetch('/api/about', { headers }).then((answer) => answer.json(), () => ({}))).editor) {
      const answer = await fetch('/api/open', { method: 'POST', headers, body: JSON.stringify({ file: file.index, line }) });
      say(answer.ok ? `Opened ${file.name}:${line}.` : await answer.text());
      return;
    }
  }
  const link = document.createElement('a');
  link.href = editor.value.replace('{file}', encodeURI(file.path)).replace('{line}', String(line));
  if (!/^(https?|vscode|vscodium|cursor|pycharm|idea|zed|subl|txmt|file):/i.test(link.href)) { say('The address of your editor (Settings) has no known scheme.'); return; }
  link.click();
  say(`Asked the editor for ${file.name}:${line}.`);
}

/** A page written with --no-ai offers no proposals. */
export const proposals = document.documentElement.dataset.ai !== 'off';

/** The drawer is a script of its own (ai.tsx): a served page fetches it, a written one holds it if it may ask (--ai-origin). */
export const asks = () => 'scaleneDrawer' in window;
const open = (request: unknown) => (window as unknown as { scaleneDrawer?(request: unknown): void }).scaleneDrawer?.(request);
function drawer(request: unknown): void {
  if (asks()) { open(request); return; }
  const style = document.createElement('link'), script = document.createElement('script');
  style.rel = 'stylesheet';
  style.href = '/ai.css';
  script.src = '/ai.js';
  script.onload = () => open(request);
  document.head.append(style, script);
}

export function proposeFor(file: FileData, line: number, what: 'line' | 'loop' | 'function'): void {
  if (!proposals) return;
  if (served.value || asks()) drawer({ p: profile.value, file: file.index, line, what, token: served.value?.token, copy });
  else batch(() => { proposal.value = { file: file.index, line, what }; panel.value = 'proposal'; });
}

const cellText = (cell: string | number) => String(cell).replace(/\r?\n/g, ' ');

export function tableText(table: (string | number)[][], form: 'markdown' | 'tsv' | 'json'): string {
  const [head, ...body] = table;
  if (form === 'json') return JSON.stringify(body.map((row) => Object.fromEntries(row.map((cell, i) => [head[i], cell]))), null, 2);
  if (form === 'tsv') return table.map((row) => row.map((cell) => cellText(cell).replace(/\t/g, '    ')).join('\t')).join('\n');
  const line = (row: (string | number)[]) => `| ${row.map((cell) => cellText(cell).replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (typeof body[0]?.[i] === 'number' ? '---:' : '---'))), ...body.map(line)].join('\n');
}

export const copyTable = (table: (string | number)[][], form: 'markdown' | 'tsv' | 'json') => copy(tableText(table, form), `${table.length - 1} rows`);

export function download(name: string, text: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
