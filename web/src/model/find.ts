// Find: a query is text (case does not matter unless it has capitals) or, between slashes, a regular expression.
import type { FileData, Profile } from './profile';

export interface Query { test(text: string): boolean; error: string }

export function parseQuery(text: string): Query | null {
  const trimmed = text.trim();
  if (!trimmed) return null;
  const regex = /^\/(.+?)\/?([i]*)$/.exec(trimmed);
  if (regex && trimmed.length > 1) {
    try {
      const pattern = new RegExp(regex[1], regex[2]);
      return { test: (s) => pattern.test(s), error: '' };
    } catch {
      return { test: () => false, error: 'This is no regular expression yet.' };
    }
  }
  if (/[A-Z]/.test(trimmed)) return { test: (s) => s.includes(trimmed), error: '' };
  const small = trimmed.toLowerCase();
  return { test: (s) => s.toLowerCase().includes(small), error: '' };
}

/** Which lines of a file match: by source text; all lines when the file's name does. Kept per query and file. */
export function lineMatcher(query: Query): (file: FileData, line: number) => boolean {
  const known = new Map<number, Uint8Array>();
  return (file, line) => {
    let marks = known.get(file.index);
    if (!marks) {
      marks = new Uint8Array(file.lineCount + 1);
      const source = file.source();
      if (query.test(file.name)) for (const each of file.lines.line) marks[each] = 1;
      if (source) for (let i = 0; i < source.length; i++) if (query.test(source[i])) marks[i + 1] = 1;
      for (let i = 0; i < file.functions.count; i++)
        if (query.test(file.functions.name[i])) marks[file.functions.line[i]] = 1;
      known.set(file.index, marks);
    }
    return marks[line] === 1;
  };
}

export function functionMatches(profile: Profile, query: Query | null, file: number, name: string): boolean {
  return !query || query.test(name) || query.test(profile.files[file].name);
}
