// The strip under the top bar: footprint, load and tracks over the whole run, with a brush that narrows the views which
// have data over time.
import { useRef } from 'preact/hooks';
import { duration, size, tickLabel, ticks } from '../model/format';
import type { Profile } from '../model/profile';
import { Canvas, type Painter } from '../parts/canvas';
import { Swatch } from '../parts/marks';
import { profile, range, say } from '../state/store';

const trackColors: Record<string, string> = { gc: 'neutral', io: 'neutral', gil: 'hot', await: 'await' };

export function Overview() {
  const p = profile.value!;
  const box = useRef<HTMLDivElement>(null);
  const grabbed = useRef<{ from: number; what: 'new' | 'low' | 'high' | 'move'; start: [number, number] } | null>(null);
  const [low, high] = range.value ?? [0, p.elapsed];
  const share = (t: number) => `${(t / (p.elapsed || 1)) * 100}%`;

  const timeAt = (event: PointerEvent) => {
    const rect = box.current!.getBoundingClientRect();
    return Math.max(0, Math.min(p.elapsed, ((event.clientX - rect.left) / rect.width) * p.elapsed));
  };
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const t = timeAt(event), near = (6 / box.current!.clientWidth) * p.elapsed;
    const what = Math.abs(t - low) < near && range.value ? 'low' : Math.abs(t - high) < near && range.value ? 'high' : range.value && t > low && t < high ? 'move' : 'new';
    grabbed.current = { from: t, what, start: [low, high] };
    box.current!.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const held = grabbed.current;
    if (!held) return;
    const t = timeAt(event);
    if (held.what === 'new') setRange(p, Math.min(held.from, t), Math.max(held.from, t));
    else if (held.what === 'low') setRange(p, Math.min(t, held.start[1]), held.start[1]);
    else if (held.what === 'high') setRange(p, held.start[0], Math.max(t, held.start[0]));
    else {
      const width = held.start[1] - held.start[0];
      const from = Math.max(0, Math.min(p.elapsed - width, held.start[0] + t - held.from));
      setRange(p, from, from + width);
    }
  };
  const up = () => { grabbed.current = null; };
  const key = (which: 'low' | 'high') => (event: KeyboardEvent) => {
    const step = (event.shiftKey ? 0.1 : 0.01) * p.elapsed;
    const by = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step, Home: -Infinity, End: Infinity }[event.key];
    if (by === undefined) return;
    if (which === 'low') setRange(p, Math.max(0, Math.min(high - p.elapsed / 500, low + by)), high);
    else setRange(p, low, Math.min(p.elapsed, Math.max(low + p.elapsed / 500, high + by)));
    event.preventDefault();
    event.stopPropagation();
  };
  const handle = (which: 'low' | 'high') => (
    <div class={`handle ${which}`} role="slider" tabIndex={0} aria-label={which === 'low' ? 'Begin of the time range' : 'End of the time range'} aria-valuemin={0} aria-valuemax={Number(p.elapsed.toFixed(3))}
      aria-valuenow={Number((which === 'low' ? low : high).toFixed(3))} aria-valuetext={duration(which === 'low' ? low : high)} onKeyDown={key(which)} />
  );
  const marks = ticks(0, p.elapsed, 8).filter((t) => t > 0 && t < p.elapsed * 0.985);
  return (
    <section class="overview" aria-label="Overview over time">
      <div class="overview-key">
        <div><b>Memory</b><span>{p.footprint.t.length ? <>{p.footprintPython ? <><Swatch color="mem-python" />Python <Swatch color="mem-native" />native</> : <><Swatch color="mem" />footprint</>}</> : 'not profiled'}</span></div>
        <div><b>CPU</b><span><Swatch color="cpu-python" />Python <Swatch color="cpu-native" />native</span></div>
        <div class="overview-tracks">{p.tracks.length ? p.tracks.slice(0, 4).map((track) => <span key={track.id}><Swatch color={trackColors[track.id] ?? 'neutral'} />{track.label}</span>) : <span>{p.threads.length > 1 ? `${p.threads.length} threads` : ''}{p.processes.length > 1 ? `, ${p.processes.length} processes` : ''}</span>}</div>
      </div>
      <div class="overview-plot" ref={box} onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} onDblClick={() => { range.value = null; }}
        style={{ '--low': share(low), '--high': share(high) }}>
        <Canvas height={64} label={summary(p)} draw={(painter) => drawOverview(painter, p)} />
        <div class="veil low" /><div class="veil high" />
        <div class="overview-ticks" aria-hidden="true">{marks.map((t) => <span key={t} style={{ left: share(t) }}>{tickLabel(t, marks[1] - marks[0] || t)} s</span>)}</div>
        {handle('low')}{handle('high')}
        {range.value && <span class="range-pill">{low.toFixed(2)} – {high.toFixed(2)} s<button aria-label="Show the whole run" onClick={() => { range.value = null; say('Whole run'); }}>×</button></span>}
      </div>
    </section>
  );
}

export function setRange(p: Profile, from: number, to: number): void {
  const least = p.elapsed / 500;
  if (from <= 0 && to >= p.elapsed) range.value = null;
  else if (to - from >= least) range.value = [Math.max(0, from), Math.min(p.elapsed, to)];
}

function summary(p: Profile): string {
  const parts = [`${duration(p.elapsed)} of run`];
  if (p.peak > 0) parts.push(`footprint up to ${size(p.peak)}`);
  if (p.load) parts.push(`on average ${((p.totals.python + p.totals.native + p.totals.kernel) / (p.elapsed || 1)).toFixed(1)} CPUs busy`);
  return parts.join(', ');
}

function drawOverview({ ctx, width, color, stripes }: Painter, p: Profile): void {
  const x = (t: number) => (t / (p.elapsed || 1)) * width;
  ctx.fillStyle = color.hairline;
  for (const t of ticks(0, p.elapsed, 8)) if (t > 0) ctx.fillRect(Math.round(x(t)), 0, 1, 64);
  drawFootprint(ctx, p, x, 13, 33, color);
  if (p.load) {
    const { bins, python, native, system } = p.load;
    let most = 0;
    for (let i = 0; i < bins; i++) most = Math.max(most, python[i] + native[i] + system[i]);
    most = Math.max(1, most);
    const tall = p.tracks.length ? 12 : 26, base = 35 + tall;
    const step = width / bins;
    for (let i = 0; i < bins; i++) {
      let y = base;
      for (const [column, paint] of [[python, color['cpu-python']], [native, color['cpu-native']], [system, stripes(color['cpu-system'], color['cpu-system-bg'])]] as const) {
        const h = (column[i] / most) * tall;
        ctx.fillStyle = paint;
        ctx.fillRect(i * step, y - h, Math.max(0.75, step + 0.4), h);
        y -= h;
      }
    }
  }
  p.tracks.slice(0, 4).forEach((track, row) => {
    ctx.fillStyle = color[trackColors[track.id] ?? 'neutral'] ?? color.neutral;
    for (const [start, length] of track.spans) ctx.fillRect(x(start), 48 + row * 4, Math.max(1, x(length)), 3);
  });
}

export function drawFootprint(ctx: CanvasRenderingContext2D, p: Profile, x: (t: number) => number, top: number, bottom: number, color: Record<string, string>, most = Math.max(p.peak, ...p.footprint.mb, 1e-9)): void {
  const { t, mb } = p.footprint;
  if (!t.length) return;
  const area = (values: Float64Array, paint: string) => {
    ctx.fillStyle = paint;
    ctx.beginPath();
    ctx.moveTo(x(t[0]), bottom);
    for (let i = 0; i < t.length; i++) ctx.lineTo(x(t[i]), bottom - (values[i] / most) * (bottom - top));
    ctx.lineTo(x(Math.max(t[t.length - 1], p.running ? 0 : p.elapsed)), bottom - (values[t.length - 1] / most) * (bottom - top));
    ctx.lineTo(x(Math.max(t[t.length - 1], p.running ? 0 : p.elapsed)), bottom);
    ctx.fill();
  };
  area(mb, color[p.footprintPython ? 'mem-native' : 'mem']);
  if (p.footprintPython) area(p.footprintPython, color['mem-python']);
}
