// Which rows the Lines table shows, and in which order. Nothing disappears silently: lines that are left out between shown
// ones fold into a gap that keeps their number and their sum.
import type { LineMatcher } from './find';
import { columnOf, rowOfLine, sumOf, type FileData, type Profile } from './profile';

export const enum RowKind { File, Function, Line, Reason, Gap }
export const rowHeights = [28, 26, 20, 24, 24];
const hottestHeight = 26;
const plenty = 30; // a file with no more lines with data needs no gaps
const busiest = 8; // files of a flat profile that are shown
const best = 5; // lines that are shown of a file in which none reaches the threshold

export type Mode = 'all' | 'data' | 'functions';
export type Context = 'loops' | number;

export interface LineQuery {
  mode: Mode;
  context: Context;
  threshold: number; // % of time below which a line is left out
  metric: string; // orders the files
  sort: { key: string; descending: boolean }[]; // empty = source order
  onlyFile: number; // -1 = all
  folded: ReadonlySet<string>; // files by index, functions by index:first line
  matches: LineMatcher | null;
  hottest: { file: number; line: number } | null;
  reasonAt: ReadonlyMap<string, string>;
  showSmallFiles: boolean;
}

/** Rows in the order of the table, as columns. */
export class LineRows {
  count = 0;
  kind = new Uint8Array(1024);
  file = new Uint32Array(1024);
  line = new Uint32Array(1024);
  row = new Int32Array(1024); // of the file's data, -1 = none
  a = new Uint32Array(1024); // function row of a function header, last line of a gap, 1 for the first line after a function
  gaps = new Map<number, { lines: number; sum: number }>();
  smallFiles = 0;
  smallSum = 0;
  matched = 0;
  hot = { file: -1, line: 0 };
  readonly files: number[] = []; // where file headers stand
  readonly functions: number[] = []; // where function headers stand

  height(i: number): number {
    return this.kind[i] === RowKind.Line && this.isHottest(i) ? hottestHeight : rowHeights[this.kind[i]];
  }
  isHottest(i: number): boolean {
    return this.line[i] === this.hot.line && this.file[i] === this.hot.file && this.kind[i] === RowKind.Line;
  }
  push(kind: RowKind, file: number, line: number, row = -1, a = 0): number {
    const i = this.count++;
    if (i === this.kind.length) this.grow();
    if (kind === RowKind.File) this.files.push(i);
    if (kind === RowKind.Function) this.functions.push(i);
    this.kind[i] = kind; this.file[i] = file; this.line[i] = line; this.row[i] = row; this.a[i] = a;
    return i;
  }
  private grow(): void {
    const more = <T extends Uint8Array | Uint32Array | Int32Array>(column: T): T => {
      const out = new (column.constructor as { new (length: number): T })(column.length * 4);
      out.set(column);
      return out;
    };
    this.kind = more(this.kind); this.file = more(this.file); this.line = more(this.line); this.row = more(this.row); this.a = more(this.a);
  }
  /** The row that shows a line, or the header of its function, or the gap that hides it, or -1. */
  find(file: number, line: number): number {
    let gap = -1;
    for (let i = 0; i < this.count; i++) {
      if (this.file[i] !== file) continue;
      if (this.kind[i] === RowKind.Line && this.line[i] === line) return i;
      if (this.kind[i] === RowKind.Function ? this.line[i] === line : this.kind[i] === RowKind.Gap && this.line[i] <= line && line <= this.a[i]) gap = i;
    }
    return gap;
  }
}

/** The last number of an ascending list that is not above another, or -1. */
export function lastUpTo(list: number[], most: number): number {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= most) low = middle + 1;
    else high = middle;
  }
  return low ? list[low - 1] : -1;
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
  const files = filesByMetric(profile, query.metric);
  const small = smallFiles(files, query.threshold);
  for (const file of files) {
    if (query.onlyFile >= 0 && file.index !== query.onlyFile) continue;
    const share = sumOf(file.lines, 'time');
    if (query.onlyFile < 0 && !query.showSmallFiles && !query.matches && small.has(file)) {
      out.smallFiles++;
      out.smallSum += share;
      continue;
    }
    addFile(file, query, out);
  }
  return out;
}

/** Files hidden at first: below the threshold in time and quiet in everything else. A profile without any file above the
    threshold shows its busiest ones. */
export function smallFiles(files: FileData[], threshold: number): Set<FileData> {
  const shares = files.map((file) => sumOf(file.lines, 'time'));
  const flat = shares.every((share) => share < threshold);
  return new Set(files.filter((file, rank) => shares[rank] < threshold && !(flat && rank < busiest) && file.leaks.length === 0
    && !always.some((key) => file.lines.columns.get(key)?.some((v) => v >= floor[key]))));
}

function addFile(file: FileData, query: LineQuery, out: LineRows): void {
  const shown = query.matches ? query.matches(file) : shownLines(file, query);
  if (query.matches && !shown.length) return;
  if (query.matches) out.matched += shown.length;
  out.push(RowKind.File, file.index, 0);
  if (query.folded.has(`${file.index}`)) return;
  const functionStart = query.mode === 'all' ? null : file.regions()?.functionStart, functions = functionStart && functionStarts(file);
  let current = 0; // first line of the function whose header was written last
  let outside = false; // the first line after a function
  let foldedTo = 0; // last line of a folded function, whose header has its sum
  let gapStart = 0, gapLines = 0, gapSum = 0;
  const time = columnOf(file.lines, 'time');
  const closeGap = (end: number) => {
    if (gapLines === 1 && query.mode === 'data' && !query.matches) out.push(RowKind.Line, file.index, gapStart, rowOfLine(file.lines, gapStart)); // no longer than the gap
    else if (gapLines && gapSum > 0 && query.mode === 'data' && !query.matches)
      out.gaps.set(out.push(RowKind.Gap, file.index, gapStart, -1, end), { lines: gapLines, sum: gapSum });
    gapStart = gapLines = gapSum = 0;
  };
  const lines = file.lines.line;
  let row = 0;
  const hideUpTo = (next: number) => {
    for (; row < lines.length && lines[row] < next; row++) {
      if (lines[row] <= foldedTo) continue;
      if (!gapLines) gapStart = lines[row];
      gapLines++;
      gapSum += time[row];
    }
  };
  for (const line of shown) {
    hideUpTo(line);
    const data = lines[row] === line ? row++ : -1;
    if (line <= foldedTo) continue;
    if (query.mode !== 'all') {
      const start = functions?.has(line) ? line : functionStart?.[line - 1] ?? 0, header = start ? functions!.get(start) : undefined; // its decorators are a function's, too
      const changes = start !== current, inside = gapLines > 0 && changes && gapStart >= start; // what is hidden belongs to this function
      if (!inside) closeGap(line - 1);
      if (changes && header !== undefined) {
        out.push(RowKind.Function, file.index, start, -1, header);
        if (!query.matches && query.folded.has(`${file.index}:${start}`)) { foldedTo = file.functions.end[header]; gapLines = gapSum = 0; }
      }
      if (inside) closeGap(line - 1);
      outside = header === undefined && current > 0;
      current = header === undefined ? 0 : start;
      if (line <= foldedTo || (line === start && data < 0 && !query.matches)) continue; // the header shows it
    }
    const at = out.push(RowKind.Line, file.index, line, data, outside ? 1 : 0);
    if (out.isHottest(at) && query.reasonAt.has(`${file.path}:${line}`)) out.push(RowKind.Reason, file.index, line);
  }
  hideUpTo(file.lineCount + 1);
  closeGap(file.lineCount);
}

/** Makes a file ready to be shown among others. */
export function prepareRows(file: FileData): void {
  if (file.regions()?.functionStart) functionStarts(file);
}

/** First lines of functions with data → function row. */
const starts = new WeakMap<FileData, Map<number, number>>();
function functionStarts(file: FileData): Map<number, number> {
  let out = starts.get(file);
  if (out) return out;
  starts.set(file, (out = new Map()));
  const { line, count } = file.functions;
  for (let i = 0; i < count; i++) if (!out.has(line[i])) out.set(line[i], i);
  return out;
}

function shownLines(file: FileData, query: LineQuery): number[] {
  if (query.mode === 'all') return Array.from({ length: file.lineCount }, (_, i) => i + 1);
  const shown = new Uint8Array(file.lineCount + 1); // by line
  const rows = file.lines, time = columnOf(rows, 'time');
  const others = always.filter((key) => rows.columns.has(key)).map((key) => [columnOf(rows, key), floor[key]] as const);
  const few = rows.count <= plenty;
  const leaks = new Set(file.leaks.map((leak) => leak.line));
  const regions = file.regions();
  const least = leastShown(time, query.threshold);
  for (let i = 0; i < rows.count; i++) {
    const line = rows.line[i];
    const matters = time[i] >= least || leaks.has(line) || others.some(([column, least]) => column[i] >= least);
    if (!matters && !few) continue;
    if (query.mode === 'functions') {
      const start = regions?.functionStart[line - 1] ?? 0, end = regions?.functionEnd[line - 1] ?? 0;
      if (start) { shown.fill(1, start, end + 1); continue; }
    }
    shown[line] = 1;
    if (query.context === 'loops') showLoop(line, time[i]);
    else shown.fill(1, Math.max(1, line - query.context), Math.min(file.lineCount, line + query.context) + 1);
  }
  const lines: number[] = [];
  for (let line = shown.indexOf(1, 1); line > 0; line = shown.indexOf(1, line + 1)) lines.push(line);
  return lines;

  // The loop around a hot line is shown whole, unless it is longer than a screen.
  function showLoop(line: number, share: number): void {
    if (!regions || share < Math.max(5, query.threshold)) return;
    const start = regions.regionStart[line - 1], end = regions.regionEnd[line - 1];
    const isLoop = start > 0 && start !== regions.functionStart[line - 1];
    if (isLoop && end > start && end - start <= 40) shown.fill(1, start, end + 1);
  }
}

/** The threshold, or what the best lines of a quieter file reach. */
function leastShown(time: Float32Array, threshold: number): number {
  const highest = new Float32Array(best); // ascending
  for (const share of time) {
    if (share >= threshold) return threshold;
    if (share <= highest[0]) continue;
    let at = 0;
    for (; at + 1 < best && highest[at + 1] < share; at++) highest[at] = highest[at + 1];
    highest[at] = share;
  }
  return time.length ? Math.max(highest[Math.max(0, best - time.length)], 1e-9) : threshold;
}

function sortedRows(profile: Profile, query: LineQuery, out: LineRows): void {
  const files = profile.files.filter((each) => query.onlyFile < 0 || each.index === query.onlyFile);
  const most = files.reduce((sum, each) => sum + each.lines.count, 0);
  const file = new Uint32Array(most), row = new Uint32Array(most);
  let many = 0;
  for (const each of files) {
    const matches = query.matches && new Set(query.matches(each)), { line, count } = each.lines;
    for (let i = 0; i < count; i++) {
      if (matches && !matches.has(line[i])) continue;
      file[many] = each.index; row[many++] = i;
    }
  }
  const order = sortedOrder(query.sort.map(({ key, descending }) => {
    const values = new Float32Array(many);
    const columns = profile.files.map((each) => (key === 'line' ? null : columnOf(each.lines, key)));
    for (let i = 0; i < many; i++) values[i] = key === 'line' ? i : columns[file[i]]![row[i]];
    return { values, descending };
  }), many);
  out.matched = query.matches ? many : 0;
  for (const i of order) out.push(RowKind.Line, file[i], profile.files[file[i]].lines.line[row[i]], row[i]);
}

/** Positions in the order of some keys, ties in their old order. One key is packed with its position into whole numbers below
    2^53, which the browser sorts without calling back: 50,000 rows in some milliseconds. */
export function sortedOrder(keys: { values: Float32Array; descending: boolean }[], count: number): Uint32Array {
  if (keys.length === 1 && count < 2 ** 21) {
    const bits = new Uint32Array(keys[0].values.buffer, keys[0].values.byteOffset, count); // floats above 0 sort as their bits do
    const packed = new Float64Array(count);
    for (let i = 0; i < count; i++) packed[i] = (keys[0].descending ? 0xffffffff - bits[i] : bits[i]) * 2 ** 21 + i;
    return Uint32Array.from(packed.sort(), (v) => v % 2 ** 21);
  }
  const order = new Uint32Array(count).map((_, i) => i);
  return order.sort((x, y) => {
    for (const { values, descending } of keys) if (values[x] !== values[y]) return values[x] < values[y] === descending ? 1 : -1;
    return x - y;
  });
}

/** The next line with at least `share` % of the time after (or before) a row, over gaps and files. */
export function nextHot(profile: Profile, rows: LineRows, from: number, step: 1 | -1, share: number): number {
  for (let i = from + step; i >= 0 && i < rows.count; i += step) {
    if (rows.kind[i] !== RowKind.Line || rows.row[i] < 0) continue;
    if (columnOf(profile.files[rows.file[i]].lines, 'time')[rows.row[i]] >= share) return i;
  }
  return -1;
}

