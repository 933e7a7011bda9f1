// The reference's profile file (and ours, which has the same shape) → Profile, for files that are dropped on the page. It is
// put into the shape of a payload whose columns are arrays; decode.ts does the rest. What the process computes from more
// than the file holds (sentences, load, tracks) is absent.
import type { Profile } from '../model/profile';
import { Columns, PayloadError, profileOf } from './decode';

type Json = any;

// id, field of the file, label, unit, colour, hide below; fields after `ext` live there
const fields: [id: string, field: string, label: string, unit: string, color: string, hideBelow: number, merge?: string, ext?: boolean][] = [
  ['time.python', 'n_cpu_percent_python', 'Python', 'percent', 'cpu-python', 0.05], ['time.native', 'n_cpu_percent_c', 'native', 'percent', 'cpu-native', 0.05],
  ['time.system', 'n_sys_percent', 'system', 'percent', 'cpu-system', 0.05], ['memory.peak', 'n_peak_mb', 'peak', 'MiB', 'mem-native', 0.5, 'sum'],
  ['memory.average', 'n_avg_mb', 'average', 'MiB', 'mem-native', 0.5], ['memory', 'n_malloc_mb', 'allocated', 'MiB', 'mem-native', 0.5, 'sum'],
  ['memory.executions', 'n_mallocs', 'executions', 'count', 'neutral', 1, 'sum'], ['memory.python', 'n_python_fraction', 'Python', 'fraction', 'mem-python', 0.01],
  ['memory.usage', 'n_usage_fraction', 'usage', 'fraction', 'neutral', 0.01], ['copy', 'n_copy_mb_s', 'copy', 'MiB/s', 'copy', 0.5],
  ['cores', 'n_core_utilization', 'cores', 'fraction', 'neutral', 0.01], ['await', 'n_async_await_percent', 'await', 'percent', 'await', 1],
  ['await.peak', 'n_async_concurrency_peak', 'tasks, most', 'count', 'await', 0.5, 'maximum'], ['gpu', 'n_gpu_percent', 'GPU', 'percent', 'gpu', 1],
  ['gpu.peak', 'n_gpu_peak_memory_mb', 'GPU memory', 'MiB', 'gpu', 0.5, 'maximum'], ['samples', 'samples', 'samples', 'count', 'neutral', 1, 'sum', true],
  ['memory.live', 'live_end_mb', 'live at the end', 'MiB', 'mem-native', 0.5, 'sum', true], ['copy.volume', 'copy_mb', 'copied', 'MiB', 'copy', 0.5, 'sum', true],
];
const table: [id: string, label: string, kind: string, metrics: string[], split?: string][] = [
  ['time', 'Time', 'bar', ['time.python', 'time.native', 'time.system']], ['memory', 'Memory', 'bar', ['memory.peak'], 'memory.python'], ['timeline', 'Over time', 'spark', []], ['usage', 'Usage', 'number', ['memory.usage']],
  ['copy', 'Copy', 'number', ['copy']], ['await', 'Await', 'number', ['await']], ['gpu', 'GPU', 'number', ['gpu']], ['cores', 'Cores', 'number', ['cores']], ['average', 'Average', 'number', ['memory.average']], ['executions', 'Executions', 'number', ['memory.executions']],
];

const number = (v: unknown) => (typeof v === 'number' && Number.isFinite(v) ? v : 0);
const text = (v: unknown) => (typeof v === 'string' ? v : '');
/** Only these three are escapes of the file; any other `\uXXXX` belongs to the source. */
const unescape = (line: string) => line.replace(/\\u(0026|003c|003e)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));

export function decodeReference(json: Json): Profile {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || (Object.keys(json).length && !('files' in json)))
    throw new PayloadError('This is JSON, but no profile of a Python program.');
  const ext = json.ext ?? {}, totals = ext['totals'] ?? {};
  const elapsed = number(json.elapsed_time_sec), total = number(totals.total_sec) || elapsed;
  const names = new Names();
  const files = Object.entries<Json>(json.files ?? {}).sort((x, y) => number(y[1].percent_cpu_time) - number(x[1].percent_cpu_time) || (x[0] < y[0] ? -1 : 1)).map(([path, file]) => fileOf(path, file, elapsed, names));
  const column = (id: string): Float32Array[] => files.map((file) => file.columns[id]).filter(Boolean);
  const max = (id: string) => column(id).reduce((most, values) => values.reduce((a, b) => Math.max(a, b), most), 0);
  const share = (id: string) => (column(id).reduce((sum, values) => values.reduce((a, b) => a + b, sum), 0) / 100) * total;
  const { tree, leaves } = treeOf(json.combined_stacks ?? [], ext.stack_weights, total, names);
  return profileOf({
    program: json.program, args: json.args, python: ext.python?.version, started: json.start_time_absolute, 'elapsed': elapsed, total, reference: !json.ext, exit: ext.exit,
    modes: ['memory', 'gpu', 'async'].filter((mode) => json[mode] === true || (mode === 'async' && json.async_profile)), gpu_device: json.gpu_device, growth: json.growth_rate,
    peak: { mb: json.max_footprint_mb, python: json.max_footprint_python_fraction, file: json.max_footprint_fname, line: json.max_footprint_lineno },
    'totals': { python: totals.python_sec ?? share('time.python'), native: totals.native_sec ?? share('time.native'), kernel: totals.kernel_sec ?? (json.ext ? 0 : share('time.system')), idle: totals.idle_sec, await: totals.await_sec,
      cpu_samples: totals.cpu_samples, off_cpu_samples: totals.off_cpu_samples, alloc_mb: totals.alloc_mb, copy_mb: totals.copy_mb, gpu_sec: totals.gpu_sec },
    'metrics': fields.map(([id, , label, unit, color, hide_below, merge = 'recompute']) => ({ id, 'label': label, 'unit': unit, 'color': color, hide_below, merge, max: max(id) })),
    table: table.filter(([, , kind, metrics]) => (kind === 'spark' ? files.some((file) => file.columns['spark.row'].length) : metrics.some(max))).map(([id, label, kind, metrics, split]) => ({ id, 'label': label, kind, 'metrics': metrics, split })),
    files, hidden: ext.hidden, outside: ext.outside, warnings: [...(ext.warnings ?? []).map(String), ...(json.ext ? ['Plain JSON: `scalene view` shows more of it, as limits, waits, CPU over time, callees.'] : [])], 'strings': names.list, tree,
    'footprint': { columns: { t: Float64Array.from(json.samples ?? [], (p: Json) => number(p[0]) / 1e9), mb: Float64Array.from(json.samples ?? [], (p: Json) => number(p[1])) } },
    ...timelineOf(json, leaves, ext.threads ?? []),
  }, new Columns(new Uint8Array(0)));
}

/** Texts by number, each once. */
class Names {
  list = [''];
  private readonly known = new Map([['', 0]]);
  of(name: string): number {
    let id = this.known.get(name);
    if (id === undefined) this.known.set(name, (id = this.list.push(name) - 1));
    return id;
  }
}

function rowsOf(list: Json[], elapsed: number): Json {
  const at = (row: Json, [, field, , , , , , ext]: typeof fields[0]) => number(ext ? row.ext?.[field] : row[field]);
  const used = list.filter((row) => fields.some((field) => at(row, field) > 0));
  const columns: Json = { line: Uint32Array.from(used, (row) => number(row.lineno)) };
  for (const field of fields) {
    const values = Float32Array.from(used, (row) => at(row, field));
    if (values.some((v) => v > 0)) columns[field[0]] = values;
  }
  if (used.some((row) => row.ext?.ci95)) ['ci95.low', 'ci95.high'].forEach((name, i) => { columns[name] = Float32Array.from(used, (row) => number(row.ext?.ci95?.[i])); });
  const curves = used.map((row, i): [number, Json[]] => [i, row.memory_samples ?? []]).filter(([, points]) => points.length);
  const highest = curves.map(([, points]) => Math.max(...points.map((p) => number(p[1]))) || 1);
  columns['spark.row'] = Uint32Array.from(curves, ([i]) => i);
  columns['spark.count'] = Uint8Array.from(curves, ([, points]) => Math.min(255, points.length));
  columns['spark.max'] = Float32Array.from(highest);
  columns['spark.t'] = Uint8Array.from(curves.flatMap(([, points]) => points.slice(0, 255).map((p) => (number(p[0]) / 1e9 / (elapsed || 1)) * 255)));
  columns['spark.v'] = Uint8Array.from(curves.flatMap(([, points], k) => points.slice(0, 255).map((p) => (number(p[1]) / highest[k]) * 255)));
  return columns;
}

function fileOf(path: string, file: Json, elapsed: number, names: Names): Json {
  const lines: Json[] = file.lines ?? [];
  const many = lines.reduce((most, line) => Math.max(most, number(line.lineno)), 0);
  const source = new Array<string>(many).fill('');
  const columns = rowsOf(lines, elapsed);
  for (const line of lines) if (line.lineno >= 1) source[line.lineno - 1] = (line.ext?.raw ?? unescape(text(line.line))).replace(/\r?\n$/, '');
  columns.text = source.join('\n');
  for (const [name, field] of [['region.start', 'start_region_line'], ['region.end', 'end_region_line'], ['loop.start', 'start_outermost_loop'], ['loop.end', 'end_outermost_loop'], ['function.start', 'start_function_line'], ['function.end', 'end_function_line']]) {
    columns[name] = new Uint32Array(many);
    for (const line of lines) if (line.lineno >= 1) columns[name][line.lineno - 1] = number(line[field]);
  }
  const listed: Json[] = file['functions'] ?? [];
  const functions = rowsOf(listed, elapsed);
  const starts: number[] = Array.from(functions.line);
  functions.name = Uint32Array.from(starts, (line) => names.of(text(listed.find((row) => row.lineno === line)?.line)));
  functions.end = Uint32Array.from(starts, (line) => lines.find((each) => each.start_function_line === line)?.end_function_line || Math.min(many, ...starts.filter((each) => each > line).map((each) => each - 1)));
  return { path, lines: many, source: file.ext?.source, imports: file.imports, columns, 'functions': { columns: functions }, leaks: Object.entries<Json>(file.leaks ?? {}).map(([line, leak]) => [Number(line), number(leak.likelihood), number(leak.velocity_mb_s)]) };
}

/** Stacks become a preorder tree. Weights are exact where the file has them, else hits in proportion. */
function treeOf(stacks: Json[], exact: Json, total: number, names: Names): { tree: Json; leaves: number[] } {
  const node = { name: [0], file: [0], line: [0], kind: [0], parent: [0] };
  const self = [0], children = new Map<string, number>(), leaves: number[] = [];
  const hits = stacks.reduce((sum, [, n]) => sum + number(n), 0) || 1;
  stacks.forEach(([frames, n]: [Json[], number], i) => {
    let at = 0;
    for (const frame of frames ?? []) {
      const label = text(frame.display_name ?? frame.name), line = number(frame.line ?? frame.code_line);
      const name = names.of(label), file = names.of(text(frame.filename_or_module ?? frame.filename));
      const kind = /^\[(await|wait)\]/.test(label) ? 3 : frame.kind === 'native' ? 2 : 1;
      const key = [at, kind, line, name, file].join();
      let child = children.get(key);
      if (child === undefined) {
        children.set(key, (child = self.push(0) - 1));
        node.name.push(name); node.file.push(file); node.line.push(line); node.kind.push(kind); node.parent.push(at);
      }
      at = child;
    }
    const row = exact?.rows?.[i];
    self[at] += row ? number(row[0]) + number(row[1]) + number(row[2]) + number(row[3]) : (number(n) / hits) * total;
    leaves.push(at);
  });
  if (!stacks.length) return { tree: null, leaves };
  const u32 = (values: number[]) => Uint32Array.from(values);
  return { leaves, tree: { 'metrics': [{ id: 'time', 'label': 'Time', 'unit': 's', 'color': 'cpu-python' }],
    columns: { name: u32(node.name), file: u32(node.file), line: u32(node.line), 'parent': u32(node.parent), kind: Uint8Array.from(node.kind), 'self.time': Float64Array.from(self) } } };
}

/** Threads, and the timeline: an event lasts until the next one of its thread. */
function timelineOf(json: Json, leaves: number[], listed: Json[]): Json {
  const events: Json[] = (json.combined_stacks_timeline ?? []).filter((e: Json) => leaves[e.stack_index] !== undefined);
  const ids: unknown[] = listed.length ? listed.map((t) => t.thread_id || t.tid) : [...new Set(events.map((e) => e.thread_id))];
  const threads = listed.length ? listed.map((t) => ({ ...t, start: t.start_sec, end: t.end_sec, python: t.python_sec, kernel: t.kernel_sec }))
    : ids.map((id) => ({ name: id === json.main_thread_id ? '' : `thread ${id}`, main: id === json.main_thread_id || id === null }));
  if (!events.length) return { threads };
  const next = new Map<unknown, number>(), length = new Float64Array(events.length), t = Float64Array.from(events, (e) => number(e.t_sec) * 1e6);
  for (let i = events.length - 1; i >= 0; i--) {
    length[i] = Math.max(0, (next.get(events[i].thread_id) ?? number(json.elapsed_time_sec) * 1e6) - t[i]);
    next.set(events[i].thread_id, t[i]);
  }
  return { threads, timeline: { columns: { t, length, stack: Uint32Array.from(events, (e) => leaves[e.stack_index]), thread: Uint32Array.from(events, (e) => Math.max(0, ids.indexOf(e.thread_id))) } } };
}
