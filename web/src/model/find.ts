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

/** By line, 1 for those that match: by source text; all lines with data when the file's name does. */
export type LineMatcher = (file: FileData) => Uint8Array;
export const lineMatcher = (query: Query): LineMatcher => (file) => marksOf(file, query);

const lower = new WeakMap<FileData, string>();
export function lowerText(file: FileData): string {
  let text = lower.get(file);
  if (text === undefined) lower.set(file, (text = (file.text() ?? '').toLowerCase()));
  return text;
}

function marksOf(file: FileData, query: Query): Uint8Array {
  const marks = new Uint8Array(file.lineCount + 1);
  if (query.test(file.name)) for (const each of file.lines.line) marks[each] = 1;
  markText(query.plain && query.folds ? lowerText(file) : file.text() ?? '', query, marks);
  for (let i = 0; i < file.functions.count; i++) if (query.test(file.functions.name[i])) marks[file.functions.line[i]] = 1;
  marks[0] = 0;
  return marks;
}

/** One search through the whole text, which is much quicker than one per line; one match a line is enough. */
function markText(text: string, { pattern, plain }: Query, marks: Uint8Array): void {
  const search = (from: number): number => {
    if (plain) return text.indexOf(plain, from);
    pattern.lastIndex = from;
    return pattern.exec(text)?.['index'] ?? -1;
  };
  let line = 1, end = -1; // of the line before
  for (let found = search(0); found >= 0; found = search(end + 1)) {
    for (;;) {
      end = text.indexOf('\n', end + 1);
      if (end < 0 || end >= found) break;
      line++;
    }
    marks[line++] = 1;
    if (end < 0) break;
  }
}

export function functionMatches(profile: Profile, query: Query | null, file: number, name: string): boolean {
  return !query || query.test(name) || query.test(profile.files[file].name);
}
