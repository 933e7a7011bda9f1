// Lanes of the timeline: runs of one thread, as nested frames over time. Neighbouring runs that share a frame at some depth
// are drawn as one.
import { FrameKind, type FrameTree, type Profile, type Runs } from './profile';
import { functionIds } from './flame';
import { ownSplit } from './own-split';

export interface Slice { start: number; end: number; depth: number; node: number; own: number[] } // own: begins and ends of what is the frame's own

const plenty = 0.12; // of a lane's time: levels with less are slivers

export interface Lane {
  thread: number; // -1: all threads interleaved
  label: string;
  busy: number; // share of the range with a run
  slices: Slice[];
  depth: number;
  shown: number; // levels that hold more than slivers
}

const deepest = 64;

/** Nested slices of the runs that pass `wanted`, within a range. A gap longer than `bridge` s ends the frames around it. */
export function slicesOf(tree: FrameTree, runs: Runs, wanted: (thread: number) => boolean, from: number, to: number, bridge: number): { slices: Slice[]; depth: number; busy: number } {
  const ids = functionIds(tree);
  const slices: Slice[] = [];
  let open: Slice[] = [];
  let depth = 0, busy = 0, last = -Infinity, working: Slice | null = null;
  const path: number[] = [];
  for (let i = 0; i < runs.count; i++) {
    if (!wanted(runs.thread[i])) continue;
    const start = Math.max(from, runs.start[i]), end = Math.min(to, runs.start[i] + runs.length[i]);
    if (end <= start || runs.frame[i] >= tree.count) continue;
    busy += end - start;
    path.length = 0;
    for (let node = runs.frame[i]; node !== 0; node = tree.parent[node]) path.push(node);
    path.reverse();
    const cut = path.length > deepest;
    if (cut) path.length = deepest;
    if (start - last > bridge) { open = []; working = null; }
    let same = 0;
    while (same < open.length && same < path.length && ids[open[same].node] === ids[path[same]]) open[same++].end = end;
    open.length = same;
    for (let d = same; d < path.length; d++) {
      const slice = { start, end, depth: d, node: path[d], own: [] };
      slices.push(slice);
      open.push(slice);
    }
    const worker: Slice | null = cut || !open.length ? null : open[open.length - 1];
    if (worker && worker === working) worker.own[worker.own.length - 1] = end;
    else worker?.own.push(start, end);
    working = worker;
    depth = Math.max(depth, path.length);
    last = Math.max(last, end);
  }
  return { slices, depth, busy };
}

function levels(slices: Slice[], busy: number): number {
  const time: number[] = [];
  for (const { start, end, depth } of slices) time[depth] = (time[depth] ?? 0) + end - start;
  let many = 1;
  time.forEach((sum, depth) => { if (sum >= busy * plenty) many = depth + 1; });
  return many;
}

export function lanes(profile: Profile, from: number, to: number, bridge: number, mode: 'swimlanes' | 'interleaved', chosen: ReadonlySet<number> | null): Lane[] {
  const { frames, runs, threads } = profile;
  if (!frames || !runs || !runs.count) return [];
  const wanted = (thread: number) => !chosen || chosen.has(thread);
  const place = (thread: number) => profile.processes.findIndex((each) => each.pid === threads[thread]?.pid);
  if (mode === 'interleaved') {
    const { slices, depth, busy } = slicesOf(frames, runs, wanted, from, to, bridge);
    return [{ thread: -1, label: 'all threads', busy: busy / (to - from), slices, depth, shown: levels(slices, busy) }];
  }
  const seen = new Set(runs.thread);
  const order = [...seen].filter(wanted).sort((x, y) => place(x) - place(y) || Number(threads[y]?.main ?? 0) - Number(threads[x]?.main ?? 0) || x - y);
  return order.map((thread) => {
    const { slices, depth, busy } = slicesOf(frames, runs, (each) => each === thread, from, to, bridge);
    return { thread, label: threads[thread]?.name ?? `thread ${thread}`, busy: busy / (to - from), slices, depth, shown: levels(slices, busy) };
  });
}

/** Seconds in a range by what the threads did, waits apart. */
export function timeByKind(profile: Profile, from: number, to: number, chosen: ReadonlySet<number> | null): { python: number; native: number; system: number } {
  const out = { python: 0, native: 0, system: 0 };
  const { frames, runs } = profile;
  if (!frames || !runs) return out;
  const split = ownSplit(profile);
  for (let i = 0; i < runs.count; i++) {
    const inside = Math.min(to, runs.start[i] + runs.length[i]) - Math.max(from, runs.start[i]), node = runs.frame[i];
    if (inside <= 0 || (chosen && !chosen.has(runs.thread[i]))) continue;
    const overlap = inside * (runs.hits[i] / runs.length[i]);
    const native = frames.kind[node] === FrameKind.Native ? 1 : split?.native[node] ?? 0, system = frames.kind[node] === FrameKind.Mark ? 1 : split?.system[node] ?? 0;
    out.native += overlap * native;
    out.system += overlap * system;
    out.python += overlap * (1 - native - system);
  }
  return out;
}
