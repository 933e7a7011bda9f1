// The profile as the views see it: plain, read-only, columnar. payload/ makes it, nothing changes it afterwards.
// Units: seconds, MiB (shown as MB), percent 0..100, fraction 0..1, unless a name says otherwise.

export type Unit = 'percent' | 'fraction' | 'MiB' | 'MiB/s' | 's' | 'count';

/** Text of a sentence, plain or with a style. */
export type Part = string | [style: 'strong' | 'code' | 'hot', text: string];

/** One metric, as the profile describes it. The views format by `unit`; a cell below `hideBelow` is blank. */
export interface Metric {
  id: string;
  label: string;
  unit: Unit;
  merge: 'sum' | 'recompute' | 'maximum';
  color: string; // name of a colour token
  hideBelow: number;
  help: string;
  total: number; // exact sum over all lines, 0 where a sum means nothing
  max: number; // the highest line
}

/** A column of the Lines table: metrics stacked in one bar, or a number, or the line's footprint over time. */
export interface TableColumn {
  id: string;
  label: string;
  kind: 'bar' | 'number' | 'spark';
  metrics: string[];
  split: string; // a fraction that divides the bar of the only metric in two, Python first; '' = none
}

export interface Leak {
  line: number;
  likelihood: number;
  velocity: number; // MB/s
}

/** Values by row. Row i of a file's `lines` is the line `line[i]`; columns that no row needs are absent. */
export interface Rows {
  count: number;
  line: Uint32Array;
  columns: MetricColumns;
  spark(row: number): Curve | undefined; // footprint when the row allocated
  holders: Record<string, [row: number, holders: Holder[]][]>; // who held what the rows waited for: gil, lock
  low: Float32Array | null; // 95 % interval of the time share
  high: Float32Array | null;
}

/** Columns by metric; one that is asked for is made then. */
export interface MetricColumns {
  has(metric: string): boolean;
  get(metric: string): Float32Array | undefined;
}

/** Line 0: not known. */
export type Holder = [path: string, line: number, sec: number];

export interface FunctionRows extends Rows {
  name: string[];
  end: Uint32Array;
  total: Float32Array | null; // s, callees included
}

/** Per line, index line-1: 1-based inclusive bounds, 0 = none. */
export interface Regions {
  regionStart: Uint32Array; // narrowest loop or function
  regionEnd: Uint32Array;
  loopStart: Uint32Array; // outermost loop
  loopEnd: Uint32Array;
  functionStart: Uint32Array;
  functionEnd: Uint32Array;
}

export interface FileData {
  index: number;
  path: string;
  name: string; // the shortest tail of the path that no other file shares
  lineCount: number;
  lines: Rows;
  functions: FunctionRows;
  leaks: Leak[];
  imports: string[];
  changed: string; // 'disk' | 'changed' | 'captured' | 'none'
  /** Source text by line, index line-1; null when the profile carries none. Split on first use. */
  source(): string[] | null;
  text(): string | null; // the same in one piece
  regions(): Regions | null;
}

export interface Curve {
  t: Float64Array; // s
  mb: Float64Array;
}

export const enum FrameKind { Root, Python, Native, Mark }

/** Frames in preorder: a parent stands before its children. `self` holds the weight of a frame without its callees. */
export interface FrameTree {
  count: number;
  parent: Uint32Array; // node 0 is the root and its own parent
  name: Uint32Array; // into strings
  file: Uint32Array; // into strings; 0 = ''
  line: Uint32Array;
  kind: Uint8Array;
  strings: string[];
  self: Map<string, Float64Array>; // metric id → weights
  metrics: FrameMetric[];
}

export interface FrameMetric {
  id: string;
  label: string;
  unit: Unit;
  color: string;
}

/** Runs of equal stacks: from `start`, for `length`, thread `thread` was in frame `frame`. Ordered by start. */
export interface Runs {
  count: number;
  start: Float64Array;
  length: Float64Array;
  hits: Float64Array; // s of the length that were sampled; between them the thread waited for the GIL or a CPU
  frame: Uint32Array; // into the frame tree
  thread: Uint32Array; // into Profile.threads
}

/** How busy the machine was in equal parts of the run, in CPUs; `idle`: threads that waited. */
export interface Load {
  bins: number;
  python: Float32Array;
  native: Float32Array;
  system: Float32Array;
  idle: Float32Array;
}

export interface Track {
  id: string;
  label: string;
  spans: [start: number, length: number][];
}

export interface Thread {
  name: string;
  pid: number;
  tid: number;
  main: boolean;
  start: number;
  end: number;
  python: number;
  native: number;
  kernel: number;
  alloc: number;
  waits: [string, number][];
}

export interface Process {
  pid: number;
  parent: number;
  how: string;
  argv: string[];
  python: string;
  start: number;
  end: number;
  cpu: number;
  idle: number;
  maxFootprint: number;
  maxRss: number;
  samples: number;
  profiled: boolean;
}

/** One of the sentences of "What limits this program". */
export interface Insight {
  rule: string;
  color: string;
  title: string;
  parts: Part[];
  value: string;
  share: number;
  evidence: { file: number; line: number; end: number; function: string }[];
}

export interface Totals {
  total: number; // s, the 100 %
  python: number;
  native: number;
  kernel: number;
  idle: number;
  await: number;
  samples: number;
  alloc: number;
  copy: number;
  gpu: number;
}

/** The older profile of a comparison: values of the same rows, and lines that are gone. */
export interface Before {
  program: string;
  elapsed: number;
  total: number;
  peak: number; // MB
  started: number;
  totals: Totals;
  lines: Map<number, Rows>; // by file, rows of FileData.lines
  functions: Map<number, Rows>;
  frames: Map<string, Float64Array>; // metric id → self weights of the tree's nodes
  gone: { path: string; line: number; text: string; values: Record<string, number> }[];
}

export interface Profile {
  program: string;
  name: string;
  args: string[];
  python: string;
  started: number; // Unix time
  elapsed: number;
  running: boolean; // the program had not ended when this was written
  exit: string;
  reference: boolean; // a profile of the reference implementation: no samples, no intervals
  interval: number; // s between samples
  hasMemory: boolean;
  hasGpu: boolean;
  hasAwait: boolean;
  device: string;
  host: string;
  cpus: number; // that the program may use, 0 = not known
  totals: Totals;
  metrics: Metric[];
  table: TableColumn[];
  files: FileData[]; // busiest first
  outside: number; // s outside the files shown
  hiddenFiles: [path: string, percent: number, mb: number][];
  hiddenCount: number;
  footprint: Curve;
  footprintPython: Float64Array | null; // MB of footprint.mb
  load: Load | null;
  peak: number;
  peakPython: number; // fraction
  peakFile: string;
  peakLine: number;
  growth: number; // %
  gil: { looked: number; held: number; native: number; contended: number } | null; // s
  frames: FrameTree | null;
  runs: Runs | null;
  tracks: Track[];
  threads: Thread[];
  processes: Process[];
  headline: Part[];
  insights: Insight[];
  reasons: { file: number; line: number; parts: Part[] }[]; // of the hottest lines, hottest first
  losses: string[];
  warnings: string[];
  notes: string[]; // files hidden, time outside, what was left out of this page
  before: Before | null;
}

export const emptyRows = (): Rows =>
  ({ count: 0, line: new Uint32Array(0), columns: new Map(), spark: () => undefined, holders: {}, low: null, high: null });

export function value(rows: Rows, id: string, row: number): number {
  const column = rows.columns.get(id);
  return column ? column[row] : 0;
}

/** What `time` is made of, in the order in which it is drawn. */
export const timeParts = ['time.python', 'time.native', 'time.system'];

/** A key is a metric, `time`, or several metrics joined by `+`, which stand for their sum. */
export const partsOf = (key: string): string[] => (key === 'time' ? timeParts : key.split('+'));

export function valueOf(rows: Rows, key: string, row: number): number {
  let sum = 0;
  for (const part of partsOf(key)) sum += value(rows, part, row);
  return sum;
}

/** A whole column at once; sums of columns are made once and kept. */
const sums = new WeakMap<Rows, Map<string, Float32Array>>();
export function columnOf(rows: Rows, key: string): Float32Array {
  const single = rows.columns.get(key);
  if (single) return single;
  let known = sums.get(rows);
  if (!known) sums.set(rows, (known = new Map()));
  let sum = known.get(key);
  if (!sum) {
    known.set(key, (sum = new Float32Array(rows.count)));
    for (const part of partsOf(key)) {
      const column = rows.columns.get(part);
      if (column) for (let i = 0; i < sum.length; i++) sum[i] += column[i];
    }
  }
  return sum;
}

const columnSums = new WeakMap<Float32Array, number>();
export function sumOf(rows: Rows, key: string): number {
  const column = columnOf(rows, key);
  let sum = columnSums.get(column);
  if (sum !== undefined) return sum;
  sum = 0;
  for (let i = 0; i < column.length; i++) sum += column[i];
  columnSums.set(column, sum);
  return sum;
}

export function maximumOf(rows: Rows, key: string): number {
  let most = 0;
  for (const each of columnOf(rows, key)) if (each > most) most = each;
  return most;
}

/** Row of a line, or -1. Lines are ascending. */
export function rowOfLine(rows: Rows, line: number): number {
  let low = 0, high = rows.count - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (rows.line[middle] === line) return middle;
    if (rows.line[middle] < line) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The row of the innermost function around a line, or -1. */
export function functionAt(file: FileData, line: number): number {
  const { count, line: first, end } = file.functions;
  let best = -1;
  for (let i = 0; i < count; i++) {
    if (first[i] <= line && line <= end[i] && (best < 0 || first[i] >= first[best])) best = i;
  }
  return best;
}

export interface LineRef { file: number; line: number }

/** The rows with the largest values of a key over all files. */
export function topLines(profile: Profile, key: string, many: number): (LineRef & { row: number; value: number })[] {
  const top: (LineRef & { row: number; value: number })[] = [];
  for (const file of profile.files) {
    const column = columnOf(file.lines, key);
    for (let row = 0; row < column.length; row++) {
      const v = column[row];
      if (v <= 0 || (top.length === many && v <= top[many - 1].value)) continue;
      const entry = { file: file.index, line: file.lines.line[row], row, value: v };
      let at = top.length;
      while (at > 0 && top[at - 1].value < v) at--;
      top.splice(at, 0, entry);
      if (top.length > many) top.pop();
    }
  }
  return top;
}

/** Of a curve, with straight lines between its points. */
export function heightAt({ t: times, mb }: Curve, t: number): number {
  let i = 0;
  while (i + 1 < times.length && times[i + 1] <= t) i++;
  if (i + 1 >= times.length) return mb[i] ?? 0;
  const share = (t - times[i]) / (times[i + 1] - times[i] || 1);
  return mb[i] + (mb[i + 1] - mb[i]) * Math.max(0, Math.min(1, share));
}

/** Shortest tails of paths that tell them apart: "json/decoder.py", "text/decoder.py", "train.py". */
export function shortNames(paths: string[]): string[] {
  const parts = paths.map((path) => path.split('/'));
  const depth = paths.map(() => 1);
  const tail = (i: number) => parts[i].slice(-depth[i]).join('/');
  for (let round = 0; round < 8; round++) {
    const seen = new Map<string, number[]>();
    paths.forEach((_, i) => { const t = tail(i); seen.set(t, [...(seen.get(t) ?? []), i]); });
    let clash = false;
    for (const group of seen.values()) {
      if (group.length < 2) continue;
      for (const i of group) if (depth[i] < parts[i].length) { depth[i]++; clash = true; }
    }
    if (!clash) break;
  }
  return paths.map((path, i) => (parts[i][parts[i].length - 1].startsWith('__init__') && depth[i] === 1 ? (depth[i]++, tail(i)) : tail(i)) || path);
}
