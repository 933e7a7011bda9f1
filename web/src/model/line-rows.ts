// Which rows the Lines table shows, and in which order. Nothing disappears silently: lines that are left out between shown
// ones fold into a gap that keeps their number and their sum.
import { columnOf, rowOfLine, sumOf, type FileData, type Profile } from './profile';

export const enum RowKind { File, Function, Line, Reason, Gap }
export const rowHeights = [28, 26, 20, 24, 24];
const hottestHeight = 26;
const plenty = 30; // a file with so many lines with data needs no gaps

export type Mode = 'all' | 'data' | 'functions';
export type Context = 'loops' | number;

export interface LineQuery {
  mode: Mode;
  context: Context;
  threshold: number; // % of time below which a line is left out
  metric: string; // orders the files
  sort: { key: string; descending: boolean }[]; // empty = source order
  onlyFile: number; // -1 = all
  folded: ReadonlySet<number>; // files
  matches: ((file: FileData, line: number) => boolean) | null;
  hottest: { file: number; line: number } | null;
  reasonAt: ReadonlyMap<string, string>;
  showSmallFiles: boolean;
}

/** A row: its kind, file, line, row of data (-1 = none). `a` = function row, or last line of a gap. */
export class LineRows {
  kind: number[] = [];
  file: number[] = [];
  line: number[] = [];
  row: number[] = [];
  a: number[] = [];
  gaps = new Map<number, { lines: number; sum: number }>();
  smallFiles = 0;
  smallSum = 0;
  matched = 0;
  hot = { file: -1, line: 0 };

  get count(): number { return this.kind.length; }
  height(i: number): number {
    return this.kind[i] === RowKind.Line && this.isHottest(i) ? hottestHeight : rowHeights[this.kind[i]];
  }
  isHottest(i: number): boolean {
    return this.line[i] === this.hot.line && this.file[i] === this.hot.file && this.kind[i] === RowKind.Line;
  }
  push(kind: RowKind, file: number, line: number, row = -1, a = 0): number {
    this.kind.push(kind); this.file.push(file); this.line.push(line); this.row.push(row); this.a.push(a);
    return this.kind.length - 1;
  }
  /** The row that shows a line, or the gap that hides it, or -1. */
  find(file: number, line: number): number {
    let gap = -1;
    for (let i = 0; i < this.count; i++) {
      if (this.file[i] !== file) continue;
      if (this.kind[i] === RowKind.Line && this.line[i] === line) return i;
      if (this.kind[i] === RowKind.Gap && this.line[i] <= line && line <= this.a[i]) gap = i;
    }
    return gap;
  }
}

const always = ['memory.usage', 'await', 'gpu', 'copy']; // a line that matters in one of these is shown, too
const floor: Record<string, number> = { 'memory.usage': 0.01, await: 1, gpu: 1, copy: 1 };

export function filesByMetric(profile: Profile, metric: string): FileData[] {
  const sums = new Map(profile.files.map((file) => [file.index, sumOf(file.lines, metric)]));
  return [...profile.files].sort((x, y) => sums.get(y.index)! - sums.get(x.index)! || x.index - y.index);
}

export function lineRows(profile: Profile, query: LineQuery): LineRows {
  const out = new LineRows();
  if (query.hottest) out.hot = query.hottest;
  if (query.sort.length) { sortedRows(profile, query, out); return out; }
  for (const file of filesByMetric(profile, query.metric)) {
    if (query.onlyFile >= 0 && file.index !== query.onlyFile) continue;
    const share = sumOf(file.lines, 'time');
    if (query.onlyFile < 0 && !query.showSmallFiles && !query.matches && share < query.threshold && isQuiet(file)) {
      out.smallFiles++;
      out.smallSum += share;
      continue;
    }
    addFile(file, query, out);
  }
  return out;
}

function isQuiet(file: FileData): boolean {
  return file.leaks.length === 0 && always.every((key) => !columnOf(file.lines, key).some((v) => v >= floor[key]));
}

function addFile(file: FileData, query: LineQuery, out: LineRows): void {
  const shown = query.matches ? matchedLines(file, query, out) : shownLines(file, query);
  if (query.matches && !shown.some(Boolean)) return;
  out.push(RowKind.File, file.index, 0);
  if (query.folded.has(file.index)) return;
  const regions = file.regions();
  const starts = functionStarts(file);
  let current = 0; // first line of the function whose header was written last
  let gapStart = 0, gapLines = 0, gapSum = 0;
  const time = columnOf(file.lines, 'time');
  const closeGap = (end: number) => {
    if (gapLines && gapSum > 0 && query.mode === 'data' && !query.matches)
      out.gaps.set(out.push(RowKind.Gap, file.index, gapStart, -1, end), { lines: gapLines, sum: gapSum });
    gapStart = gapLines = gapSum = 0;
  };
  let row = 0;
  for (let line = 1; line <= file.lineCount; line++) {
    while (row < file.lines.count && file.lines.line[row] < line) row++;
    const data = row < file.lines.count && file.lines.line[row] === line ? row : -1;
    const inside = enclosing(regions?.functionStart[line - 1] ?? 0, starts);
    if (query.mode !== 'all' && inside !== current && (shown[line] || (data >= 0 && gapLines))) closeGap(line - 1);
    if (!shown[line]) {
      if (data >= 0) {
        if (!gapLines) gapStart = line;
        gapLines++;
        gapSum += time[data];
      }
      continue;
    }
    if (query.mode !== 'all') closeGapThenHeader();
    const at = out.push(RowKind.Line, file.index, line, data);
    if (out.isHottest(at) && query.reasonAt.has(`${file.path}:${line}`)) out.push(RowKind.Reason, file.index, line);

    function closeGapThenHeader() {
      if (inside === current) { closeGap(line - 1); return; }
      current = inside;
      if (inside) out.push(RowKind.Function, file.index, inside, -1, starts.get(inside)!);
    }
  }
  closeGap(file.lineCount);
}

/** First lines of functions with data → function row. */
function functionStarts(file: FileData): Map<number, number> {
  const out = new Map<number, number>();
  for (let i = 0; i < file.functions.count; i++) if (!out.has(file.functions.line[i])) out.set(file.functions.line[i], i);
  return out;
}
function enclosing(start: number, starts: Map<number, number>): number {
  return starts.has(start) ? start : 0;
}

function matchedLines(file: FileData, query: LineQuery, out: LineRows): Uint8Array {
  const shown = new Uint8Array(file.lineCount + 2);
  for (let line = 1; line <= file.lineCount; line++)
    if (query.matches!(file, line)) { shown[line] = 1; out.matched++; }
  return shown;
}

function shownLines(file: FileData, query: LineQuery): Uint8Array {
  const shown = new Uint8Array(file.lineCount + 2);
  if (query.mode === 'all') return shown.fill(1);
  const rows = file.lines, time = columnOf(rows, 'time');
  const others = always.map((key) => [columnOf(rows, key), floor[key]] as const);
  const few = rows.count <= plenty;
  const leaks = new Set(file.leaks.map((leak) => leak.line));
  const regions = file.regions();
  for (let i = 0; i < rows.count; i++) {
    const line = rows.line[i];
    const matters = time[i] >= query.threshold || leaks.has(line) || others.some(([column, least]) => column[i] >= least);
    if (!matters && !few) continue;
    if (query.mode === 'functions') {
      const start = regions?.functionStart[line - 1] ?? 0, end = regions?.functionEnd[line - 1] ?? 0;
      if (start) { shown.fill(1, start, end + 1); continue; }
    }
    shown[line] = 1;
    if (query.context === 'loops') showLoop(line, time[i]);
    else shown.fill(1, Math.max(1, line - query.context), Math.min(file.lineCount, line + query.context) + 1);
  }
  return shown;

  // The loop around a hot line is shown whole, unless it is longer than a screen.
  function showLoop(line: number, share: number): void {
    if (!regions || share < Math.max(5, query.threshold)) return;
    const start = regions.regionStart[line - 1], end = regions.regionEnd[line - 1];
    const isLoop = start > 0 && start !== regions.functionStart[line - 1];
    if (isLoop && end > start && end - start <= 40) shown.fill(1, start, end + 1);
  }
}

function sortedRows(profile: Profile, query: LineQuery, out: LineRows): void {
  const file: number[] = [], row: number[] = [];
  for (const each of profile.files) {
    if (query.onlyFile >= 0 && each.index !== query.onlyFile) continue;
    for (let i = 0; i < each.lines.count; i++) {
      if (query.matches && !query.matches(each, each.lines.line[i])) continue;
      file.push(each.index); row.push(i);
    }
  }
  const keys = query.sort.map(({ key, descending }) => {
    const values = new Float64Array(file.length);
    const columns = profile.files.map((each) => (key === 'line' ? null : columnOf(each.lines, key)));
    for (let i = 0; i < values.length; i++) {
      const f = profile.files[file[i]];
      values[i] = key === 'line' ? file[i] * 1e7 + f.lines.line[row[i]] : columns[file[i]]![row[i]];
    }
    return { values, sign: descending ? -1 : 1 };
  });
  const order = new Uint32Array(file.length).map((_, i) => i);
  order.sort((x, y) => {
    for (const { values, sign } of keys) {
      const difference = values[x] - values[y];
      if (difference) return difference * sign;
    }
    return x - y;
  });
  out.matched = query.matches ? order.length : 0;
  for (const i of order) {
    const f = profile.files[file[i]];
    out.push(RowKind.Line, file[i], f.lines.line[row[i]], row[i]);
  }
}

/** The next line with at least `share` % of the time after (or before) a row, over gaps and files. */
export function nextHot(profile: Profile, rows: LineRows, from: number, step: 1 | -1, share: number): number {
  for (let i = from + step; i >= 0 && i < rows.count; i += step) {
    if (rows.kind[i] !== RowKind.Line || rows.row[i] < 0) continue;
    if (columnOf(profile.files[rows.file[i]].lines, 'time')[rows.row[i]] >= share) return i;
  }
  return -1;
}

export const dataRow = (file: FileData, line: number): number => rowOfLine(file.lines, line);
