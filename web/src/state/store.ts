// The state of the page: one signal per thing that can change. Views read signals, handlers call the functions below.
import { batch, computed, effect, signal } from '@preact/signals';
import { parseQuery } from '../model/find';
import { filesByMetric } from '../model/line-rows';
import { selfFromRuns } from '../model/flame';
import { ownSplit } from '../model/own-split';
import type { Delta } from '../model/compare';
import { columnOf, FrameKind, topLines, type FileData, type Profile, type Unit } from '../model/profile';
import { defaults, parseHash, views, writeHash, type UrlState, type ViewName } from './url';

export type Selection =
  | { kind: 'line'; file: number; line: number }
  | { kind: 'frame'; node: number }
  | { kind: 'function'; file: number; row: number }
  | { kind: 'slice'; node: number; thread: number; start: number; end: number };

export const profile = signal<Profile | null>(null);
export const failure = signal(''); // a sentence in place of the page
export const progress = signal('Reading the profile …');
export const notice = signal(''); // a sentence at the bottom of the page, for screen readers, too
export const older = signal<Profile | null>(null); // the second profile of a comparison, opened in the page
export const served = signal<{ version: string; editor: string; token: string } | null>(null);

export const view = signal<ViewName>(defaults.view);
export const fileFilter = signal(''); // path
export const metric = signal(defaults.metric);
export const sort = signal(defaults.sort);
export const query = signal('');
export const range = signal<UrlState['range']>(null);
export const threads = signal<number[]>([]);
export const mode = signal(defaults.mode);
export const context = signal(defaults.context);
export const threshold = signal(defaults.threshold);
export const unit = signal(defaults.unit);
export const shape = signal(defaults.shape);
export const frames = signal(defaults.frames);
export const focus = signal('');
export const order = signal(defaults.order);
export const hidden = signal<string[]>([]);
export const lanes = signal(defaults.lanes);
export const selection = signal<Selection | null>(null);
export const shownChange = signal<{ delta: Delta; unit: Unit } | null>(null); // the row of Compare that the details are about
export const shownFrame = signal(0); // the frame that the flame chart begins with while nothing of it is selected
export const folded = signal<ReadonlySet<string>>(new Set());
export const showSmallFiles = signal(false);
export const panel = signal<'' | 'help' | 'settings' | 'palette' | 'about' | 'proposal' | 'warnings'>('');
export const region = signal<'line' | 'loop' | 'function'>('line'); // what `A`, copy and the proposal are about
export const moment = signal<number | null>(null); // s, of the memory view
export const proposal = signal<{ file: number; line: number; what: 'line' | 'loop' | 'function' } | null>(null);
let other: UrlState['other'] = [];

export const parsedQuery = computed(() => parseQuery(query.value));
export const fileByPath = computed(() => new Map((profile.value?.files ?? []).map((file) => [file.path, file])));
export const currentFile = computed<FileData | null>(() => fileByPath.value.get(fileFilter.value) ?? null);
export const sortedFiles = computed(() => (profile.value ? filesByMetric(profile.value, metric.value) : []));
export const hottest = computed(() => (profile.value ? topLines(profile.value, 'time', 1)[0] ?? null : null));

/** Highest line of a key, over all files: the end of a column's scale. */
const scales = new WeakMap<Profile, Map<string, number>>();
export function scaleOf(p: Profile, key: string): number {
  let known = scales.get(p);
  if (!known) scales.set(p, (known = new Map()));
  let most = known.get(key);
  if (most === undefined) {
    most = p.metrics.find((m) => m.id === key)?.max ?? 0;
    if (!most) for (const file of p.files) for (const v of columnOf(file.lines, key)) if (v > most) most = v;
    known.set(key, most);
  }
  return most;
}

/** Weights of the stacks for a metric, within the chosen range and threads; `whole` = they could not be narrowed. */
export const weights = computed(() => {
  const tree = profile.value?.frames;
  if (!tree || !profile.value) return null;
  const id = tree.metrics.some((m) => m.id === metric.value) ? metric.value : tree.metrics[0]?.id ?? '';
  const info = tree.metrics.find((m) => m.id === id) ?? { id, label: 'time', unit: 's' as const, color: 'cpu-python' };
  const narrowed = range.value !== null || threads.value.length > 0;
  const runs = narrowed ? profile.value.runs : null;
  if (runs && id === tree.metrics[0]?.id) {
    const [from, to] = range.value ?? [0, profile.value.elapsed];
    return { info, whole: false, self: selfFromRuns(tree, runs, from, to, threads.value.length ? new Set(threads.value) : null) };
  }
  return { info, whole: narrowed, self: tree.self.get(id) ?? new Float64Array(tree.count) };
});

/** The same weights, divided: what is Python's own, native, system. Native frames say so themselves; else the lines do. */
export const dividedWeights = computed<{ color: string; self: Float64Array }[]>(() => {
  const p = profile.value, w = weights.value;
  if (!p?.frames || !w) return [];
  const { kind, count } = p.frames, { color } = w.info;
  if (!/^(cpu|mem)/.test(color)) return [{ color, self: w.self }];
  const split = color.startsWith('cpu') ? ownSplit(p) : null;
  const python = new Float64Array(count), native = new Float64Array(count), system = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const n = kind[i] === FrameKind.Native ? 1 : split?.native[i] ?? 0, s = kind[i] === FrameKind.Mark ? 1 : split?.system[i] ?? 0;
    native[i] = w.self[i] * n;
    system[i] = w.self[i] * s;
    python[i] = Math.max(0, w.self[i] - native[i] - system[i]);
  }
  return color.startsWith('cpu') ? [{ color: 'cpu-python', self: python }, { color: 'cpu-native', self: native }, { color: 'cpu-system', self: system }]
    : [{ color: 'mem-python', self: python }, { color: 'mem-native', self: native }];
});

/** Which views this profile can fill. */
export const available = computed<ReadonlySet<ViewName>>(() => {
  const p = profile.value;
  const out = new Set<ViewName>(views);
  if (!p) return out;
  if (!p.hasGpu && !p.metrics.some((m) => /^(gpu|nrt|nc|neuron)/.test(m.id) && m.max > 0)) out.delete('accelerators');
  return out;
});

/** Asked for by keys that leave the focus nowhere: it goes to the view's row or chart. */
export const focusAsked = signal(0);
export const askFocus = (): void => { focusAsked.value++; };

export function show(name: ViewName): void {
  if (available.value.has(name)) view.value = name;
}

export function selectLine(file: number, line: number): void {
  selection.value = { kind: 'line', file, line };
}

/** Shows a line in the Lines view, whatever hides it now. */
export const jump = signal<{ file: number; line: number } | null>(null);
export function goToLine(file: number, line: number): void {
  batch(() => {
    const p = profile.value!;
    if (fileFilter.value && fileFilter.value !== p.files[file].path) fileFilter.value = '';
    folded.value = new Set([...folded.value].filter((each) => each.split(':')[0] !== `${file}`));
    query.value = '';
    sort.value = [];
    showSmallFiles.value = showSmallFiles.value || fileFilter.value === '' && columnOf(p.files[file].lines, 'time').reduce((a, b) => a + b, 0) < threshold.value;
    selectLine(file, line);
    jump.value = { file, line };
    view.value = 'lines';
    askFocus();
  });
}

export function chooseFile(path: string): void {
  batch(() => {
    fileFilter.value = path;
    if (view.value !== 'functions') view.value = 'lines';
    showSmallFiles.value = false;
  });
}

/** A file by its index, or a function by `index:first line`. */
export function toggleFold(what: string): void {
  const next = new Set(folded.value);
  if (!next.delete(what)) next.add(what);
  folded.value = next;
}

export function say(text: string): void {
  notice.value = '';
  notice.value = text;
}

function urlState(): UrlState {
  const chosen = selection.value;
  const p = profile.value;
  const line = chosen?.kind === 'line' && p ? chosen : null;
  return {
    view: view.value, file: fileFilter.value || (line ? p!.files[line.file].path : ''), only: fileFilter.value !== '', line: line?.line ?? 0, metric: metric.value, sort: sort.value,
    query: query.value, range: range.value, threads: threads.value, mode: mode.value, context: context.value, threshold: threshold.value, unit: unit.value,
    shape: shape.value, frames: frames.value, focus: focus.value, order: order.value, hidden: hidden.value, lanes: lanes.value, moment: moment.value,
    other,
  };
}

function apply(hash: string): void {
  const { state, bad } = parseHash(hash);
  const p = profile.value;
  batch(() => {
    view.value = available.value.has(state.view) ? state.view : 'summary';
    const file = fileByPath.value.get(state.file);
    if (state.file && !file && p) bad.push(`f=${state.file}`);
    fileFilter.value = file && (state.only || !state.line) ? file.path : '';
    if (file && state.line >= 1 && state.line <= file.lineCount) {
      selectLine(file.index, state.line);
      jump.value = { file: file.index, line: state.line };
    }
    metric.value = state.metric; sort.value = state.sort; query.value = state.query; threads.value = state.threads; mode.value = state.mode;
    context.value = state.context; threshold.value = state.threshold; unit.value = state.unit; shape.value = state.shape; frames.value = state.frames; focus.value = state.focus; order.value = state.order; hidden.value = state.hidden; lanes.value = state.lanes;
    moment.value = state.moment !== null && p && state.moment <= p.elapsed ? state.moment : null;
    range.value = state.range && p && state.range[0] < p.elapsed ? [state.range[0], Math.min(p.elapsed, state.range[1])] : null;
    other = state.other;
  });
  if (bad.length) say(`The address holds something this profile does not know: ${bad.join(', ')}`);
}

let memoryHash = ''; // where the address may not be written: sandboxed frames
const readHash = () => { try { return location.hash || memoryHash; } catch { return memoryHash; } };

/** Reads the address once, then keeps it up to date. Called when the profile is there. */
export function connectUrl(): void {
  apply(readHash());
  effect(() => {
    const hash = writeHash(urlState());
    if (hash === readHash()) return;
    memoryHash = hash;
    try { history.replaceState(null, '', hash); } catch { /* a sandboxed frame: memory has to do */ }
  });
  addEventListener('hashchange', () => { if (location.hash !== memoryHash) apply(location.hash); });
}
