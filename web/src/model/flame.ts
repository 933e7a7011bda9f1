// Flame charts: from the tree of stacks to merged, ordered and placed frames. Loops and parent indices throughout: a stack
// of 5,000 frames must not be able to overflow ours.
import type { OwnSplit } from './own-split';
import { FrameKind, type FrameTree, type Runs } from './profile';

export type Shape = 'down' | 'inverted' | 'sandwich';
export type Order = 'heavy' | 'name';
export type Show = 'python' | 'native' | 'both';

export interface FlameOptions {
  self: Float64Array; // weights of the tree's nodes, without callees
  split: OwnSplit | null; // how they divide
  shape: Shape;
  order: Order;
  show: Show;
  hidden: ReadonlySet<number>; // functions (see functionIds)
  focus: number; // a function that alone is shown with its callees (sandwich: its callers, too), -1 = all
  subtree: number; // a node of the tree that becomes the root, -1 = all
  collapse: boolean; // a function directly below itself is drawn once
}

/** Placed frames. Node 0 is the root and spans 0..1. `x` and `width` are shares of the root. */
export interface Flame {
  count: number;
  parent: Uint32Array;
  depth: Uint16Array;
  node: Uint32Array; // a node of the tree that this frame stands for
  id: Uint32Array; // its function
  whole: number; // of the profile: what shares are shares of
  self: Float64Array;
  native: Float64Array; // parts of self
  system: Float64Array;
  total: Float64Array;
  x: Float64Array;
  rows: Uint32Array[]; // frames of each depth, left to right: pieces of `placed`
  placed: Uint32Array; // all frames in sight, depth by depth
  first: Uint32Array; // where in `placed` a frame's children begin
  end: Uint32Array;
  callers: Flame | null; // sandwich: the part above
}

const functions = new WeakMap<FrameTree, Uint32Array>();

/** A number per node that is equal for nodes of one function: same name, file and kind. Lines don't matter. */
export function functionIds(tree: FrameTree): Uint32Array {
  let ids = functions.get(tree);
  if (ids) return ids;
  ids = new Uint32Array(tree.count);
  const known = new Map<number, Map<number, number>>();
  let next = 0;
  for (let i = 0; i < tree.count; i++) {
    const key = tree.name[i] * 4 + tree.kind[i];
    let files = known.get(key);
    if (!files) known.set(key, (files = new Map()));
    let id = files.get(tree.file[i]);
    if (id === undefined) files.set(tree.file[i], (id = next++));
    ids[i] = id;
  }
  functions.set(tree, ids);
  return ids;
}

const totals = new WeakMap<Float64Array, Float64Array>();
export function totalsOf(tree: FrameTree, self: Float64Array): Float64Array {
  let total = totals.get(self);
  if (total) return total;
  totals.set(self, (total = self.slice()));
  for (let i = tree.count - 1; i > 0; i--) total[tree.parent[i]] += total[i];
  return total;
}

/** Weights of the nodes from the timeline, within a range and for some threads. */
export function selfFromRuns(tree: FrameTree, runs: Runs, from: number, to: number, threads: ReadonlySet<number> | null): Float64Array {
  const self = new Float64Array(tree.count);
  for (let i = 0; i < runs.count; i++) {
    if (threads && !threads.has(runs.thread[i])) continue;
    const overlap = Math.min(to, runs.start[i] + runs.length[i]) - Math.max(from, runs.start[i]);
    if (overlap > 0 && runs.frame[i] < tree.count) self[runs.frame[i]] += overlap * (runs.hits[i] / runs.length[i]);
  }
  return self;
}

/** Grows a tree of merged frames. */
class Builder {
  parent: number[] = [0];
  node: number[];
  id: number[];
  weight: number[] = [0]; // what is not passed on to a child
  self: number[] = [0];
  native: number[] = [0];
  system: number[] = [0];
  private slots = new Uint32Array(1 << 12); // frames by parent and function, open addressing, at most half full

  constructor(rootNode: number, rootId: number, readonly options: FlameOptions) {
    this.node = [rootNode];
    this.id = [rootId];
  }
  child(parent: number, id: number, node: number): number {
    const { slots } = this;
    let at = this.hash(parent, id);
    for (; slots[at]; at = (at + 1) & (slots.length - 1)) if (this.parent[slots[at]] === parent && this.id[slots[at]] === id) return slots[at];
    const child = this.parent.length;
    slots[at] = child;
    this.parent.push(parent); this.node.push(node); this.id.push(id); this.weight.push(0); this.self.push(0); this.native.push(0); this.system.push(0);
    if (child * 2 > slots.length) this.grow();
    return child;
  }
  private hash(parent: number, id: number): number {
    const mixed = Math.imul(Math.imul(parent, 0x9e3779b1) ^ id, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & (this.slots.length - 1);
  }
  private grow(): void {
    const slots = (this.slots = new Uint32Array(this.slots.length * 4));
    for (let child = 1; child < this.parent.length; child++) {
      let at = this.hash(this.parent[child], this.id[child]);
      while (slots[at]) at = (at + 1) & (slots.length - 1);
      slots[at] = child;
    }
  }
  /** Adds the own weight of a node of the tree to a frame, which `end` may show the way to. */
  add(at: number, node: number, end = at): void {
    const { self, split } = this.options;
    this.weight[end] += self[node];
    this.self[at] += self[node];
    if (!split) return;
    this.native[at] += self[node] * split.native[node];
    this.system[at] += self[node] * split.system[node];
  }
}

export function flame(tree: FrameTree, options: FlameOptions): Flame {
  const ids = functionIds(tree);
  const visible = visibility(tree, ids, options);
  if (options.shape === 'sandwich' && options.focus >= 0) {
    const callees = place(downFrom(tree, ids, visible, options, options.focus), tree, options.order);
    callees.callers = place(upFrom(tree, ids, visible, options, options.focus), tree, options.order);
    return callees;
  }
  if (options.shape === 'inverted') return place(inverted(tree, ids, visible, options), tree, options.order);
  return place(downFrom(tree, ids, visible, options, options.focus), tree, options.order);
}

function visibility(tree: FrameTree, ids: Uint32Array, { show, hidden, collapse }: FlameOptions): Uint8Array {
  const visible = new Uint8Array(tree.count);
  for (let i = 1; i < tree.count; i++) {
    const kind = tree.kind[i];
    if (show === 'python' && kind === FrameKind.Native) continue;
    if (show === 'native' && kind === FrameKind.Python) continue;
    if (hidden.has(ids[i])) continue;
    if (collapse && ids[i] === ids[tree.parent[i]]) continue;
    visible[i] = 1;
  }
  return visible;
}

/** Top-down. With a focus, only the outermost frames of that function and what they call. */
function downFrom(tree: FrameTree, ids: Uint32Array, visible: Uint8Array, options: FlameOptions, focus: number): Builder {
  const root = focus >= 0 ? ids.indexOf(focus) : Math.max(0, options.subtree);
  const builder = new Builder(root, focus >= 0 ? focus : ids[root], options);
  const outside = 0xffffffff;
  const at = new Uint32Array(tree.count).fill(outside);
  const whole = focus < 0 && options.subtree < 0;
  if (whole) at[0] = 0;
  for (let i = 0; i < tree.count; i++) {
    const above = i === 0 ? outside : at[tree.parent[i]];
    if (above === outside) {
      if (focus >= 0 ? ids[i] === focus : i === root) at[i] = 0;
    } else at[i] = visible[i] ? builder.child(above, ids[i], i) : above;
    if (at[i] !== outside) builder.add(at[i], i);
  }
  return builder;
}

/** Callers of a function: weight of its outermost frames, passed on to their callers. */
function upFrom(tree: FrameTree, ids: Uint32Array, visible: Uint8Array, options: FlameOptions, focus: number): Builder {
  const builder = new Builder(ids.indexOf(focus), focus, options);
  const total = totalsOf(tree, options.self);
  const within = new Uint8Array(tree.count);
  for (let i = 1; i < tree.count; i++) {
    within[i] = within[tree.parent[i]] || (ids[i] === focus ? 2 : 0);
    if (ids[i] !== focus || within[tree.parent[i]] || total[i] <= 0) continue;
    let at = 0;
    for (let up = tree.parent[i]; up !== 0; up = tree.parent[up]) if (visible[up]) at = builder.child(at, ids[up], up);
    builder.weight[at] += total[i];
  }
  return builder;
}

const inversionDepth = 400; // callers further away are left out of the inverted chart

/** Bottom-up: every frame with time of its own becomes a root; below it, who called it. */
function inverted(tree: FrameTree, ids: Uint32Array, visible: Uint8Array, options: FlameOptions): Builder {
  const builder = new Builder(0, ids[0], options);
  for (let i = 0; i < tree.count; i++) {
    if (!options.self[i]) continue;
    let at = 0, depth = 0, worker = 0;
    for (let up = i; up !== 0 && depth < inversionDepth; up = tree.parent[up]) {
      if (!visible[up]) continue;
      at = builder.child(at, ids[up], up);
      if (!depth++) worker = at;
    }
    builder.add(worker, i, at);
  }
  return builder;
}

function place(builder: Builder, tree: FrameTree, order: Order): Flame {
  const count = builder.parent.length;
  const parent = Uint32Array.from(builder.parent), node = Uint32Array.from(builder.node), id = Uint32Array.from(builder.id);
  const total = Float64Array.from(builder.weight);
  for (let i = count - 1; i > 0; i--) total[parent[i]] += total[i]; // children are made after their parents
  const label = (i: number) => tree.strings[tree.name[node[i]]] ?? '';
  const siblings = childrenInOrder(parent, count, order === 'heavy' ? (x, y) => total[y] - total[x] || x - y : (x, y) => (label(x) < label(y) ? -1 : label(x) > label(y) ? 1 : x - y));
  const depth = new Uint16Array(count), x = new Float64Array(count), used = new Float64Array(count);
  const queue = new Uint32Array(count), first = new Uint32Array(count), end = new Uint32Array(count);
  let head = 0, tail = 1, level = 0;
  const rows: Uint32Array[] = [];
  while (head < tail) {
    if (head === level) rows.push(queue.subarray(level, (level = tail))); // what stands in the queue is one level
    const at = queue[head++];
    first[at] = tail;
    for (let k = siblings.start[at]; k < siblings.start[at + 1]; k++) {
      const child = siblings.list[k];
      if (total[child] <= 0) continue;
      depth[child] = Math.min(65535, depth[at] + 1);
      x[child] = x[at] + used[at];
      used[at] += total[child];
      queue[tail++] = child;
    }
    end[at] = tail;
  }
  for (let i = 0, all = total[0] || 1; i < count; i++) x[i] /= all;
  return { count, parent, depth, node, id, whole: totalsOf(tree, builder.options.self)[0] || 1, self: Float64Array.from(builder.self), native: Float64Array.from(builder.native), system: Float64Array.from(builder.system), total, x, rows, placed: queue, first, end, callers: null };
}

/** All frames, those of one parent together and in order. */
function childrenInOrder(parent: Uint32Array, count: number, order: (x: number, y: number) => number): { start: Uint32Array; list: Uint32Array } {
  const start = new Uint32Array(count + 1), list = new Uint32Array(Math.max(0, count - 1));
  for (let i = 1; i < count; i++) start[parent[i] + 1]++;
  for (let i = 0; i < count; i++) start[i + 1] += start[i];
  const next = start.slice();
  for (let i = 1; i < count; i++) list[next[parent[i]]++] = i;
  for (let i = 0; i < count; i++) {
    const from = start[i], to = start[i + 1];
    if (to - from === 2 && order(list[from], list[from + 1]) > 0) list.subarray(from, to).reverse();
    else if (to - from > 2) list.subarray(from, to).sort(order);
  }
  return { start, list };
}

export const widthOf = (f: Flame, i: number): number => f.total[i] / (f.total[0] || 1);

/** The frame at a share and depth, or -1. */
export function frameAt(f: Flame, share: number, depth: number): number {
  const row = f.rows[depth];
  if (!row) return -1;
  let low = 0, high = row.length - 1, found = -1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (f.x[row[middle]] <= share) { found = row[middle]; low = middle + 1; } else high = middle - 1;
  }
  return found >= 0 && share < f.x[found] + widthOf(f, found) ? found : -1;
}

/** Where to begin: at the widest frame of a node's function, else where most own weight is. */
export function startOf(f: Flame, id: number): number {
  let best = 0;
  for (let i = 1; i < f.count; i++)
    if (id >= 0 ? f.id[i] === id && (best === 0 || f.total[i] > f.total[best]) : best === 0 || f.self[i] > f.self[best]) best = i;
  return best;
}

/** Frames in sight whose function passes, level by level, and the weight in and below them, once per stack. */
export function matchesOf(f: Flame, passes: Uint8Array): { frames: number[]; weight: number } {
  const within = new Uint8Array(f.count), frames: number[] = [];
  let weight = 0;
  for (let i = 1; i < f.count; i++) { // parents come first
    within[i] = within[f.parent[i]] || passes[f.id[i]];
    if (within[i] && !within[f.parent[i]]) weight += f.total[i];
  }
  for (const row of f.rows) for (const i of row) if (i && passes[f.id[i]]) frames.push(i);
  return { frames, weight };
}

/** Left to right. */
export const childrenOf = (f: Flame, i: number): Uint32Array => f.placed.subarray(f.first[i], f.end[i]);

export function pathOf(f: Flame, i: number): number[] {
  const out = [i];
  while (i > 0) out.push((i = f.parent[i]));
  return out.reverse();
}

/** Own weight by function. */
export function selfByFunction(tree: FrameTree, self: Float64Array): Float64Array {
  const ids = functionIds(tree), out = new Float64Array(tree.count);
  for (let i = 1; i < tree.count; i++) out[ids[i]] += self[i];
  return out;
}

/** Self and total weight by function. Total counts a function once per stack, however often it recurs. */
export function byFunction(tree: FrameTree, self: Float64Array): { self: Map<number, number>; total: Map<number, number>; node: Map<number, number> } {
  const ids = functionIds(tree), total = totalsOf(tree, self);
  const many = ids.reduce((most, id) => Math.max(most, id + 1), 0);
  const selfOf = new Float64Array(many), totalOf = new Float64Array(many), first = new Uint32Array(many);
  const open = new Uint32Array(many); // function → its outermost frame on the current path, 0 = none
  const path: number[] = [];
  for (let i = 1; i < tree.count; i++) {
    while (path.length && path[path.length - 1] !== tree.parent[i]) {
      const left = path.pop()!;
      if (open[ids[left]] === left) open[ids[left]] = 0;
    }
    path.push(i);
    const id = ids[i];
    first[id] ||= i;
    selfOf[id] += self[i];
    if (!open[id]) { open[id] = i; totalOf[id] += total[i]; }
  }
  const found = (values: ArrayLike<number>) => new Map(Array.from(values, (v, id): [number, number] => [id, v]).filter(([id]) => first[id] > 0));
  return { self: found(selfOf), total: found(totalOf), node: found(first) };
}

/** Who calls a function, and whom it calls: weights by function, heaviest first. */
export function neighbours(tree: FrameTree, self: Float64Array, id: number): { callers: [number, number][]; callees: [number, number][] } {
  const ids = functionIds(tree), total = totalsOf(tree, self);
  const callers = new Map<number, number>(), callees = new Map<number, number>();
  /** The same call further out has this one's weight already. */
  const nested = (i: number, up: number) => {
    for (let out = up; out !== 0; out = tree.parent[out]) if (ids[out] === ids[i] && ids[tree.parent[out]] === ids[up]) return true;
    return false;
  };
  for (let i = 1; i < tree.count; i++) {
    const up = tree.parent[i];
    if ((ids[i] !== id && ids[up] !== id) || nested(i, up)) continue;
    if (ids[i] === id && ids[up] !== id) callers.set(up === 0 ? -1 : ids[up], (callers.get(up === 0 ? -1 : ids[up]) ?? 0) + total[i]);
    if (ids[i] !== id && up !== 0 && ids[up] === id) callees.set(ids[i], (callees.get(ids[i]) ?? 0) + total[i]);
  }
  const sorted = (map: Map<number, number>) => [...map].filter(([, w]) => w > 0).sort((x, y) => y[1] - x[1]);
  return { callers: sorted(callers), callees: sorted(callees) };
}

/** A node of the function that has a given name at a file (by path), or -1. */
export function nodeOfFunction(tree: FrameTree, path: string, name: string): number {
  const file = tree.strings.indexOf(path);
  if (file < 0) return -1;
  for (let i = 1; i < tree.count; i++)
    if (tree.file[i] === file && tree.strings[tree.name[i]] === name) return i;
  return -1;
}

/** How many levels hold a frame of at least `share` of the chart between two places. Deeper ones are slivers. No frame is
    wider than its caller, so only wide ones have to be looked into. */
export function levelsInSight(f: Flame, share: number, from: number, to: number): number {
  let wide = [0], levels = 0;
  for (; wide.length; levels++) {
    const next: number[] = [];
    for (const i of wide)
      for (let k = f.first[i]; k < f.end[i]; k++) {
        const child = f.placed[k], width = widthOf(f, child);
        if (width >= share && f.x[child] < to && f.x[child] + width > from) next.push(child);
      }
    wide = next;
  }
  return levels;
}

/** The first frame of a level, from place `k` on, that reaches beyond a position. */
export function firstBeyond(f: Flame, row: Uint32Array, position: number, k = 0): number {
  let step = 1, high = row.length;
  const { x, total } = f, whole = total[0] || 1;
  const before = (at: number) => x[row[at]] + total[row[at]] / whole < position;
  while (k + step < high && before(k + step)) { k += step; step *= 2; } // mostly it is near
  if (k + step < high) high = k + step;
  while (k < high) {
    const middle = (k + high) >> 1;
    if (before(middle)) k = middle + 1;
    else high = middle;
  }
  return k;
}
