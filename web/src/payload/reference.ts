// The reference's profile file (and ours, which has the same shape) → Profile, for files that are dropped on the page.
// What the process computes from more than the file holds (sentences, regions of loops) is taken where it is there.
import { emptyRows, shortNames, type FileData, type FrameTree, type FunctionRows, type Metric, type Profile, type Regions, type Rows, type Runs, type TableColumn } from '../model/profile';
import { PayloadError } from './decode';

type Json = any;

const metric = (id: string, field: string, label: string, unit: Metric['unit'], color: string, hideBelow: number, merge: Metric['merge'] = 'recompute', ext = false) => ({ id, field, label, unit, color, hideBelow, merge, ext });
const fields = [
  metric('time.python', 'n_cpu_percent_python', 'Python', 'percent', 'cpu-python', 0.05), metric('time.native', 'n_cpu_percent_c', 'native', 'percent', 'cpu-native', 0.05),
  metric('time.system', 'n_sys_percent', 'system', 'percent', 'cpu-system', 0.05), metric('memory.peak', 'n_peak_mb', 'peak', 'MiB', 'mem-native', 0.5, 'sum'),
  metric('memory.average', 'n_avg_mb', 'average', 'MiB', 'mem-native', 0.5), metric('memory', 'n_malloc_mb', 'allocated', 'MiB', 'mem-native', 0.5, 'sum'),
  metric('memory.executions', 'n_mallocs', 'executions', 'count', 'neutral', 1, 'sum'), metric('memory.python', 'n_python_fraction', 'Python', 'fraction', 'mem-python', 0.01),
  metric('memory.usage', 'n_usage_fraction', 'usage', 'fraction', 'neutral', 0.01), metric('copy', 'n_copy_mb_s', 'copy', 'MiB/s', 'copy', 0.5),
  metric('cores', 'n_core_utilization', 'cores', 'fraction', 'neutral', 0.01), metric('await', 'n_async_await_percent', 'await', 'percent', 'await', 1),
  metric('await.mean', 'n_async_concurrency_mean', 'tasks, mean', 'count', 'await', 0.5), metric('await.peak', 'n_async_concurrency_peak', 'tasks, most', 'count', 'await', 0.5, 'maximum'),
  metric('gpu', 'n_gpu_percent', 'GPU', 'percent', 'gpu', 1), metric('gpu.peak', 'n_gpu_peak_memory_mb', 'GPU memory', 'MiB', 'gpu', 0.5, 'maximum'),
  metric('samples', 'samples', 'samples', 'count', 'neutral', 1, 'sum', true), metric('memory.live', 'live_end_mb', 'live at the end', 'MiB', 'mem-native', 0.5, 'sum', true),
  metric('copy.volume', 'copy_mb', 'copied', 'MiB', 'copy', 0.5, 'sum', true),
];
const table: TableColumn[] = [
  { id: 'time', label: 'Time', kind: 'bar', metrics: ['time.python', 'time.native', 'time.system'], split: '' },
  { id: 'memory', label: 'Memory', kind: 'bar', metrics: ['memory.peak'], split: 'memory.python' },
  { id: 'timeline', label: 'Over time', kind: 'spark', metrics: [], split: '' }, { id: 'usage', label: 'Usage', kind: 'number', metrics: ['memory.usage'], split: '' },
  { id: 'copy', label: 'Copy', kind: 'number', metrics: ['copy'], split: '' }, { id: 'await', label: 'Await', kind: 'number', metrics: ['await'], split: '' },
  { id: 'gpu', label: 'GPU', kind: 'number', metrics: ['gpu'], split: '' }, { id: 'cores', label: 'Cores', kind: 'number', metrics: ['cores'], split: '' },
  { id: 'average', label: 'Average', kind: 'number', metrics: ['memory.average'], split: '' }, { id: 'executions', label: 'Executions', kind: 'number', metrics: ['memory.executions'], split: '' },
];

const number = (v: unknown) => (typeof v === 'number' && Number.isFinite(v) ? v : 0);
const text = (v: unknown) => (typeof v === 'string' ? v : '');
/** Only these three are escapes of the file; any other `\uXXXX` belongs to the source. */
const unescape = (line: string) => line.replace(/\\u(0026|003c|003e)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));

export function decodeReference(json: Json): Profile {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || (Object.keys(json).length && !('files' in json)))
    throw new PayloadError('This is JSON, but no profile of a Python program.');
  const ext = json.ext ?? {};
  const elapsed = number(json.elapsed_time_sec);
  const entries = Object.entries<Json>(json.files ?? {}).sort((x, y) => number(y[1].percent_cpu_time) - number(x[1].percent_cpu_time) || (x[0] < y[0] ? -1 : 1));
  const names = shortNames(entries.map(([path]) => path));
  const files = entries.map(([path, file], index) => fileOf(path, file, index, names[index]));
  const metrics: Metric[] = fields.map((f) => ({ id: f.id, label: f.label, unit: f.unit, color: f.color, hideBelow: f.hideBelow, merge: f.merge, help: '', total: 0, max: highest(files, f.id) }));
  const has = (id: string) => metrics.some((m) => m.id === id && m.max > 0);
  const sum = (id: string) => files.reduce((total, f) => total + (f.lines.columns.get(id)?.reduce((a, b) => a + b, 0) ?? 0), 0);
  const total = number(ext.totals?.total_sec) || elapsed;
  const frames = treeOf(json.combined_stacks ?? [], ext.stack_weights, total);
  const reference = !json.ext;
  return {
    program: text(json.program), name: text(json.program).split('/').pop() || 'profile', args: json.args ?? [], python: text(ext.python?.version), started: number(json.start_time_absolute), elapsed,
    running: ext.exit?.partial === true, exit: ext.exit?.signal ? `signal ${ext.exit.signal}` : ext.exit?.status ? `status ${ext.exit.status}` : '', reference, interval: 0,
    hasMemory: json.memory === true, hasGpu: json.gpu === true, hasAwait: json.async_profile === true && has('await'), device: text(json.gpu_device), host: '',
    totals: {
      total, python: number(ext.totals?.python_sec) || (sum('time.python') / 100) * total, native: number(ext.totals?.native_sec) || (sum('time.native') / 100) * total,
      kernel: number(ext.totals?.kernel_sec) || (reference ? (sum('time.system') / 100) * total : 0), idle: number(ext.totals?.idle_sec), await: number(ext.totals?.await_sec),
      samples: number(ext.totals?.cpu_samples) + number(ext.totals?.off_cpu_samples), alloc: number(ext.totals?.alloc_mb) || sum('memory'), copy: number(ext.totals?.copy_mb), gpu: number(ext.totals?.gpu_sec),
    },
    metrics, table: table.filter((column) => column.kind === 'spark' ? files.some((f) => f.lines.spark.size) : column.metrics.some(has)), files,
    outside: number(ext.outside?.sec), hiddenFiles: ext.hidden?.files ?? [], hiddenCount: number(ext.hidden?.count),
    footprint: curveOf(json.samples ?? []), footprintPython: null, load: null, peak: number(json.max_footprint_mb), peakPython: number(json.max_footprint_python_fraction),
    peakFile: text(json.max_footprint_fname), peakLine: number(json.max_footprint_lineno), growth: number(json.growth_rate),
    frames: frames?.tree ?? null, runs: frames ? runsOf(json, frames.leaves, ext) : null, tracks: [], threads: threadsOf(json, ext), processes: [], headline: [], insights: [], reasons: [],
    losses: [], warnings: Array.isArray(ext.warnings) ? ext.warnings.map(String) : [], notes: [], before: null,
  };
}

const highest = (files: FileData[], id: string) => files.reduce((most, f) => Math.max(most, f.lines.columns.get(id)?.reduce((a, b) => Math.max(a, b), 0) ?? 0), 0);
const curveOf = (points: Json[]) => ({ t: Float64Array.from(points, (p) => number(p[0]) / 1e9), mb: Float64Array.from(points, (p) => number(p[1])) });

function rowsOf(list: Json[]): Rows {
  const used = list.filter((row) => fields.some((f) => number(f.ext ? row.ext?.[f.field] : row[f.field]) > 0));
  const rows = { ...emptyRows(), count: used.length, line: Uint32Array.from(used, (row) => number(row.lineno)) };
  for (const f of fields) {
    const column = Float32Array.from(used, (row) => number(f.ext ? row.ext?.[f.field] : row[f.field]));
    if (column.some((v) => v > 0)) rows.columns.set(f.id, column);
  }
  used.forEach((row, i) => { if (row.memory_samples?.length) rows.spark.set(i, curveOf(row.memory_samples)); });
  if (used.some((row) => row.ext?.ci95)) {
    rows.low = Float32Array.from(used, (row) => number(row.ext?.ci95?.[0]));
    rows.high = Float32Array.from(used, (row) => number(row.ext?.ci95?.[1]));
  }
  return rows;
}

function fileOf(path: string, file: Json, index: number, name: string): FileData {
  const lines: Json[] = file.lines ?? [];
  const lineCount = lines.reduce((most, line) => Math.max(most, number(line.lineno)), 0);
  const read = (key: string) => { const out = new Uint32Array(lineCount); for (const line of lines) if (number(line.lineno) >= 1) out[line.lineno - 1] = number(line[key]); return out; };
  let regions: Regions | null = null, source: string[] | null = null;
  const functionList: Json[] = file.functions ?? [];
  const functions: FunctionRows = { ...rowsOf(functionList), name: [], end: new Uint32Array(0), total: null };
  const used = functionList.filter((row) => Array.from(functions.line).includes(number(row.lineno)));
  functions.name = Array.from(functions.line, (line) => text(used.find((row) => row.lineno === line)?.line));
  functions.end = Uint32Array.from(functions.line, (line) => lines.find((each) => each.start_function_line === line)?.end_function_line || functionEnd(functions.line, line, lineCount));
  return {
    index, path, name, lineCount, lines: rowsOf(lines), functions,
    leaks: Object.entries<Json>(file.leaks ?? {}).map(([line, leak]) => ({ line: Number(line), likelihood: number(leak.likelihood), velocity: number(leak.velocity_mb_s) })),
    imports: file.imports ?? [], changed: text(file.ext?.source),
    source: () => {
      if (!source) {
        source = new Array<string>(lineCount).fill('');
        for (const line of lines) if (line.lineno >= 1) source[line.lineno - 1] = (line.ext?.raw ?? unescape(text(line.line))).replace(/\r?\n$/, '');
      }
      return source;
    },
    regions: () => regions ??= {
      regionStart: read('start_region_line'), regionEnd: read('end_region_line'), loopStart: read('start_outermost_loop'), loopEnd: read('end_outermost_loop'),
      functionStart: read('start_function_line'), functionEnd: read('end_function_line'),
    },
  };
}

function functionEnd(starts: Uint32Array, start: number, lineCount: number): number {
  let end = lineCount;
  for (const each of starts) if (each > start && each <= end) end = each - 1;
  return end;
}

/** Stacks become a preorder tree. Weights are hits, scaled to seconds. */
function treeOf(stacks: Json[], exact: Json, total: number): { tree: FrameTree; leaves: number[] } | null {
  if (!stacks.length) return null;
  const strings = [''], known = new Map([['', 0]]);
  const intern = (s: string) => { let id = known.get(s); if (id === undefined) { known.set(s, (id = strings.length)); strings.push(s); } return id; };
  const columns = { name: [0], file: [0], line: [0], kind: [0], parent: [0] };
  const self = [0], children = new Map<string, number>(), leaves: number[] = [];
  const hits = stacks.reduce((sum, [, n]) => sum + number(n), 0) || 1;
  stacks.forEach(([frames, n]: [Json[], number], i) => {
    let at = 0;
    for (const frame of frames ?? []) {
      const name = text(frame.display_name ?? frame.name), file = text(frame.filename_or_module ?? frame.filename), line = number(frame.line ?? frame.code_line);
      const kind = /^\[(await|wait)\]/.test(name) ? 3 : frame.kind === 'native' ? 2 : 1;
      const key = `${at} ${kind} ${line} ${intern(name)} ${intern(file)}`;
      let child = children.get(key);
      if (child === undefined) {
        children.set(key, (child = self.length));
        columns.name.push(intern(name)); columns.file.push(intern(file)); columns.line.push(line); columns.kind.push(kind); columns.parent.push(at);
        self.push(0);
      }
      at = child;
    }
    const row = exact?.rows?.[i];
    self[at] += row ? number(row[0]) + number(row[1]) + number(row[2]) + number(row[3]) : (number(n) / hits) * total;
    leaves.push(at);
  });
  return {
    leaves, tree: {
      count: self.length, name: Uint32Array.from(columns.name), file: Uint32Array.from(columns.file), line: Uint32Array.from(columns.line), kind: Uint8Array.from(columns.kind),
      parent: Uint32Array.from(columns.parent), strings, self: new Map([['time', Float64Array.from(self)]]), metrics: [{ id: 'time', label: 'time', unit: 's', color: 'cpu-python' }],
    },
  };
}

function threadsOf(json: Json, ext: Json): Profile['threads'] {
  const list: Json[] = ext.threads ?? [];
  if (list.length) return list.map((t) => ({ name: text(t.name) || `thread ${t.tid}`, pid: number(t.pid), tid: number(t.tid), main: t.main === true, start: number(t.start_sec), end: number(t.end_sec), python: number(t.python_sec),
    native: number(t.native_sec), kernel: number(t.kernel_sec), alloc: number(t.alloc_mb), waits: Object.entries<number>(t.waits ?? {}) }));
  const ids = [...new Set<number | null>((json.combined_stacks_timeline ?? []).map((e: Json) => e.thread_id))];
  return ids.map((id) => ({ name: id === json.main_thread_id || id === null ? 'MainThread' : `thread ${id}`, pid: 0, tid: 0, main: id === json.main_thread_id, start: 0, end: number(json.elapsed_time_sec), python: 0, native: 0, kernel: 0, alloc: 0, waits: [] }));
}

/** An event lasts until the next one of its thread. */
function runsOf(json: Json, leaves: number[], ext: Json): Runs | null {
  const events: Json[] = (json.combined_stacks_timeline ?? []).filter((e: Json) => leaves[e.stack_index] !== undefined);
  if (!events.length) return null;
  const list: Json[] = ext.threads ?? [];
  const ids = list.length ? list.map((t) => t.thread_id || t.tid) : [...new Set(events.map((e) => e.thread_id))];
  const elapsed = number(json.elapsed_time_sec), next = new Map<unknown, number>();
  const length = new Float64Array(events.length);
  for (let i = events.length - 1; i >= 0; i--) {
    length[i] = Math.max(0, (next.get(events[i].thread_id) ?? elapsed) - number(events[i].t_sec));
    next.set(events[i].thread_id, number(events[i].t_sec));
  }
  return { count: events.length, start: Float64Array.from(events, (e) => number(e.t_sec)), length, frame: Uint32Array.from(events, (e) => leaves[e.stack_index]), thread: Uint32Array.from(events, (e) => Math.max(0, ids.indexOf(e.thread_id))) };
}
