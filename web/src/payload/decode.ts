// Payload bytes → Profile. The format is docs/payload.md; this file is the only one that knows it.
import { emptyRows, shortNames } from '../model/profile';
import type { Before, FileData, FrameTree, FunctionRows, MetricColumns, Part, Profile, Regions, Rows, Runs, Totals, Track } from '../model/profile';

type Json = any; // the header, as the writer made it; every access names its default. Keys that the model has, too, stand in quotes: the build shortens the model's
type Place = [offset: number, count: number, type: string];

export class PayloadError extends Error {}

const version = 1;

export function decodePayload(bytes: Uint8Array): Profile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 16 || view.getUint32(0, true) !== 0x504c4353) throw new PayloadError('This is not a Scalene profile.');
  if (view.getUint32(4, true) > version) throw new PayloadError('This profile was written by a newer Scalene. Please open it with that version.');
  const headerBytes = view.getUint32(8, true), blobBytes = view.getUint32(12, true);
  const blobAt = (16 + headerBytes + 7) & ~7;
  if (blobAt + blobBytes > bytes.length)
    throw new PayloadError(`This profile is cut off: ${bytes.length} of ${blobAt + blobBytes} bytes are here.`);
  let header: Json;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(16, 16 + headerBytes)));
  } catch {
    throw new PayloadError('The header of this profile is damaged.');
  }
  return profileOf(header, new Columns(bytes.subarray(blobAt, blobAt + blobBytes)));
}

const sizes: Record<string, number> = { u32: 4, i32: 4, f32: 4, f64: 8 }; // bytes; others have one and more

/** The columns of the payload, views of its bytes where these are aligned. A column that is an array (or text) already stays as it is. */
export class Columns {
  constructor(private readonly bytes: Uint8Array) {}

  /** Ends with an error where a column does not lie inside. */
  check(place: Place): void {
    if (!Array.isArray(place)) return;
    const [offset, count, type] = place;
    if (!(offset >= 0) || !(count >= 0) || offset + count * (sizes[type] ?? 1) > this.bytes.length) throw new PayloadError('A column of this profile lies outside of it.');
  }
  private slice([offset, count]: Place, size: number): Uint8Array {
    this.check([offset, count * size, 'u8']);
    return this.bytes.subarray(offset, offset + count * size);
  }
  private numbers<T>(place: Place, Numbers: { new (buffer: ArrayBufferLike, offset: number, length: number): T; BYTES_PER_ELEMENT: number }): T {
    let part = this.slice(place, Numbers.BYTES_PER_ELEMENT);
    if (part.byteOffset % Numbers.BYTES_PER_ELEMENT) part = part.slice();
    return new Numbers(part.buffer, part.byteOffset, place[1]);
  }
  u8(place: Place): Uint8Array { return Array.isArray(place) ? this.slice(place, 1) : place; }
  u32(place: Place): Uint32Array {
    if (!Array.isArray(place)) return place;
    if (place[2] === 'dvar') return this.dvar(place, new Uint32Array(place[1]));
    if (place[2] === 'u8') return new Uint32Array(this.u8(place));
    return this.numbers(place, Uint32Array);
  }
  f32(place: Place): Float32Array {
    if (!Array.isArray(place)) return place;
    switch (place[2]) {
      case 'f32': return this.numbers(place, Float32Array);
      case 'f64': return new Float32Array(this.f64(place));
      default: return new Float32Array(this.u32(place));
    }
  }
  f64(place: Place): Float64Array {
    if (!Array.isArray(place)) return place;
    return place[2] === 'f64' ? this.numbers(place, Float64Array) : new Float64Array(this.f32(place));
  }
  text(place: Place): string { return typeof place === 'string' ? place : new TextDecoder().decode(this.slice(place, 1)); }
  /** Differences, zigzag, LEB128. Whole numbers up to 2^53. */
  dvar(place: Place): Float64Array;
  dvar<T extends Uint32Array | Float64Array>(place: Place, out: T): T;
  dvar(place: Place, out?: Uint32Array | Float64Array): Uint32Array | Float64Array {
    if (!Array.isArray(place)) return place;
    const [offset, count] = place;
    out ??= new Float64Array(count);
    const { bytes } = this;
    let at = offset, sum = 0;
    for (let i = 0; i < count; i++) {
      let low = 0, factor = 1, byte = bytes[at];
      if (byte < 128) { // nearly all of them
        at++;
        out[i] = sum += (byte >> 1) ^ -(byte & 1);
        continue;
      }
      do {
        if (at >= bytes.length || factor > 2 ** 63) throw new PayloadError('A column of this profile is damaged.');
        byte = bytes[at++];
        low += (byte & 127) * factor;
        factor *= 128;
      } while (byte & 128);
      sum += low % 2 ? -(low + 1) / 2 : low / 2;
      out[i] = sum;
    }
    return out;
  }
}

export function profileOf(header: Json, blob: Columns): Profile {
  const strings: string[] = header['strings'] ?? [''];
  const paths: string[] = (header.files ?? []).map((file: Json) => String(file.path));
  const names = shortNames(paths);
  const elapsed = number(header['elapsed']);
  const files: FileData[] = (header.files ?? []).map((file: Json, index: number) => fileOf(file, index, names[index], elapsed, strings, blob));
  const modes: string[] = header.modes ?? [];
  let runs: Runs | null | undefined; // read when they are asked for
  const footprint = header['footprint']?.columns ?? {};
  const t = footprint.t ? blob.f64(footprint.t) : new Float64Array(0);
  return {
    program: header.program ?? '',
    name: nameOf(header.program ?? ''),
    args: header.args ?? [],
    python: header.python ?? '',
    started: number(header.started),
    elapsed,
    running: header.exit?.partial === true,
    exit: exitOf(header.exit ?? {}),
    reference: header.reference === true,
    interval: number(header.interval),
    hasMemory: modes.includes('memory'),
    hasGpu: modes.includes('gpu'),
    hasAwait: modes.includes('async'),
    device: header.gpu_device ?? '',
    host: hostOf(header.host ?? {}), cpus: number(header.host?.usable),
    totals: totalsOf(header['totals'] ?? {}, number(header.total)),
    metrics: (header['metrics'] ?? []).map((metric: Json) => ({
      id: metric.id, label: metric['label'], unit: metric['unit'], merge: metric.merge, color: metric['color'] || 'neutral', hideBelow: number(metric.hide_below),
      help: metric.help ?? '', total: number(metric.total), max: number(metric.max),
    })),
    table: (header.table ?? []).map((column: Json) => ({
      id: column.id, label: column['label'], kind: column.kind, metrics: column['metrics'] ?? [], split: column.split ?? '',
    })),
    files,
    outside: number(header.outside?.sec),
    hiddenFiles: header.hidden?.files ?? [],
    hiddenCount: number(header.hidden?.['count']),
    footprint: { t, mb: footprint.mb ? blob.f64(footprint.mb) : new Float64Array(t.length) },
    footprintPython: footprint.python ? blob.f64(footprint.python) : null,
    load: loadOf(header.overview, blob),
    peak: number(header.peak?.mb),
    peakPython: number(header.peak?.python),
    peakFile: header.peak?.file ?? '',
    peakLine: number(header.peak?.line),
    growth: number(header.growth),
    gil: header.gil ?? null,
    frames: treeOf(header.tree, strings, blob),
    get runs() { return runs !== undefined ? runs : (runs = runsOf(header.timeline?.columns, blob)); },
    tracks: (header.tracks ?? []).map((track: Json) => trackOf(track, blob)),
    threads: (header.threads ?? []).map((thread: Json) => ({
      name: thread.name || (thread.main ? 'MainThread' : `thread ${thread.tid ?? ''}`), pid: number(thread.pid), tid: number(thread.tid), main: !!thread.main,
      start: number(thread.start), end: number(thread.end) || elapsed, python: number(thread.python), native: number(thread.native_sec),
      kernel: number(thread.kernel), alloc: number(thread.alloc_mb), waits: Object.entries<number>(thread.waits ?? {}).sort((x, y) => y[1] - x[1]),
    })),
    processes: (header.processes ?? []).map((process: Json) => ({
      pid: number(process.pid), parent: number(process.ppid), how: process.how ?? '', argv: process.argv ?? [], python: process.python ?? '', start: number(process.start),
      end: number(process.end), cpu: number(process.cpu), idle: number(process.idle), maxFootprint: number(process.peak_mb), maxRss: number(process.rss_mb),
      samples: number(process.samples), profiled: process.profiled !== false,
    })),
    headline: partsOf(header.headline),
    insights: (header.insights ?? []).map((insight: Json) => ({
      rule: insight.rule ?? '', color: insight['color'] || 'neutral', title: insight.title ?? '', parts: partsOf(insight.parts), value: insight.value ?? '', share: number(insight.share),
      evidence: (insight.evidence ?? []).filter((e: Json) => files[e.file]).map((e: Json) => ({ file: e.file, line: number(e.line), end: number(e.end), function: e.function ?? '' })),
    })),
    reasons: (header.reasons ?? []).filter((reason: Json) => files[reason.file]).map((reason: Json) => ({ file: reason.file, line: reason.line, parts: partsOf(reason.parts) })),
    losses: header.losses ?? [],
    warnings: header.warnings ?? [],
    notes: header.notes ?? [],
    before: beforeOf(header, files, blob),
  };
}

const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const nameOf = (path: string): string => path.split('/').pop() || path || 'profile';

function partsOf(parts: Json): Part[] {
  if (typeof parts === 'string') return [parts];
  return Array.isArray(parts) ? parts.map((part) => (Array.isArray(part) ? [part[0], String(part[1])] : String(part)) as Part) : [];
}

function exitOf(exit: Json): string {
  if (exit.partial) return 'still running';
  if (exit.signal) return `signal ${exit.signal}`;
  return exit.status ? `status ${exit.status}` : '';
}

function hostOf(host: Json): string {
  return [host.os, host.kernel, host.arch, host.cpus && `${host.cpus} CPUs`].filter(Boolean).join(' · ');
}

function totalsOf(totals: Json, total: number): Totals {
  const python = number(totals.python), native = number(totals.native), kernel = number(totals.kernel), idle = number(totals.idle);
  return {
    total: total || python + native + kernel + idle, python, native, kernel, idle, await: number(totals.await),
    samples: number(totals.cpu_samples) + number(totals.off_cpu_samples), alloc: number(totals.alloc_mb), copy: number(totals.copy_mb), gpu: number(totals.gpu_sec),
  };
}

/** Columns of rows, without those that are about something else than a metric. */
const notMetrics = new Set(['line', 'text', 'name', 'end', 'total', 'ci95.low', 'ci95.high']);
const isMetric = (name: string) => !notMetrics.has(name) && !/^(spark|region|loop|function|before)\./.test(name);

function rowsOf(columns: Json, elapsed: number, blob: Columns): Rows {
  const rows = emptyRows();
  rows.line = columns.line ? blob.u32(columns.line) : rows.line;
  rows.count = rows.line.length;
  rows.columns = new LazyColumns(columns, blob);
  rows.low = columns['ci95.low'] ? blob.f32(columns['ci95.low']) : columns['ci95.high'] ? new Float32Array(rows.count) : null;
  rows.high = columns['ci95.high'] ? blob.f32(columns['ci95.high']) : null;
  if (columns['spark.count']) rows.spark = sparksOf(columns, elapsed, blob);
  return rows;
}

/** The columns of some rows that are metrics. That they lie inside the payload is known from the beginning. */
class LazyColumns implements MetricColumns {
  private readonly known = new Map<string, Float32Array>();
  constructor(private readonly places: Record<string, Place>, private readonly blob: Columns) {
    for (const name in places) blob.check(places[name]);
  }
  has(metric: string): boolean { return Object.hasOwn(this.places, metric) && isMetric(metric); }
  get(metric: string): Float32Array | undefined {
    let column = this.known.get(metric);
    if (!column && this.has(metric)) this.known.set(metric, (column = this.blob.f32(this.places[metric])));
    return column;
  }
}

/** Where each row's curve lies; a curve is made when it is asked for. */
function sparksOf(columns: Json, elapsed: number, blob: Columns): Rows['spark'] {
  const counts = blob.u8(columns['spark.count']);
  const row = columns['spark.row'] ? blob.u32(columns['spark.row']) : new Uint32Array(counts.length);
  const max = columns['spark.max'] ? blob.f32(columns['spark.max']) : new Float32Array(counts.length);
  const t = columns['spark.t'] && blob.u8(columns['spark.t']), v = columns['spark.v'] && blob.u8(columns['spark.v']);
  return (wanted) => {
    const i = row.indexOf(wanted);
    if (i < 0) return undefined;
    let at = 0;
    for (let k = 0; k < i; k++) at += counts[k];
    const scaled = (points: Uint8Array | undefined, most: number) => Float64Array.from({ length: counts[i] }, (_, k) => ((points?.[at + k] ?? 0) / 255) * most);
    return { t: scaled(t, elapsed), mb: scaled(v, max[i]) };
  };
}

function fileOf(file: Json, index: number, name: string, elapsed: number, strings: string[], blob: Columns): FileData {
  const columns = file.columns ?? {};
  const lineCount = number(file.lines);
  let functions: FunctionRows | undefined;
  let text: string | null | undefined, source: string[] | null | undefined, regions: Regions | null | undefined;
  const readText = () => (text !== undefined ? text : (text = columns.text ? blob.text(columns.text) : null));
  return {
    index,
    path: file.path,
    name,
    lineCount,
    lines: { ...rowsOf(columns, elapsed, blob), holders: file.holders ?? {} },
    get functions() { return (functions ??= functionsOf(file['functions'] ?? {}, elapsed, strings, blob)); },
    leaks: (file.leaks ?? []).map(([line, likelihood, velocity]: number[]) => ({ line, likelihood, velocity })),
    imports: file.imports ?? [],
    changed: file.source ?? '',
    text: readText,
    source: () => (source !== undefined ? source : (source = readText()?.split('\n') ?? null)),
    regions: () => (regions !== undefined ? regions : (regions = regionsOf(columns, lineCount, blob))),
  };
}

function regionsOf(columns: Json, lineCount: number, blob: Columns): Regions | null {
  if (!columns['region.start'] && !columns['function.start']) return null;
  const known: Record<string, Uint32Array> = {};
  const read = (name: string) => (known[name] ??= columns[name] ? blob.u32(columns[name]) : new Uint32Array(lineCount));
  return {
    get regionStart() { return read('region.start'); }, get regionEnd() { return read('region.end'); },
    get loopStart() { return read('loop.start'); }, get loopEnd() { return read('loop.end'); },
    get functionStart() { return read('function.start'); }, get functionEnd() { return read('function.end'); },
  };
}

function functionsOf({ columns = {}, holders = {} }: Json, elapsed: number, strings: string[], blob: Columns): FunctionRows {
  const rows = rowsOf(columns, elapsed, blob);
  const names = columns.name ? blob.u32(columns.name) : new Uint32Array(rows.count);
  let texts: string[] | undefined;
  return {
    ...rows,
    holders,
    get name() { return (texts ??= Array.from(names, (i) => strings[i] ?? '')); },
    end: columns.end ? blob.u32(columns.end) : rows.line,
    total: columns.total ? blob.f32(columns.total) : null,
  };
}

function treeOf(tree: Json, strings: string[], blob: Columns): FrameTree | null {
  const columns = tree?.columns;
  if (!columns?.kind) return null;
  const kind = blob.u8(columns.kind);
  const read = (name: string) => (columns[name] ? blob.u32(columns[name]) : new Uint32Array(kind.length));
  const metrics = (tree['metrics'] ?? []).map((metric: Json) => ({ id: metric.id, label: metric['label'], unit: metric['unit'], color: metric['color'] || 'neutral' }));
  const self = new Map<string, Float64Array>();
  for (const { id } of metrics) self.set(id, columns[`self.${id}`] ? blob.f64(columns[`self.${id}`]) : new Float64Array(kind.length));
  const parent = read('parent');
  for (let i = 1; i < parent.length; i++) if (parent[i] >= i) throw new PayloadError('The stacks of this profile are damaged.');
  return { count: kind.length, parent, name: read('name'), file: read('file'), line: read('line'), kind, strings, self, metrics };
}

function runsOf(columns: Json, blob: Columns): Runs | null {
  if (!columns?.length) return null;
  const length = blob.dvar(columns.length).map((us) => us / 1e6);
  const read = (name: string) => (columns[name] ? blob.u32(columns[name]) : new Uint32Array(length.length));
  return { count: length.length, start: columns.t ? blob.dvar(columns.t).map((us) => us / 1e6) : new Float64Array(length.length), length, hits: columns.hits ? blob.dvar(columns.hits).map((us) => us / 1e6) : length, frame: read('stack'), thread: read('thread') };
}

function trackOf(track: Json, blob: Columns): Track {
  const { columns = {} } = track;
  const length = columns.length ? blob.dvar(columns.length) : new Float64Array(0);
  const start = columns.t ? blob.dvar(columns.t) : new Float64Array(length.length);
  return { id: track.id, label: track['label'] ?? track.id, spans: Array.from(length, (us, i) => [start[i] / 1e6, us / 1e6]) };
}

function loadOf(overview: Json, blob: Columns): Profile['load'] {
  const bins = number(overview?.bins);
  if (!bins) return null;
  const read = (name: string) => (overview.columns?.[name] ? blob.f32(overview.columns[name]) : new Float32Array(bins));
  return { bins, python: read('python'), native: read('native'), system: read('system'), idle: read('idle') };
}

/** The columns named `before.X`, as rows of their own beside the same lines. */
function beforeRows(columns: Json, rows: Rows, blob: Columns): Rows {
  const older: Json = {};
  for (const [name, place] of Object.entries(columns)) if (name.startsWith('before.')) older[name.slice(7)] = place;
  return { ...rowsOf(older, 0, blob), line: rows.line, count: rows.count };
}

function beforeOf(header: Json, files: FileData[], blob: Columns): Before | null {
  const { compare } = header;
  if (!compare) return null;
  const lines = new Map<number, Rows>(), functions = new Map<number, Rows>(), frames = new Map<string, Float64Array>();
  header.files?.forEach((file: Json, index: number) => {
    lines.set(index, beforeRows(file.columns ?? {}, files[index].lines, blob));
    functions.set(index, beforeRows(file['functions']?.columns ?? {}, files[index].functions, blob));
  });
  for (const [name, place] of Object.entries<Place>(header.tree?.columns ?? {}))
    if (name.startsWith('before.self.')) frames.set(name.slice(12), blob.f64(place));
  return {
    program: compare.program ?? '', elapsed: number(compare['elapsed']), total: number(compare.total), started: number(compare.started), peak: number(compare.peak_mb),
    totals: totalsOf(compare['totals'] ?? {}, number(compare.total)), lines, functions, frames, gone: compare.gone ?? [],
  };
}
