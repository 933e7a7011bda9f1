// Two profiles, line by line and function by function. Either both came in one payload (rows already matched), or a second
// one was opened in the page: then files match by the tail of their path, lines by text, functions by name.
import { shortNames, valueOf, type FileData, type Profile, type Rows, type Unit } from './profile';

export interface Delta {
  name: string;
  file: string; // short name
  at: number; // index of the file in the newer profile, -1 = only in the older one
  line: number;
  before: number; // s or the metric's unit
  after: number;
  noise: number; // half width of the 95 % interval of the difference, 0 = unknown
  only: '' | 'before' | 'after';
  now?: Row; // where the row stands in the newer profile, and in the older one
  was?: Row;
}

export interface Row { rows: Rows; row: number }

export interface Figure { label: string; before: number; after: number; unit: 's' | 'MiB' }

export interface Comparison {
  program: string;
  figures: Figure[];
  lines: Delta[];
  functions: Delta[];
  unit: Unit;
}

/** Time is compared in seconds: shares of two totals say nothing about each other. */
const inSeconds = (rows: Rows, key: string, row: number, total: number): number => (key === 'time' ? (valueOf(rows, key, row) / 100) * total : valueOf(rows, key, row));

function halfWidth(rows: Rows | undefined, row: number, total: number): number {
  if (!rows?.low || !rows.high) return 0;
  return (((rows.high[row] - rows.low[row]) / 2) / 100) * total;
}

export function compare(after: Profile, other: Profile | null, key: string): Comparison | null {
  if (!other) return after.before ? embedded(after, key) : null;
  return separate(other, after, key);
}

function unitOf(p: Profile, key: string): Comparison['unit'] {
  return key === 'time' ? 's' : p.metrics.find((m) => m.id === key)?.unit ?? 'count';
}

function embedded(p: Profile, key: string): Comparison {
  const old = p.before!;
  const deltas = (rowsOf: (file: FileData) => Rows, olderOf: Map<number, Rows>, nameOf: (file: FileData, row: number) => string) => p.files.flatMap((file) => {
    const rows = rowsOf(file), older = olderOf.get(file.index);
    return Array.from(rows.line, (line, row): Delta => {
      const before = older ? inSeconds(older, key, row, old.total) : 0, now = inSeconds(rows, key, row, p.totals.total);
      return { name: nameOf(file, row), file: file.name, at: file.index, line, before, after: now, noise: key === 'time' ? Math.hypot(halfWidth(rows, row, p.totals.total), halfWidth(older, row, old.total)) : 0, only: only(before, now), now: { rows, row }, was: older && { rows: older, row } };
    });
  });
  const lines = deltas((f) => f.lines, old.lines, (f, row) => (f.source()?.[f.lines.line[row] - 1] ?? '').trim());
  const goneNames = shortNames(old.gone.map((g) => g.path));
  old.gone.forEach((gone, i) => {
    const time = (gone.values['time.python'] ?? 0) + (gone.values['time.native'] ?? 0) + (gone.values['time.system'] ?? 0);
    lines.push({ name: gone.text.trim(), file: goneNames[i], at: -1, line: gone.line, before: key === 'time' ? (time / 100) * old.total : gone.values[key] ?? 0, after: 0, noise: 0, only: 'before' });
  });
  return { program: old.program, unit: unitOf(p, key), figures: figures(old.elapsed, old.totals, old.peak, p), lines: sorted(lines), 'functions': sorted(deltas((f) => f.functions, old.functions, (f, row) => f.functions.name[row])) };
}

const only = (before: number, after: number): Delta['only'] => (before <= 0 && after > 0 ? 'after' : after <= 0 && before > 0 ? 'before' : '');

function figures(elapsed: number, totals: Profile['totals'], peak: number, p: Profile): Figure[] {
  const cpu = (t: Profile['totals']) => t.python + t.native + t.kernel;
  const all: Figure[] = [
    { label: 'Wall time', before: elapsed, after: p.elapsed, unit: 's' }, { label: 'CPU time', before: cpu(totals), after: cpu(p.totals), unit: 's' },
    { label: 'Waiting', before: totals.idle, after: p.totals.idle, unit: 's' }, { label: 'Peak memory', before: peak, after: p.peak, unit: 'MiB' },
    { label: 'Allocated', before: totals.alloc, after: p.totals.alloc, unit: 'MiB' }, { label: 'Copied', before: totals.copy, after: p.totals.copy, unit: 'MiB' },
  ];
  return all.filter((f) => f.before > 0 && f.after > 0);
}

function separate(old: Profile, newer: Profile, key: string): Comparison {
  const partner = matchFiles(old.files, newer.files);
  const lines: Delta[] = [], functions: Delta[] = [];
  const entry = (list: Delta[], name: string, file: FileData, was: Row | undefined, now?: Row) => {
    const worth = (p: Profile, at?: Row) => (at ? inSeconds(at.rows, key, at.row, p.totals.total) : 0), half = (p: Profile, at?: Row) => (at && key === 'time' ? halfWidth(at.rows, at.row, p.totals.total) : 0);
    const before = worth(old, was), after = worth(newer, now), either = now ?? was!;
    if (before > 0 || after > 0)
      list.push({ name, file: file.name, at: now ? file.index : -1, line: either.rows.line[either.row], before, after, noise: now ? Math.hypot(half(newer, now), half(old, was)) : 0, only: only(before, after), now, was });
  };
  const at = (rows: Rows | undefined, row: number): Row | undefined => (rows && row >= 0 ? { rows, row } : undefined);
  const textOf = (f: FileData, row: number) => (f.source()?.[f.lines.line[row] - 1] ?? String(f.lines.line[row])).trim();
  for (const file of newer.files) {
    const older = partner.get(file.index);
    const unmatched = new Map<string, number[]>();
    if (older) for (let row = 0; row < older.lines.count; row++) { const t = textOf(older, row); unmatched.set(t, [...(unmatched.get(t) ?? []), row]); }
    for (let row = 0; row < file.lines.count; row++) {
      const was = older ? unmatched.get(textOf(file, row))?.shift() ?? -1 : -1;
      entry(lines, textOf(file, row), file, at(older?.lines, was), { rows: file.lines, row });
    }
    if (older) for (const rows of unmatched.values()) for (const row of rows) entry(lines, textOf(older, row), older, at(older.lines, row));
    const names = new Map<string, number>();
    older?.functions.name.forEach((name, row) => { if (!names.has(name)) names.set(name, row); });
    file.functions.name.forEach((name, row) => {
      const was = names.get(name) ?? -1;
      names.delete(name);
      entry(functions, name, file, at(older?.functions, was), { rows: file.functions, row });
    });
    for (const [name, row] of names) entry(functions, name, older!, at(older!.functions, row));
  }
  const seen = new Set([...partner.values()].map((f) => f.index));
  for (const file of old.files) {
    if (seen.has(file.index)) continue;
    for (let row = 0; row < file.lines.count; row++) entry(lines, textOf(file, row), file, at(file.lines, row));
    file.functions.name.forEach((name, row) => entry(functions, name, file, at(file.functions, row)));
  }
  return { program: old.name, unit: unitOf(newer, key), figures: figures(old.elapsed, old.totals, old.peak, newer), lines: sorted(lines), 'functions': sorted(functions) };
}

const sorted = (list: Delta[]): Delta[] => list.filter((d) => d.before > 0 || d.after > 0).sort((x, y) => Math.abs(y.after - y.before) - Math.abs(x.after - x.before));

/** Equal paths first, then the longest equal tails. */
function matchFiles(old: FileData[], now: FileData[]): Map<number, FileData> {
  const out = new Map<number, FileData>();
  const byPath = new Map(old.map((file) => [file.path, file]));
  const used = new Set<FileData>();
  for (const file of now) { const same = byPath.get(file.path); if (same) { out.set(file.index, same); used.add(same); } }
  const tail = (a: string, b: string) => { const x = a.split('/').reverse(), y = b.split('/').reverse(); let n = 0; while (n < x.length && n < y.length && x[n] === y[n]) n++; return n; };
  const byName = new Map<string, FileData[]>();
  for (const file of old) if (!used.has(file)) { const name = file.path.split('/').pop()!; byName.set(name, [...(byName.get(name) ?? []), file]); }
  for (const file of now) {
    if (out.has(file.index)) continue;
    let best: FileData | null = null;
    for (const each of byName.get(file.path.split('/').pop()!) ?? []) if (!used.has(each) && (!best || tail(each.path, file.path) > tail(best.path, file.path))) best = each;
    if (best) { out.set(file.index, best); used.add(best); }
  }
  return out;
}
