// The Timeline view: what each thread did when, with tracks, load and memory on the same axis.
import { computed, signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { duration, size, tickLabel, ticks, shown } from '../model/format';
import { functionIds } from '../model/flame';
import { lanes, timeByKind, type Lane, type Slice } from '../model/timeline';
import type { Profile } from '../model/profile';
import { Canvas, type Painter } from '../parts/canvas';
import { Segmented } from '../parts/controls';
import { brushes, drawFrame, drawLabel, pill, type Brush } from '../parts/frame-painter';
import { ownSplit } from '../model/own-split';
import { Icon } from '../parts/icon';
import { Swatch } from '../parts/marks';
import { copy, openEditor } from '../state/actions';
import { matchStep } from '../state/keys';
import { askFocus, fileByPath, focus, lanes as laneMode, profile, range, say, selection, show, threads } from '../state/store';
import { kindColor } from './details';
import { nameAt, passes } from './flame';
import { OnlyThreads } from './only-threads';
import { drawFootprint, setRange } from './overview';
import { Dim } from '../parts/tags';

const rowHeight = 20;
const foldedLanes = signal<ReadonlySet<number>>(new Set());

const laneList = computed<Lane[]>(() => {
  const p = profile.value;
  if (!p) return [];
  const [from, to] = range.value ?? [0, p.elapsed];
  // Gaps of some samples are sampling, not a pause.
  return lanes(p, from, to, Math.max(p.interval * 3, (to - from) / 150), laneMode.value, threads.value.length ? new Set(threads.value) : null);
});

export function TimelineView() {
  const p = profile.value!;
  const [from, to] = range.value ?? [0, p.elapsed];
  const list = laneList.value;
  const kinds = useMemo(() => timeByKind(p, from, to, threads.value.length ? new Set(threads.value) : null), [p, from, to, threads.value]);
  const [at, setAt] = useState<{ thread: number; t: number; depth: number } | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  useEffect(() => () => { matchStep.current = () => {}; }, []);
  const pass = passes.value;
  const found = useMemo(() => (pass ? list.flatMap((lane, index) => lane.slices.filter((s) => s.depth < lane.shown && pass[functionIds(p.frames!)[s.node]]).map((slice) => ({ index, slice }))) : []), [list, pass]);
  const many = useMemo(() => new Set(p.runs?.thread).size, [p]);
  if (!p.runs || !list.length) {
    return <section class="view chart-view" aria-label="Timeline"><div class="empty"><p>{p.runs ? 'No samples in this range of time.' : 'This profile has no timeline: it was recorded without stacks, or the timeline was left out of this page.'}</p></div></section>;
  }
  const processes = p.processes.filter((each) => list.some((lane) => lane.thread >= 0 && p.threads[lane.thread]?.pid === each.pid));
  const zoom = (factor: number, middle = cursor ?? (from + to) / 2) => {
    const width = Math.min(p.elapsed, (to - from) * factor);
    const start = Math.max(0, Math.min(p.elapsed - width, middle - (middle - from) * (width / (to - from))));
    setRange(p, start, start + width);
  };
  const slide = (by: number) => { const width = to - from, start = Math.max(0, Math.min(p.elapsed - width, from + by * width)); setRange(p, start, start + width); };
  const lane = at && list.find((each) => each.thread === at.thread);
  const chosen = lane ? sliceAt(lane, at.t, at.depth) : null;
  const pick = (lane: number, t: number, depth: number) => {
    const slice = list[lane] && sliceAt(list[lane], t, depth);
    if (!slice) return;
    setAt({ thread: list[lane].thread, t, depth: slice.depth });
    setCursor(t);
    selection.value = { kind: 'slice', node: slice.node, thread: list[lane].thread, start: slice.start, end: slice.end };
  };
  matchStep.current = (step) => {
    const next = found[(found.findIndex(({ slice }) => slice === chosen) + step + found.length) % found.length] ?? found[0];
    if (next) pick(next.index, (next.slice.start + next.slice.end) / 2, next.slice.depth);
  };
  const narrow = (thread: number) => {
    threads.value = thread < 0 ? [] : [thread];
    say(thread < 0 ? 'All threads' : `Only ${p.threads[thread]?.name ?? 'one thread'}, in Flame, too`);
  };
  /** A range no shorter than can be looked at. */
  const zoomTo = (slice: Slice) => {
    const half = Math.max(slice.end - slice.start, p.elapsed / 499) / 2, middle = Math.max(half, Math.min(p.elapsed - half, (slice.start + slice.end) / 2));
    setRange(p, middle - half, middle + half);
  };
  const keys = (lane: number) => (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = at?.thread === list[lane].thread ? at : null;
    const slices = list[lane].slices;
    const step = (by: number) => {
      const same = slices.filter((s) => s.depth === (here?.depth ?? 0)), index = same.findIndex((s) => here && s.start <= here.t && here.t < s.end);
      const to = same[index + by] ?? same[by > 0 ? 0 : same.length - 1];
      if (to) pick(lane, (to.start + to.end) / 2, to.depth);
    };
    switch (event.key) {
      case 'ArrowRight': step(1); break;
      case 'ArrowLeft': step(-1); break;
      case 'ArrowDown': pick(lane, here?.t ?? (from + to) / 2, (here?.depth ?? -1) + 1); break;
      case 'ArrowUp': pick(lane, here?.t ?? (from + to) / 2, Math.max(0, (here?.depth ?? 1) - 1)); break;
      case 'Enter': if (chosen) zoomTo(chosen); break;
      case '+': case '=': case 'w': zoom(0.6, here?.t); break;
      case '-': case 's': zoom(1 / 0.6, here?.t); break;
      case '0': range.value = null; break;
      case 'f': if (chosen) { focus.value = nameAt(p.frames!, chosen.node); show('flame'); askFocus(); } break;
      case 'a': slide(-0.25); break;
      case 'd': slide(0.25); break;
      case 'o': { const path = chosen && p.frames!.strings[p.frames!.file[chosen.node]], file = path ? fileByPath.value.get(path) : null; if (file) openEditor(file, p.frames!.line[chosen!.node] || 1); break; }
      case 'y': if (chosen) copy(`${p.frames!.strings[p.frames!.name[chosen.node]]} ${chosen.start.toFixed(3)}–${chosen.end.toFixed(3)} s`, 'the slice'); break;
      default: return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const where = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return { t: from + ((event.clientX - box.left) / box.width) * (to - from), depth: Math.floor((event.clientY - box.top) / rowHeight) };
  };
  const axis = (extra: Partial<Parameters<typeof Canvas>[0]>) => ({ onPointerMove: (event: PointerEvent) => setCursor(where(event).t), onPointerLeave: () => setCursor(at?.t ?? null), onWheel: (event: WheelEvent) => { if (!event.ctrlKey && !event.metaKey) return; event.preventDefault(); zoom(event.deltaY > 0 ? 1.25 : 0.8, where(event).t); }, ...extra });
  let lastProcess = -1;
  return (
    <section class="view chart-view" aria-label="Timeline">
      <div class="toolbar">
        <Segmented label="Lanes" value={threads.value.length ? 'one' : laneMode.value} choices={many > 1 ? [['swimlanes', 'Swimlanes'], ['interleaved', 'Interleaved'], ['one', 'One thread']] : [['swimlanes', 'Swimlanes'], ['interleaved', 'Interleaved']]}
          onChange={(v) => { if (v === 'one') narrow(at && at.thread >= 0 ? at.thread : Math.max(list[0].thread, p.runs!.thread[0])); else { threads.value = []; laneMode.value = v; } }} />
        <span class="select"><Dim>range</Dim> <b>{from.toFixed(2)} – {to.toFixed(2)} s</b></span>
        {range.value && <button class="select" onClick={() => { range.value = null; }}>whole run<Icon name="close" /></button>}
        {threads.value.length > 0 && <OnlyThreads p={p} />}
        {range.value && <span class="select"><Dim>zoom</Dim> <b>{(p.elapsed / (to - from)).toFixed(1)} ×</b></span>}
        <span class="grow" />
        {pass && <span class="dim" role="status">{found.length || 'no'} {found.length === 1 ? 'slice matches' : 'slices match'}</span>}
        <span class="chart-legend-inline">{([['cpu-python', 'Python', kinds.python], ['cpu-native', 'native', kinds.native], ['cpu-system', 'system, waiting', kinds.system]] as const).map(([color, label, sec]) => <span key={color}><Swatch color={color} />{label} {shown((sec / (kinds.python + kinds.native + kinds.system || 1)) * 100)} %</span>)}</span>
      </div>
      <div class="timeline-body">
        <div class="lane"><div class="lane-label" /><Canvas height={22} label="Time axis" draw={(painter) => drawAxis(painter, from, to, cursor)} {...axis({})} /></div>
        {p.tracks.map((track) => {
          const inside = track.spans.reduce((sum, [start, length]) => sum + Math.max(0, Math.min(to, start + length) - Math.max(from, start)), 0);
          return <div class="lane" key={track.id}><div class="lane-label">{track.label}<small>{duration(inside)}</small></div><Canvas height={16} label={`${track.label}: ${duration(inside)} in this range`} draw={(painter) => drawTrack(painter, track.spans, track.id, from, to)} {...axis({})} /></div>;
        })}
        {list.map((lane, index) => {
          const thread = p.threads[lane.thread];
          const process = thread ? p.processes.find((each) => each.pid === thread.pid) : undefined;
          const head = process && processes.length > 1 && process.pid !== lastProcess;
          if (process) lastProcess = process.pid;
          const isFolded = foldedLanes.value.has(lane.thread);
          const depth = isFolded ? 1 : Math.min(lane.shown, 24);
          return (
            <div key={lane.thread}>
              {head && <div class="lane process"><div class="lane-label"><b>{process.argv.slice(-1)[0]?.split('/').pop() || 'process'}</b> pid {process.pid} · {process.how} · {duration(process.cpu)} CPU</div></div>}
              <div class="lane">
                <div class="lane-label">
                  <button class="fold" aria-expanded={!isFolded} aria-label={`Levels of ${lane.label}`} onClick={() => toggleLane(lane.thread)}><Icon name={isFolded ? 'right' : 'down'} /></button>
                  {many > 1 && lane.thread >= 0 ? <button aria-pressed={threads.value.length > 0} title={threads.value.length ? 'Show all threads' : 'Show this thread alone, in Flame, too'} onClick={() => narrow(threads.value.length ? -1 : lane.thread)}><span class="clip">{lane.label}</span></button> : <span class="clip" title={lane.label}>{lane.label}</span>}
                  <small title={lane.depth > depth ? `${lane.depth - depth} deeper levels: zoom in` : undefined}>{busyOf(lane, many)}</small>
                </div>
                <Canvas height={depth * rowHeight} focusable role="application" label={`${lane.label}: sampled ${busyOf(lane, many)} of ${duration(to - from)}. Arrow keys move, Enter zooms.`}
                  draw={(painter) => drawLane(painter, p, lane, from, to, depth, pass, at?.thread === lane.thread ? chosen : null, cursor)} onKeyDown={keys(index)}
                  {...axis({ onClick: (event: MouseEvent) => { const to = where(event); pick(index, to.t, to.depth); }, onDblClick: (event: MouseEvent) => { const w = where(event), slice = sliceAt(lane, w.t, w.depth); if (slice) zoomTo(slice); } })} />
              </div>
            </div>
          );
        })}
        {p.load && <div class="lane"><div class="lane-label">CPUs busy<small>mean {averageLoad(p, from, to).toFixed(1)}</small></div><Canvas height={48} label="CPUs busy over time" draw={(painter) => drawLoad(painter, p, from, to, cursor)} {...axis({})} /></div>}
        {p.footprint.t.length > 0 && <div class="lane"><div class="lane-label">Memory<small>0 – {size(p.peak)}</small></div><Canvas height={72} label={`Footprint up to ${size(p.peak)}`} draw={(painter) => { drawFootprint(painter.ctx, p, (t) => ((t - from) / (to - from)) * painter.width, 0, painter.height, painter.color); drawCursor(painter, from, to, cursor); }} {...axis({})} /></div>}
      </div>
      <span class="offscreen" role="status" aria-live="polite">{chosen ? `${p.frames!.strings[p.frames!.name[chosen.node]]}, ${chosen.start.toFixed(2)} to ${chosen.end.toFixed(2)} s` : ''}</span>
    </section>
  );
}

const busyOf = (lane: Lane, many: number): string => (lane.thread < 0 && many > 1 ? `${lane.busy.toFixed(1)} of ${many} threads` : `${shown(lane.busy * 100)} %`);

function toggleLane(thread: number): void {
  const next = new Set(foldedLanes.value);
  if (!next.delete(thread)) next.add(thread);
  foldedLanes.value = next;
}

const sliceAt = (lane: Lane, t: number, depth: number): Slice | null => {
  let best: Slice | null = null;
  for (const slice of lane.slices) if (slice.start <= t && t <= slice.end && slice.depth <= depth && (!best || slice.depth > best.depth)) best = slice;
  return best;
};

function averageLoad(p: Profile, from: number, to: number): number {
  const { bins, python, native, system } = p.load!;
  let sum = 0, n = 0;
  for (let i = Math.floor((from / p.elapsed) * bins); i < Math.min(bins, Math.ceil((to / p.elapsed) * bins)); i++, n++) sum += python[i] + native[i] + system[i];
  return n ? sum / n : 0;
}

function drawAxis({ ctx, width, color }: Painter, from: number, to: number, cursor: number | null): void {
  const marks = ticks(from, to, Math.max(3, Math.floor(width / 90)));
  const step = marks.length > 1 ? marks[1] - marks[0] : 1;
  ctx.font = `10.5px ${color.ui}`;
  ctx.textBaseline = 'top';
  for (const t of marks) {
    const x = ((t - from) / (to - from)) * width;
    ctx.fillStyle = color.hairline;
    ctx.fillRect(Math.round(x), 0, 1, 22);
    if (x < width - 40) { ctx.fillStyle = color['ink-3']; ctx.fillText(`${tickLabel(t, step)} s`, x + 4, 5); }
  }
  if (cursor !== null) {
    const x = Math.max(28, Math.min(width - 28, ((cursor - from) / (to - from)) * width)), text = `${cursor.toFixed(to - from < 1 ? 4 : 2)} s`;
    ctx.font = `500 10.5px ${color.ui}`;
    const wide = ctx.measureText(text).width + 12;
    ctx.fillStyle = color.ink;
    ctx.beginPath();
    pill(ctx, x - wide / 2, 2, wide, 16, 8);
    ctx.fill();
    ctx.fillStyle = color.surface;
    ctx.fillText(text, x - wide / 2 + 6, 5);
  }
}

function drawCursor({ ctx, width, height, color }: Painter, from: number, to: number, cursor: number | null): void {
  if (cursor === null) return;
  ctx.fillStyle = color.ink;
  ctx.fillRect(Math.round(((cursor - from) / (to - from)) * width), 0, 1, height);
}

function drawTrack({ ctx, width, color }: Painter, spans: [number, number][], id: string, from: number, to: number): void {
  ctx.fillStyle = color.sunk;
  ctx.fillRect(0, 4, width, 8);
  ctx.fillStyle = id === 'gil' ? color.hot : id === 'await' ? color.await : color.neutral;
  for (const [start, length] of spans) {
    if (start > to || start + length < from) continue;
    const x = ((start - from) / (to - from)) * width;
    ctx.fillRect(x, 4, Math.max(1, (length / (to - from)) * width), 8);
  }
}

function drawLoad(painter: Painter, p: Profile, from: number, to: number, cursor: number | null): void {
  const { ctx, width, height, color, stripes } = painter;
  const { bins, python, native, system } = p.load!;
  let most = 1;
  for (let i = 0; i < bins; i++) most = Math.max(most, python[i] + native[i] + system[i]);
  const first = Math.max(0, Math.floor((from / p.elapsed) * bins)), last = Math.min(bins, Math.ceil((to / p.elapsed) * bins));
  for (let i = first; i < last; i++) {
    const x = (((i / bins) * p.elapsed - from) / (to - from)) * width, w = (p.elapsed / bins / (to - from)) * width;
    let y = height;
    for (const [column, paint] of [[python, color['cpu-python']], [native, color['cpu-native']], [system, stripes(color['cpu-system'], color['cpu-system-bg'])]] as const) {
      const h = (column[i] / most) * (height - 4);
      ctx.fillStyle = paint;
      ctx.fillRect(x, y - h, Math.max(0.75, w + 0.4), h);
      y -= h;
    }
  }
  drawCursor(painter, from, to, cursor);
}

/** Slices of a lane. Those thinner than a pixel merge into a texture whose colour is that of the longest one. */
function drawLane(painter: Painter, p: Profile, lane: Lane, from: number, to: number, depth: number, pass: Uint8Array | null, chosen: Slice | null, cursor: number | null): void {
  const { ctx, width, color } = painter;
  const ids = functionIds(p.frames!), tree = p.frames!, scale = width / (to - from);
  const brush = brushes(painter), split = ownSplit(p);
  const until = new Float64Array(depth + 1).fill(-1);
  for (const slice of lane.slices) {
    if (slice.depth >= depth) continue;
    const x = (slice.start - from) * scale, w = Math.max(0.75, (slice.end - slice.start) * scale);
    if (x + w < until[slice.depth]) continue;
    until[slice.depth] = w < 1 ? Math.floor(x) + 1 : x + w - 0.5;
    const paint = kindColor(p, slice.node, 'cpu-python');
    const own = split && paint === 'cpu-python' ? (split.native[slice.node] > 0.5 ? 'cpu-native' : split.system[slice.node] > 0.5 ? 'cpu-system' : paint) : paint;
    ctx.globalAlpha = pass && !pass[ids[slice.node]] ? 0.25 : 1;
    drawSlice(painter, slice, brush(paint), brush(own), x, w, (t) => (t - from) * scale, tree.strings[tree.name[slice.node]] || '?');
    ctx.globalAlpha = 1;
    if (slice === chosen) {
      ctx.strokeStyle = color.focus;
      ctx.lineWidth = 2;
      ctx.strokeRect(x + 1, slice.depth * rowHeight + 1, Math.max(2, w - 2), rowHeight - 3);
    }
  }
  drawCursor(painter, from, to, cursor);
}

/** Own time stands where it was. The label has the longest part to itself; where all are short, it covers some. */
function drawSlice(painter: Painter, { start, end, depth, own }: Slice, brush: Brush, full: Brush, x: number, w: number, place: (t: number) => number, label: string): void {
  const { ctx } = painter, y = depth * rowHeight, height = rowHeight - 1;
  let working = 0;
  for (let i = 0; i < own.length; i += 2) working += own[i + 1] - own[i];
  const share = working / (end - start || 1);
  if (w < 4 || share > 0.995) { drawFrame(painter, brush, x, y, w, height, [{ brush: full, share }], label, '', 10); return; }
  drawFrame(painter, brush, x, y, w, height, [], '');
  let left = x + 3, wide = 0, ink = brush.ink, seen = x + 3;
  const part = (from: number, to: number, color: string) => { if (to - from > wide) { left = from; wide = to - from; ink = color; } };
  ctx.fillStyle = full.full;
  for (let i = 0; i < own.length; i += 2) {
    const from = place(own[i]), to = Math.min(x + w - 1, place(own[i + 1]));
    part(seen, from, brush.ink);
    part(from, to, full.fullInk);
    ctx.fillRect(from, y, Math.max(0.5, to - from), height);
    seen = to;
  }
  part(seen, x + w - 1, brush.ink);
  if (wide >= Math.min(w - 8, 60) || share > 0.5) drawLabel(painter, label, '', left + 5, wide - 8, y, height, ink, 10);
  else drawLabel(painter, label, '', x + 8, w - 12, y, height, brush.ink, 10, brush.tint);
}
