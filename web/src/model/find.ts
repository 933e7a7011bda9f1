// Find: a query is text (case does not matter unless it has capitals) or, between slashes, a regular expression.
import type { FileData, Profile } from './profile';

export interface Query { test(text: string): boolean; pattern: RegExp; error: string }

export function parseQuery(text: string): Query | null {
  const trimmed = text.trim();
  if (!trimmed) return null;
  const regex = /^\/(.+?)\/?([i]*)$/.exec(trimmed);
  let pattern = /(?!)/g, error = '';
  if (!regex) pattern = new RegExp(trimmed.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), /[A-Z]/.test(trimmed) ? 'g' : 'gi');
  else {
    try { pattern = new RegExp(regex[1], `gm${regex[2] && 'i'}`); } catch { error = 'This is no regular expression yet.'; }
  }
  return { test: (s) => { pattern.lastIndex = 0; return pattern.test(s); }, pattern, error };
}

/** Which lines of a file match: by source text; all lines with data when the file's name does. Kept per query and file. */
export function lineMatcher(query: Query): (file: FileData, line: number) => boolean {
  const known = new Map<number, Uint8Array>();
  return (file, line) => {
    let marks = known.get(file.index);
    if (!marks) known.set(file.index, (marks = marksOf(file, query)));
    return marks[line] === 1;
  };
}

function marksOf(file: FileData, query: Query): Uint8Array {
  const marks = new Uint8Array(file.lineCount + 1);
  if (query.test(file.name)) for (const each of file.lines.line) marks[each] = 1;
  markText(file.text() ?? '', query.pattern, marks);
  for (let i = 0; i < file.functions.count; i++) if (query.test(file.functions.name[i])) marks[file.functions.line[i]] = 1;
  return marks;
}

/** One search through the whole text, which is much quicker than one per line. */
function markText(text: string, pattern: RegExp, marks: Uint8Array): void {
  pattern.lastIndex = 0;
  let line = 1, at = 0;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    for (let next = text.indexOf('\n', at); next >= 0 && next < found.index; next = text.indexOf('\n', at)) { line++; at = next + 1; }
    marks[line] = 1;
    const end = text.indexOf('\n', found.index); // one match a line is enough
    if (end < 0) break;
    pattern.lastIndex = end + 1;
  }
}

export function functionMatches(profile: Profile, query: Query | null, file: number, name: string): boolean {
  return !query || query.test(name) || query.test(profile.files[file].name);
}
