// Find: a query is text (case does not matter unless it has capitals) or, between slashes, a regular expression.
import type { FileData, Profile } from './profile';

export interface Query { test(text: string): boolean; pattern: RegExp; plain: string; folds: boolean; error: string } // plain: what to look for, "" = the pattern

export function parseQuery(text: string): Query | null {
  const trimmed = text.trim();
  if (!trimmed) return null;
  const regex = /^\/(.+?)\/?([i]*)$/.exec(trimmed);
  const folds = !/[A-Z]/.test(trimmed);
  let pattern = /(?!)/g, error = '';
  if (!regex) pattern = new RegExp(trimmed.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), folds ? 'gi' : 'g');
  else {
    try { pattern = new RegExp(regex[1], `gm${regex[2] && 'i'}`); } catch { error = 'This is no regular expression yet.'; }
  }
  return { test: (s) => { pattern.lastIndex = 0; return pattern.test(s); }, pattern, plain: regex ? '' : folds ? trimmed.toLowerCase() : trimmed, folds, error };
}

/** The lines that match, ascending: by source text; all lines with data when the file's name does. */
export type LineMatcher = (file: FileData) => number[];
export const lineMatcher = (query: Query): LineMatcher => (file) => matchedLines(file, query);

/** A text to be searched, and where its lines begin: line i at starts[i - 1], and one entry behind the last. */
interface Searchable { text: string; starts: Uint32Array }

const plain = new WeakMap<FileData, Searchable>(), lower = new WeakMap<FileData, Searchable>();
function searchable(file: FileData, folds: boolean): Searchable {
  const known = folds ? lower : plain;
  let out = known.get(file);
  if (out) return out;
  const text = (folds ? file.text()?.toLowerCase() : file.text()) ?? '';
  const starts = new Uint32Array(file.lineCount + 1).fill(text.length + 1);
  starts[0] = 0;
  for (let line = 1, at = text.indexOf('\n'); at >= 0 && line < starts.length; at = text.indexOf('\n', at + 1)) starts[line++] = at + 1;
  known.set(file, (out = { text, starts }));
  return out;
}

/** Makes a file's text ready to be searched. */
export const prepareText = (file: FileData): void => { searchable(file, true); };

function matchedLines(file: FileData, query: Query): number[] {
  const found = linesWith(searchable(file, query.plain !== '' && query.folds), query);
  const { line, name, count } = file.functions, others: number[] = [];
  for (let i = 0; i < count; i++) if (query.test(name[i])) others.push(line[i]);
  if (query.test(file.name)) for (const each of file.lines.line) others.push(each); // any number of them, so not as arguments
  return others.length ? [...new Set(found.concat(others))].sort((x, y) => x - y) : found;
}

/** One search through the whole text, which is much quicker than one per line; one match a line is enough. */
function linesWith({ text, starts }: Searchable, { pattern, plain }: Query): number[] {
  const search = (from: number): number => {
    if (plain) return text.indexOf(plain, from);
    pattern.lastIndex = from;
    return pattern.exec(text)?.['index'] ?? -1;
  };
  const out: number[] = [];
  for (let found = search(0), line = 1; found >= 0 && line < starts.length; found = search(starts[line - 1])) {
    line = lineAt(starts, found, line);
    out.push(line++);
  }
  return out;
}

/** The line that holds a place of the text; not before line `first`. */
function lineAt(starts: Uint32Array, place: number, first: number): number {
  let low = first, high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle - 1] <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function functionMatches(profile: Profile, query: Query | null, file: number, name: string): boolean {
  return !query || query.test(name) || query.test(profile.files[file].name);
}
