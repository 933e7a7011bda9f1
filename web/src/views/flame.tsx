// The Flame view: an icicle of the stacks, inverted, or the callers and callees of one function; any metric.
import { computed, signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { byFunction, selfByFunction, childrenOf, firstBeyond, flame, frameAt, functionIds, levelsInSight, matchesOf, nodeOfFunction, pathOf, startOf, totalsOf, widthOf, type Flame } from '../model/flame';
import { ownSplit } from '../model/own-split';
import { count, full, percent, shown } from '../model/format';
import { FrameKind, functionAt, type FrameTree, type Profile } from '../model/profile';
import { Canvas, palette, type Painter } from '../parts/canvas';
import { Segmented, Select } from '../parts/controls';
import { brushes, drawFrame, drawSliver, type Own } from '../parts/frame-painter';
import { Icon } from '../parts/icon';
import { Bar, Swatch } from '../parts/marks';
import { copy, download, openEditor } from '../state/actions';
import { later } from '../later-parts';
import { matchStep } from '../state/keys';
import { fileByPath, focus, frames, hidden, metric, order, parsedQuery, profile, query, range, say, selection, shape, shownFrame, threads, weights, dividedWeights, type Selection } from '../state/store';
import { kindColor } from './details';
import { OnlyThreads } from './only-threads';
import { Dim, Unseen } from '../parts/tags';

const rowHeight = 22;
const collapse = signal(false);
const subtree = signal(-1);
const pan = signal({ from: 0, to: 1 }); // what of the root is in sight

/** Functions by their names (see nameAt). */
function idsOf(names: string[]): Set<number> {
  const tree = profile.value?.frames, out = new Set<number>();
  if (tree && names.length) for (let i = 1; i < tree.count; i++) if (names.some((each) => each.startsWith(tree.strings[tree.name[i]]) && each === nameAt(tree, i))) out.add(functionIds(tree)[i]);
  return out;
}
const focusId = computed<number>(() => [...idsOf(focus.value ? [focus.value] : [])][0] ?? -1);
const hiddenIds = computed(() => idsOf(hidden.value));

const chart = computed<Flame | null>(() => {
  const tree = profile.value?.frames, w = weights.value;
  if (!tree || !w) return null;
  const sandwich = shape.value === 'sandwich';
  return flame(tree, { self: w.self, split: w.info.color.startsWith('cpu') ? ownSplit(profile.value!) : null, shape: shape.value, order: order.value, show: frames.value, hidden: hiddenIds.value, focus: sandwich || focusId.value >= 0 ? sandwichTarget() : -1, subtree: subtree.value, collapse: collapse.value });
});

function sandwichTarget(): number {
  if (focusId.value >= 0) return focusId.value;
  const self = selfByFunction(profile.value!.frames!, weights.value!.self);
  return self.indexOf(self.reduce((most, w) => Math.max(most, w), 0));
}

/** By function, 1 for those that Find looks for; null = it looks for nothing. */
export const passes = computed<Uint8Array | null>(() => {
  const tree = profile.value?.frames, find = parsedQuery.value;
  if (!tree || !find) return null;
  const ids = functionIds(tree), out = new Uint8Array(tree.count);
  for (let i = 1, next = 0; i < tree.count; i++) {
    if (ids[i] <= next) continue; // functions are counted as they come
    next = ids[i];
    out[next] = find.test(tree.strings[tree.name[i]]) || find.test(tree.strings[tree.file[i]]) ? 1 : 0;
  }
  return out;
});
const matches = computed(() => (chart.value && passes.value ? matchesOf(chart.value, passes.value) : null));

/** The frame of a new chart that is chosen first: the one that stands for what is selected. */
function firstOf(p: Profile, f: Flame): number {
  const tree = p.frames!, chosen = selection.value;
  let node = chosen?.kind === 'frame' || chosen?.kind === 'slice' ? chosen.node : -1;
  if (chosen?.kind === 'line' || chosen?.kind === 'function') {
    const file = p.files[chosen.file], row = chosen.kind === 'function' ? chosen.row : functionAt(file, chosen.line);
    if (row >= 0) node = nodeOfFunction(tree, file.path, file.functions.name[row]);
  }
  return f.callers && node < 0 ? 0 : startOf(f, node < 0 ? -1 : functionIds(tree)[node]);
}

export function FlameView() {
  const p = profile.value!;
  const tree = p.frames, f = chart.value, w = weights.value;
  const place = useRef<{ f: Flame | null; chosen: Selection | null; at: number; levels: number }>({ f: null, chosen: null, at: 0, levels: 0 }).current;
  if (f && (place.f !== f || place.chosen !== selection.value)) Object.assign(place, { at: firstOf(p, f), levels: place.f === f ? place.levels : 0, f, chosen: selection.value });
  const at = place.at;
  const scroller = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState({ top: 0, height: innerHeight - 220 }); // px of the chart that the canvas shows
  const [hover, setHover] = useState<{ f: Flame; frame: number; x: number; y: number } | null>(null);
  const [menu, setMenu] = useState<{ frame: number; x: number; y: number } | null>(null);
  useLayoutEffect(() => { pan.value = { from: 0, to: 1 }; setMenu(null); }, [f]);
  useEffect(() => { if (f) shownFrame.value = f.node[at]; }, [f, at]);
  useEffect(() => {
    matchStep.current = (step) => {
      const found = matches.value?.frames ?? [], here = found.indexOf(at);
      if (found.length) select(found[(here < 0 && step < 0 ? found.length - 1 : here + step + found.length) % found.length]);
    };
    return () => { matchStep.current = () => {}; };
  });
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const look = () => setSight({ top: box.scrollTop, height: box.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener('scroll', look);
    return () => { observer.disconnect(); box.removeEventListener('scroll', look); };
  }, [!f || f.total[0] <= 0]);
  useLayoutEffect(() => { // the chosen frame is in sight; of a sandwich, both sides of it
    const box = scroller.current;
    if (!box || !f) return;
    const y = (callerRows + f.depth[at]) * rowHeight, margin = f.callers && at === 0 ? box.clientHeight / 2.5 : rowHeight * 3;
    const low = y + rowHeight + margin - box.clientHeight, high = y - Math.min(margin, rowHeight * 3);
    if (box.scrollTop < low) box.scrollTop = low;
    else if (box.scrollTop > high) box.scrollTop = high;
  }, [f, at]);
  const callerRows = f?.callers ? f.callers.rows.length - 1 : 0;
  if (!tree || !f || !w || f.total[0] <= 0) {
    return <section class="view" aria-label="Flame"><Tools p={p} f={f} /><div class="empty"><p>{!tree ? 'This profile has no stacks: it was recorded without them, or they were left out of this page.' : range.value ? 'No stack in this range of time.' : `No stack has any ${w?.info.label ?? 'weight'}.`}</p></div></section>;
  }
  const name = (i: number) => (f.node[i] === 0 ? 'all threads' : tree.strings[tree.name[f.node[i]]] || '?');
  const share = (i: number) => shown((f.total[i] / f.whole) * 100);
  const describe = (i: number) => `${name(i)}, ${share(i)} %, ${full(f.total[i], w.info.unit)}, ${childrenOf(f, i).length} children`;
  const select = (i: number) => { place.at = i; place.chosen = selection.value = { kind: 'frame', node: f.node[i] }; };
  const zoomTo = (i: number) => { pan.value = { from: f.x[i], to: f.x[i] + widthOf(f, i) }; select(i); };
  const sibling = (step: number) => {
    const row = f.rows[f.depth[at]], place = row.indexOf(at);
    const to = row[place + step];
    if (to !== undefined) select(to);
  };
  const scale = (factor: number, around?: number) => {
    const { from, to } = pan.value, middle = around ?? (from + to) / 2, width = Math.min(1, (to - from) * factor);
    if (width < 1e-7) return;
    const start = Math.max(0, Math.min(1 - width, middle - (middle - from) * (width / (to - from))));
    pan.value = { from: start, to: start + width };
  };
  const slide = (by: number) => {
    const { from, to } = pan.value, width = to - from;
    const start = Math.max(0, Math.min(1 - width, from + by * width));
    pan.value = { from: start, to: start + width };
  };
  const focusOn = (i: number) => { if (f.node[i] === 0) return; focus.value = nameAt(tree, f.node[i]); };
  const act: Record<string, () => void> = {
    ArrowUp: () => select(f.parent[at]), ArrowDown: () => { const c = childrenOf(f, at); if (c.length) select(c[0]); }, ArrowLeft: () => sibling(-1), ArrowRight: () => sibling(1),
    Enter: () => zoomTo(at), ' ': () => zoomTo(at), Home: () => select(0), '+': () => scale(0.7), '=': () => scale(0.7), '-': () => scale(1 / 0.7), '0': () => { pan.value = { from: 0, to: 1 }; },
    w: () => scale(0.7), s: () => scale(1 / 0.7), a: () => slide(-0.2), d: () => slide(0.2),
    i: () => { shape.value = shape.value === 'inverted' ? 'down' : 'inverted'; }, f: () => focusOn(at), F: () => { subtree.value = f.node[at]; focus.value = ''; }, c: () => { collapse.value = !collapse.value; say(collapse.value ? 'Recursion collapsed' : 'Recursion shown'); },
    x: () => { if (f.node[at] !== 0) { hidden.value = [...hidden.value, nameAt(tree, f.node[at])]; say(`Hid ${name(at)}`); } },
    o: () => { const file = fileByPath.value.get(tree.strings[tree.file[f.node[at]]]); if (file) openEditor(file, tree.line[f.node[at]] || 1); }, y: () => copyStack(at),
    ContextMenu: () => openMenu(at),
  };
  const copyStack = (i: number) => copy(pathOf(f, i).slice(1).map((each) => `${name(each)} (${tree.strings[tree.file[f.node[each]]]}:${tree.line[f.node[each]]})`).join('\n'), 'the stack');
  const openMenu = (i: number, x = 320, y = 240) => setMenu({ frame: i, x: Math.min(x, innerWidth - 230), y: Math.min(y, innerHeight - 260) });
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'F10' && event.shiftKey) openMenu(at);
    else if (event.key === 'Escape' && !query.value && (pan.value.from > 0 || pan.value.to < 1 || focus.value || subtree.value >= 0 || hidden.value.length)) { pan.value = { from: 0, to: 1 }; focus.value = ''; subtree.value = -1; hidden.value = []; }
    else if (act[event.key]) act[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const needed = Math.max(levelsInSight(f, (pan.value.to - pan.value.from) / 120, pan.value.from, pan.value.to), f.depth[at] + 1);
  if (needed > place.levels) place.levels = place.levels ? Math.min(f.rows.length, Math.ceil(needed / 8) * 8) : needed; // what stands below seldom moves
  const { levels } = place;
  const height = (levels + callerRows) * rowHeight;
  const shownHeight = Math.min(height, Math.max(rowHeight * 4, sight.height)), offset = Math.max(0, Math.min(sight.top, height - shownHeight));
  const hit = (event: MouseEvent): { frame: number; callers: boolean } => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const { from, to } = pan.value;
    const depth = Math.floor((event.clientY - box.top + offset) / rowHeight) - callerRows;
    const where = from + ((event.clientX - box.left) / box.width) * (to - from);
    if (depth < 0 && f.callers) return { frame: frameAt(f.callers, where, -depth), callers: true };
    return { frame: frameAt(f, where, depth), callers: false };
  };
  const path = pathOf(f, at), found = matches.value;
  return (
    <section class="view chart-view" aria-label="Flame">
      <Tools p={p} f={f} found={found && `${count(found.frames.length) || 'no'} ${found.frames.length === 1 ? 'frame matches' : 'frames match'}${found.weight > 0 ? ` · ${shown((found.weight / f.whole) * 100)} %` : ''}`} />
      <div class="crumbs">
        {path.length > 9 && <Dim>⋯ ›</Dim>}
        <span class="crumb-path">{path.slice(-8).map((i, k, all) => <>{k > 0 && <span class="dim" key={`s${i}`}>›</span>}{k === all.length - 1 ? <b key={i} class="mono">{name(i)}</b> : <button key={i} onClick={() => select(i)}>{name(i)}</button>}</>)}</span>
        <span class="value">{share(at)} % · {full(f.total[at], w.info.unit)}</span>
      </div>
      <div class="chart-view" ref={scroller}>
      <div class="flame-box" style={{ height: `${height}px` }}>
        <div class="flame-sight" style={{ height: `${shownHeight}px` }}><Canvas height={Math.max(rowHeight * 4, sight.height)} focusable role="application" label={`Flame chart of ${w.info.label}: ${describe(at)}. Arrow keys move, Enter zooms.`}
          draw={(painter) => draw(painter, p, f, at, callerRows, levels, offset, shownHeight)} onKeyDown={keys}
          onClick={(event) => { const to = hit(event); if (to.frame >= 0 && !to.callers) select(to.frame); else if (to.frame > 0 && f.callers) selection.value = { kind: 'frame', node: f.callers.node[to.frame] }; }}
          onDblClick={(event) => { const to = hit(event); if (to.frame >= 0 && !to.callers) zoomTo(to.frame); }}
          onContextMenu={(event) => { const to = hit(event); if (to.frame >= 0 && !to.callers) { event.preventDefault(); select(to.frame); openMenu(to.frame, event.clientX, event.clientY); } }}
          onPointerMove={(event) => { const to = hit(event); setHover(to.frame >= 0 ? { f: to.callers ? f.callers! : f, frame: to.frame, x: event.clientX, y: event.clientY } : null); }} onPointerLeave={() => setHover(null)}
          onWheel={(event) => { if (!event.ctrlKey && !event.metaKey) return; event.preventDefault(); const box = (event.currentTarget as HTMLElement).getBoundingClientRect(); scale(event.deltaY > 0 ? 1.25 : 0.8, pan.value.from + ((event.clientX - box.left) / box.width) * (pan.value.to - pan.value.from)); }} /></div>
        {useMemo(() => <FocusTree f={f} at={at} name={name} describe={describe} />, [f, at])}
        <span class="offscreen" role="status" aria-live="polite">{describe(at)}</span>
        {hover && (hover.f === f || hover.f === f.callers) && <Tooltip f={hover.f} frame={hover.frame} p={p} x={hover.x} y={hover.y} unit={w.info.unit} />}
      </div>
      {menu && <FrameMenu {...menu} act={{ 'Zoom here': () => zoomTo(menu.frame), 'Focus on the function': () => focusOn(menu.frame), 'Focus on the subtree': () => { subtree.value = f.node[menu.frame]; }, 'Callers and callees': () => { focusOn(menu.frame); shape.value = 'sandwich'; },
        'Collapse recursion': act.c, 'Hide the function': act.x, 'Copy the stack': () => copyStack(menu.frame), 'Open the source': act.o }} close={() => setMenu(null)} />}
      {levels < f.rows.length && <p class="chart-note">{f.rows.length - levels} deeper {f.rows.length - levels === 1 ? 'level is' : 'levels are'} too narrow to be seen here; zoom in on a frame (Enter) to see them.</p>}
      {useMemo(() => <ChartLegend f={f} p={p} />, [f])}
      {w.whole && range.value && <p class="chart-note">{w.info.label} is computed for the whole run; time follows the range.</p>}
      {useMemo(() => <SameAsTable p={p} />, [p, w])}
      </div>
    </section>
  );
}

export function saveSvg(): void {
  const p = profile.value!, f = chart.value, w = weights.value, color = palette();
  if (f && w) download(`${p.name}.svg`, later.flameSvg(p, f, w.info.unit, (node) => color[node ? kindColor(p, node, w.info.color) : 'sunk'] ?? color.neutral, color), 'image/svg+xml');
}

/** A sandwich is one of the frame that is selected when it is asked for. */
function setShape(to: typeof shape.value): void {
  const tree = profile.value!.frames, chosen = selection.value;
  if (to === 'sandwich' && tree && !focus.value && chosen?.kind === 'frame' && chosen.node > 0) focus.value = nameAt(tree, chosen.node);
  shape.value = to;
}
export const nameAt = (tree: FrameTree, node: number) => `${tree.strings[tree.name[node]]}@${tree.strings[tree.file[node]]}`;

function Tools({ p, f, found = '' }: { p: Profile; f: Flame | null; found?: string | null }) {
  const tree = p.frames;
  const many = (chart: Flame | null) => (chart ? chart.rows.reduce((sum, row) => sum + row.length, 0) - 1 : 0), visible = f ? many(f) + many(f.callers) : 0;
  const measured = useMemo(() => tree?.metrics.filter((m, i) => i === 0 || tree.self.get(m.id)?.some((v) => v > 0)), [tree]);
  return (
    <div class="toolbar">
      <Segmented label="Direction" value={shape.value} onChange={setShape} choices={[['down', 'Top-down'], ['inverted', 'Inverted'], ['sandwich', 'Sandwich']]} />
      <Segmented label="Order" value={order.value} onChange={(v) => { order.value = v; }} choices={[['heavy', 'Left-heavy'], ['name', 'Alphabetical']]} />
      <Segmented label="Frames" value={frames.value} onChange={(v) => { frames.value = v; }} choices={[['python', 'Python'], ['native', 'Native'], ['both', 'Both']]} />
      {tree && <Select label="metric" value={weights.value?.info.id ?? 'time'} onChange={(v) => { metric.value = v; }} choices={measured!.map((m) => ([m.id, m.label]))} />}
      {threads.value.length > 0 && <OnlyThreads p={p} />}
      {focus.value && <button class="select" onClick={() => { focus.value = ''; }}><Dim>focus</Dim> <b class="clip">{focus.value.slice(0, focus.value.lastIndexOf('@'))}</b><Icon name="close" /></button>}
      {subtree.value >= 0 && <button class="select" onClick={() => { subtree.value = -1; }}><Dim>subtree</Dim><Icon name="close" /></button>}
      {hidden.value.length > 0 && <button class="select" onClick={() => { hidden.value = []; }}><Dim>{hidden.value.length} hidden</Dim><Icon name="close" /></button>}
      {collapse.value && <button class="select" onClick={() => { collapse.value = false; }}><Dim>recursion collapsed</Dim><Icon name="close" /></button>}
      <span class="grow" />
      <span class="dim" role="status">{found || `${count(visible) || '0'} frames`}</span>
    </div>
  );
}

function draw(painter: Painter, p: Profile, f: Flame, at: number, callerRows: number, levels: number, offset: number, height: number): void {
  const rows = (offset + height) / rowHeight;
  if (f.callers) drawPart(painter, p, f.callers, -1, Math.max(1, Math.floor(callerRows - rows)), callerRows - Math.floor(offset / rowHeight) + 1, (depth) => (callerRows - depth) * rowHeight - offset);
  drawPart(painter, p, f, at, Math.max(0, Math.floor(offset / rowHeight) - callerRows), Math.min(levels, Math.ceil(rows) - callerRows), (depth) => (callerRows + depth) * rowHeight - offset);
}

/** The levels from `first` up to `last`. */
function drawPart(painter: Painter, p: Profile, f: Flame, at: number, first: number, last: number, top: (depth: number) => number): void {
  const { ctx, width, color } = painter;
  const tree = p.frames!, { from, to } = pan.value, whole = f.total[0] || 1, perShare = width / (to - from);
  const info = weights.value!.info, pass = passes.value;
  const brush = brushes(painter), native = brush('cpu-native'), system = brush('cpu-system');
  const kinds = [brush('sunk'), ...['python', 'native'].map((kind) => brush(info.color.replace(/^(cpu|mem).*/, `$1-${kind}`)))];
  const parts: Own[] = [{ brush: native, share: 0 }, { brush: native, share: 0 }, { brush: system, share: 0 }];
  for (let depth = first; depth < Math.min(last, f.rows.length); depth++) {
    const row = f.rows[depth], y = top(depth), sliver = drawSliver(painter, y, rowHeight - 1);
    let until = -1; // frames narrower than a pixel are drawn once per pixel
    for (let k = firstBeyond(f, row, from); k < row.length; k = firstBeyond(f, row, from + until / perShare, k + 1)) {
      const i = row[k], x = (f.x[i] - from) * perShare, total = f.total[i], w = (total / whole) * perShare;
      if (x > width) break;
      until = Math.floor(x + w) + (w < 1 ? 1 : 0);
      const node = f.node[i], kind = tree.kind[node];
      const paint = node === 0 ? kinds[0] : kind === FrameKind.Mark ? brush(kindColor(p, node, info.color)) : kinds[kind];
      const dim = pass !== null && !pass[f.id[i]];
      const rest = f.self[i] - f.native[i] - f.system[i];
      if (w < 4 && i !== at) {
        const own = f.self[i] >= total / 2;
        sliver(own && f.native[i] > rest ? native : own && f.system[i] > rest ? system : paint, own && !dim, Math.max(0, x), w);
        continue;
      }
      const left = Math.max(0, x), shown = Math.min(width, x + w) - left;
      parts[0].brush = paint;
      parts[0].share = Math.max(0, rest / total); parts[1].share = f.native[i] / total; parts[2].share = f.system[i] / total;
      if (dim) ctx.globalAlpha = 0.3;
      drawFrame(painter, paint, left, y, shown, rowHeight - 1, parts, shown < 28 ? '' : node === 0 ? 'all threads' : tree.strings[tree.name[node]] || '?', shown > 120 ? `${percent((total / f.whole) * 100)} %` : '');
      if (dim) ctx.globalAlpha = 1;
      if (i === at) {
        ctx.strokeStyle = color.focus;
        ctx.lineWidth = 2;
        ctx.strokeRect(left + 1, y + 1, Math.max(2, shown - 2), rowHeight - 3);
      }
    }
    sliver(null, false, 0, 0);
  }
}

/** The focused path and its siblings for screen readers; the canvas itself says nothing to them. */
function FocusTree({ f, at, name, describe }: { f: Flame; at: number; name(i: number): string; describe(i: number): string }) {
  return (
    <ul class="offscreen" aria-label="Path to the selected frame">
      {pathOf(f, at).slice(-12).map((i) => <li key={i} aria-current={i === at ? 'true' : undefined}>{i === at ? describe(i) : name(i)}</li>)}
      {Array.from(childrenOf(f, at).subarray(0, 12), (i) => <li key={i}>child: {describe(i)}</li>)}
    </ul>
  );
}

function Tooltip({ f, frame, p, x, y, unit }: { f: Flame; frame: number; p: Profile; x: number; y: number; unit: 'percent' | 'fraction' | 'MiB' | 'MiB/s' | 's' | 'count' }) {
  const tree = p.frames!, node = f.node[frame];
  const path = tree.strings[tree.file[node]];
  return (
    <div class="tooltip" aria-hidden="true" style={{ left: `${Math.min(x + 12, innerWidth - 320)}px`, top: `${Math.min(y + 16, innerHeight - 90)}px` }}>
      <b>{node === 0 ? 'all threads' : tree.strings[tree.name[node]] || '?'}</b>{path && <> · {fileByPath.value.get(path)?.name ?? path.split('/').pop()}{tree.line[node] > 0 && `:${tree.line[node]}`}</>}<br />
      {shown((f.total[frame] / f.whole) * 100)} % · {full(f.total[frame], unit)}{f.self[frame] > 0 && ` · self ${full(f.self[frame], unit)}`}
    </div>
  );
}

function FrameMenu({ x, y, act, close }: { x: number; y: number; act: Record<string, () => void>; close(): void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current!.querySelector('button')?.focus();
    const outside = (event: Event) => { if (!box.current?.contains(event.target as Node)) close(); };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, []);
  const leave = () => { close(); document.querySelector<HTMLElement>('.flame-box canvas')?.focus(); };
  const keys = (event: KeyboardEvent) => {
    const items = [...box.current!.querySelectorAll('button')], at = items.indexOf(document.activeElement as HTMLButtonElement);
    if (event.key === 'ArrowDown') items[(at + 1) % items.length].focus();
    else if (event.key === 'ArrowUp') items[(at - 1 + items.length) % items.length].focus();
    else if (event.key === 'Escape' || event.key === 'Tab') leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return <div class="menu context-menu" role="menu" aria-label="Frame" ref={box} onKeyDown={keys} style={{ left: `${x}px`, top: `${y}px` }}>{Object.entries(act).map(([label, run]) => <button key={label} role="menuitem" tabIndex={-1} onClick={() => { leave(); run(); }}>{label}</button>)}</div>;
}

function ChartLegend({ f, p }: { f: Flame; p: Profile }) {
  const tree = p.frames!;
  const seen = useMemo(() => {
    const s = new Set<number>();
    for (let i = f.callers ? 0 : 1; i < f.count; i++) s.add(tree.kind[f.node[i]]);
    if (f.native.some((v) => v > 0)) s.add(FrameKind.Native);
    if (f.system.some((v) => v > 0)) s.add(FrameKind.Mark);
    return s;
  }, [f]);
  const color = weights.value!.info.color;
  const memory = color.startsWith('mem');
  return (
    <div class="chart-legend">
      {seen.has(FrameKind.Python) && <span><Swatch color={memory ? 'mem-python' : color.startsWith('cpu') ? 'cpu-python' : color} />Python</span>}
      {seen.has(FrameKind.Native) && <span><Swatch color={memory ? 'mem-native' : color.startsWith('cpu') ? 'cpu-native' : color} />native</span>}
      {seen.has(FrameKind.Mark) && <span><Swatch color="cpu-system" />system, waiting</span>}
      <Dim>full colour: own {memory ? 'memory' : 'time'}; tint: in callees</Dim>
    </div>
  );
}

/** The chart's numbers as a table, by own weight. */
function SameAsTable({ p }: { p: Profile }) {
  const tree = p.frames!, w = weights.value!;
  const rows = useMemo(() => {
    const { self, total, node } = byFunction(tree, w.self);
    const query = parsedQuery.value, parts = dividedWeights.value.map((part) => ({ color: part.color, by: selfByFunction(tree, part.self) }));
    return [...self].filter(([id]) => !query || query.test(tree.strings[tree.name[node.get(id)!]])).sort((x, y) => y[1] - x[1]).slice(0, 14).map(([id, s]) => ({ node: node.get(id)!, id, self: s, total: total.get(id) ?? s, segments: parts.map(({ color, by }) => ({ color, value: by[id] })) }));
  }, [tree, w.self, parsedQuery.value]);
  const whole = totalsOf(tree, w.self)[0] || 1;
  const chosen = selection.value?.kind === 'frame' ? functionIds(tree)[selection.value.node] : -1;
  return (
    <div class="below">
      <div class="section-head">The same as a table <span>by own {w.info.label.toLowerCase()}</span></div>
      <table class="plain">
        <thead><tr><th class="number">self %</th><th><Unseen>bar</Unseen></th><th class="number">with callees</th><th>frame</th></tr></thead>
        <tbody>
          {rows.filter((row) => row.self > 0).map((row) => (
            <tr key={row.id} class={row.id === chosen ? 'current' : ''}>
              <td class="number"><b>{percent((row.self / whole) * 100)}</b></td>
              <td class="bar-cell"><Bar segments={row.segments} scale={rows[0].self || 1} /></td>
              <td class="number dim">{percent((row.total / whole) * 100)}</td>
              <td class="wide"><button onClick={() => { selection.value = { kind: 'frame', node: row.node }; }}><code>{tree.strings[tree.name[row.node]] || '?'}</code> <Dim>{fileByPath.value.get(tree.strings[tree.file[row.node]])?.name ?? tree.strings[tree.file[row.node]].split('/').pop()}</Dim></button></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
