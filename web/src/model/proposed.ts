// From an answer to the text that it proposes: what advise/patch.cc does, for a page without a process behind it. Both run
// the cases of advise/patch_cases.json. Models copy lines well and count them badly, so the diffs are looked for where they
// fit; what does not fit is an error, never a guess.

export interface Region { start: number; end: number } // lines, 1-based and inclusive
interface Edit { at: number; gone: number; text: string[] } // lines that go from `at` (0-based), and what comes in their place
interface Hunk { line: number; before: string[]; changes: [mark: string, line: string][] }

const bare = (line: string) => line.trimEnd();
const indentOf = (line: string) => /^[ \t]*/.exec(line)![0];
const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const fail = (sentence: string): never => { throw new Error(sentence); };

/** What stands between ``` lines. */
function fencedBlocks(answer: string): { language: string; text: string }[] {
  const blocks: { language: string; text: string }[] = [];
  let open: { language: string; lines: string[] } | null = null;
  for (const line of answer.split('\n')) {
    const mark = line.trim();
    if (!mark.startsWith('```')) open?.lines.push(line);
    else if (open) {
      blocks.push({ language: open.language, text: open.lines.map((each) => each + '\n').join('') });
      open = null;
    } else open = { language: mark.slice(3), lines: [] };
  }
  return blocks;
}

const looksLikeDiff = ({ language, text }: { language: string; text: string }) => /^(diff|patch)$/.test(language) || /^@@|^--- |\n@@/.test(text);

function hunksOf(diff: string, fileName: string): Hunk[] {
  const hunks: Hunk[] = [];
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    if (/^(\+\+\+|---) /.test(line)) {
      const named = baseName(bare(line.slice(4)).split('\t')[0]);
      if (line[0] === '+' && named.endsWith('.py') && named !== baseName(fileName)) fail(`the diff is for another file, ${named}`);
      continue;
    }
    if (line.startsWith('@@')) { hunks.push({ line: +(/-(\d+)/.exec(line)?.[1] ?? 0), before: [], changes: [] }); continue; }
    if (/^(diff |index |\\)/.test(line)) continue;
    const marked = /^[-+ ]/.test(line);
    if (!hunks.length) {
      if (!marked) continue;
      hunks.push({ line: 0, before: [], changes: [] });
    }
    if (marked) hunks.at(-1)!.changes.push([line[0], line.slice(1)]);
    else if (!line.trim()) hunks.at(-1)!.changes.push([' ', line]);
    else fail(`the diff holds a line that belongs to none: ${bare(line)}`);
  }
  for (const hunk of hunks) {
    // Blank lines at the end are those before the next paragraph, or lost their blank on the way.
    while (hunk.changes.length && hunk.changes.at(-1)![0] === ' ' && !hunk.changes.at(-1)![1].trim()) hunk.changes.pop();
    hunk.before = hunk.changes.filter(([mark]) => mark !== '+').map(([, line]) => line);
  }
  return hunks.filter((hunk) => hunk.changes.length);
}

/** How much deeper than in the hunk the file's lines stand, if by the same in all of them. */
function shiftAt(file: string[], at: number, wanted: string[]): string | null {
  let shift: string | null = null;
  for (let i = 0; i < wanted.length; i++) {
    const have = bare(file[at + i]), want = bare(wanted[i]);
    if (!want && !have) continue;
    if (!want || !have.endsWith(want)) return null;
    const more = have.slice(0, have.length - want.length);
    if (more.trim() || (shift !== null && shift !== more)) return null;
    shift = more;
  }
  return shift ?? '';
}

/** The place nearest to where the hunk says it is. */
function editOf(file: string[], hunk: Hunk, region: Region): Edit {
  if (!hunk.before.length) fail('a part of the diff does not say where it belongs');
  // Numbers are believed where they point near the region; many models count from its first line.
  const near = Math.max(hunk.line >= region.start ? hunk.line : region.start, 1) - 1;
  let best = -1, shift = '';
  for (let at = 0; at + hunk.before.length <= file.length; at++) {
    if (best >= 0 && Math.abs(at - near) >= Math.abs(best - near)) continue;
    const found = shiftAt(file, at, hunk.before);
    if (found !== null) { best = at; shift = found; }
  }
  if (best < 0) fail(`a part of the diff fits nowhere in the file; it begins with: ${bare(hunk.before[0])}`);
  const edit: Edit = { at: best, gone: hunk.before.length, text: [] };
  let old = best;
  for (const [mark, line] of hunk.changes) {
    if (mark === ' ') edit.text.push(file[old]);
    if (mark !== '+') old++;
    else edit.text.push(line.trim() ? shift + bare(line) : '');
  }
  return edit;
}

/** A block of code in place of the region. */
function codeEdit(file: string[], { start, end }: Region, code: string): Edit {
  const lines = code.replace(/\n$/, '').split('\n');
  const own = indentOf(lines.find((line) => line.trim()) ?? ''), wanted = indentOf(file[start - 1] ?? '');
  return { at: start - 1, gone: end - start + 1, text: lines.map((line) => (line.trim() ? wanted + bare(line.startsWith(own) ? line.slice(own.length) : line) : '')) };
}

function edited(file: string[], edits: Edit[]): string[] {
  const out: string[] = [];
  let at = 0;
  for (const edit of edits.sort((a, b) => a.at - b.at)) {
    if (edit.at < at) fail('two parts of the diff change the same lines');
    out.push(...file.slice(at, edit.at), ...edit.text);
    at = edit.at + edit.gone;
  }
  return [...out, ...file.slice(at)];
}

/** `file` (its lines) with what the answer proposes: a unified diff, or failing that one block of code in place of the region. */
export function proposed(file: string[], region: Region, answer: string, fileName: string): string[] {
  const blocks = fencedBlocks(answer);
  let diff = blocks.filter(looksLikeDiff).map(({ text }) => text).join('');
  if (!diff && !blocks.length) diff = /--- [\s\S]*/.exec(answer)?.[0] ?? /@@ [\s\S]*/.exec(answer)?.[0] ?? '';
  if (!diff && blocks.length !== 1) fail('the answer holds no diff');
  const now = edited(file, diff ? hunksOf(diff, fileName).map((hunk) => editOf(file, hunk, region)) : [codeEdit(file, region, blocks[0].text)]);
  if (now.join('\n') === file.join('\n')) fail('the answer changes nothing');
  return now;
}

const context = 3, mostCells = 4e6; // of the table below: beyond it, everything between the equal ends is replaced

/** For each line of `a` whether it stays, and of `b`, by the longest common subsequence. */
function common(a: string[], b: string[]): [string, string][] {
  const marked: [string, string][] = [];
  if (a.length * b.length > mostCells) return [...a.map((line): [string, string] => ['-', line]), ...b.map((line): [string, string] => ['+', line])];
  const width = b.length + 1, longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) for (let k = b.length - 1; k >= 0; k--) longest[i * width + k] = a[i] === b[k] ? longest[(i + 1) * width + k + 1] + 1 : Math.max(longest[(i + 1) * width + k], longest[i * width + k + 1]);
  let i = 0, k = 0;
  while (i < a.length || k < b.length) {
    if (i < a.length && k < b.length && a[i] === b[k]) { marked.push([' ', a[i++]]); k++; }
    else if (i < a.length && (k >= b.length || longest[(i + 1) * width + k] >= longest[i * width + k + 1])) marked.push(['-', a[i++]]);
    else marked.push(['+', b[k++]]);
  }
  return marked;
}

/** In the form of `diff -u`. Lines as `split('\n')` gives them: a last one that is not empty lacks its newline. */
export function unifiedDiff(before: string[], now: string[], fileName: string): string {
  const ended = (lines: string[]) => (lines.at(-1) === '' ? lines.slice(0, -1).map((line) => line + '\n') : lines.map((line, i) => line + (i < lines.length - 1 ? '\n' : '\n\\ No newline at end of file\n')));
  const a = ended(before), b = ended(now);
  let head = 0, tail = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head++;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const same = (line: string): [string, string] => [' ', line];
  const all = [...a.slice(0, head).map(same), ...common(a.slice(head, a.length - tail), b.slice(head, b.length - tail)), ...a.slice(a.length - tail).map(same)];
  const range = (first: number, many: number) => `${many ? first + 1 : first}${many === 1 ? '' : `,${many}`}`;
  let out = '', old = 0, fresh = 0, at = 0;
  while (at < all.length) {
    const next = all.findIndex(([mark], i) => i >= at && mark !== ' ');
    if (next < 0) break;
    const from = Math.max(next - context, at);
    let last = next;
    for (let i = next; i < all.length && i <= last + 2 * context; i++) if (all[i][0] !== ' ') last = i;
    const to = Math.min(last + 1 + context, all.length), lines = all.slice(from, to);
    old += from - at; fresh += from - at;
    const gone = lines.filter(([mark]) => mark !== '+').length, come = lines.filter(([mark]) => mark !== '-').length;
    out += `@@ -${range(old, gone)} +${range(fresh, come)} @@\n${lines.map(([mark, line]) => mark + line).join('')}`;
    old += gone; fresh += come; at = to;
  }
  return out && `--- a/${fileName}\n+++ b/${fileName}\n${out}`;
}
