// The Memory view: the footprint over time, what is live, what leaks, what is allocated and copied.
import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { duration, full, percent, size, tickLabel, ticks, shown } from '../model/format';
import { columnOf, heightAt, topLines, value, type Profile } from '../model/profile';
import { Canvas, type Painter } from '../parts/canvas';
import { Segmented } from '../parts/controls';
import { pill } from '../parts/frame-painter';
import { Icon } from '../parts/icon';
import { Bar, FileName, Spark, Swatch } from '../parts/marks';
import { Source } from '../parts/source';
import { copyLocation, openEditor } from '../state/actions';
import { goToLine, moment, profile, range, selectLine, selection } from '../state/store';
import { setRange } from './overview';
import { Dim, Unseen } from '../parts/tags';

type What = 'memory.at_peak' | 'memory.live' | 'memory.peak' | 'memory' | 'copy.volume';
const what = signal<What>('memory.at_peak');
const inset = 48; // px for the labels of the vertical axis
const edge = 6; // px at the right, for the dot

export function MemoryView() {
  const p = profile.value!;
  if (!p.hasMemory && p.footprint.t.length === 0)
    return <section class="view chart-view" aria-label="Memory"><div class="empty"><p>Memory was not profiled. Run with <code>--memory</code> to see what allocates, what stays and what leaks.</p></div></section>;
  const known = (id: string) => p.metrics.some((m) => m.id === id && m.max > 0);
  const choices = ([['memory.at_peak', 'Live at the peak'], ['memory.peak', 'Peak of each'], ['memory.live', 'Live at the end'], ['memory', 'Allocated'], ['copy.volume', 'Copied']] as const).filter(([id]) => known(id));
  const key = choices.some(([id]) => id === what.value) ? what.value : choices[0]?.[0] ?? 'memory';
  const at = moment.value ?? peakTime(p);
  useEffect(() => { // what most needs a look
    if (selection.value) return;
    const leak = worstLeaks(p)[0], largest = topLines(p, 'memory.peak', 1)[0] ?? topLines(p, 'memory', 1)[0];
    if (leak) selectLine(leak.file.index, leak.leak.line);
    else if (largest) selectLine(largest.file, largest.line);
  }, [p]);
  return (
    <section class="view chart-view" aria-label="Memory">
      <div class="toolbar">
        {choices.length > 1 && <Segmented label="Lines by" value={key} onChange={(v) => { what.value = v; }} choices={choices} />}
        {range.value && <button class="select" onClick={() => { range.value = null; }}><Dim>range</Dim> <b>{range.value.map((t) => t.toFixed(2)).join(' – ')} s</b><Icon name="close" /></button>}
        <span class="grow" />
        <span class="chart-legend-inline">{p.footprintPython ? <><Swatch color="mem-python" />Python <Swatch color="mem-native" />native</> : <><Swatch color="mem" />footprint, Python and native together</>}</span>
      </div>
      {p.footprint.t.length > 1 ? <Footprint p={p} at={at} /> : <p class="chart-note">No footprint was recorded.</p>}
      <div class="memory-columns">
        <LiveTable p={p} by={key} label={choices.find(([id]) => id === key)?.[1] ?? ''} />
        <div><Leaks p={p} />{known('memory') && known('memory.live') && <Kept p={p} />}</div>
      </div>
    </section>
  );
}

function peakTime(p: Profile): number {
  let best = 0;
  p.footprint.mb.forEach((mb, i) => { if (mb > p.footprint.mb[best]) best = i; });
  return p.footprint.t[best] ?? 0;
}

const footprintAt = (p: Profile, t: number): number => heightAt(p.footprint, t);

function Footprint({ p, at }: { p: Profile; at: number }) {
  const [from, to] = range.value ?? [0, p.elapsed];
  const time = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return Math.max(from, Math.min(to, from + ((event.clientX - box.left - inset) / (box.width - inset - edge)) * (to - from)));
  };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = (to - from) / (event.shiftKey ? 10 : 100);
    const chosen = selection.value?.kind === 'line' ? selection.value : null, slide = { a: -(to - from) / 4, d: (to - from) / 4 }[event.key];
    const next = { ArrowLeft: at - step, ArrowRight: at + step, Home: from, End: to }[event.key];
    if (next !== undefined) moment.value = Math.max(from, Math.min(to, next));
    else if ('+=w'.includes(event.key)) setRange(p, at - (to - from) / 4, at + (to - from) / 4);
    else if ('-s'.includes(event.key)) setRange(p, at - (to - from), at + (to - from));
    else if (event.key === '0') range.value = null;
    else if (slide) { const start = Math.max(0, Math.min(p.elapsed - (to - from), from + slide)); setRange(p, start, start + to - from); }
    else if (chosen && event.key === 'o') openEditor(p.files[chosen.file], chosen.line);
    else if (chosen && event.key === 'y') copyLocation(p.files[chosen.file], chosen.line);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="memory-chart">
      <Canvas height={272} focusable role="application" label={`Footprint: ${size(footprintAt(p, at))} at ${duration(at)}, peak ${size(p.peak)}. Left and right move the moment.`} draw={(painter) => draw(painter, p, from, to, at)}
        onKeyDown={keys} onClick={(event) => { moment.value = time(event); }} onPointerMove={(event) => { if (event.buttons & 1) moment.value = time(event); }} />
      <span class="offscreen" role="status" aria-live="polite">{size(footprintAt(p, at))} at {duration(at)}</span>
    </div>
  );
}

function draw({ ctx, width: whole, height, color }: Painter, p: Profile, from: number, to: number, at: number): void {
  const width = whole - edge;
  const bottom = height - 22, top = 26;
  const most = Math.max(p.peak, ...p.footprint.mb, 1e-9) * 1.02;
  const unit = most >= 1024 ? 1024 : 1;
  const x = (t: number) => inset + ((t - from) / (to - from)) * (width - inset);
  const y = (mb: number) => bottom - (mb / most) * (bottom - top);
  ctx.font = `10.5px ${color.ui}`;
  ctx.textBaseline = 'middle';
  const levels = ticks(0, most / unit, 4);
  for (const level of levels) {
    const line = Math.round(y(level * unit));
    ctx.fillStyle = color.hairline;
    ctx.fillRect(inset, line, width - inset, 1);
    ctx.fillStyle = color['ink-3'];
    ctx.textAlign = 'right';
    if (level > 0) ctx.fillText(`${tickLabel(level, levels[1] - levels[0] || 1)} ${unit === 1024 ? 'GB' : 'MB'}`, inset - 6, line);
  }
  ctx.save();
  ctx.beginPath();
  ctx.rect(inset, 0, width - inset, bottom);
  ctx.clip();
  const area = (values: Float64Array, paint: string) => {
    const { t } = p.footprint;
    ctx.fillStyle = paint;
    ctx.beginPath();
    ctx.moveTo(x(t[0]), bottom);
    for (let i = 0; i < t.length; i++) ctx.lineTo(x(t[i]), y(values[i]));
    ctx.lineTo(x(t[t.length - 1]), bottom);
    ctx.fill();
  };
  area(p.footprint.mb, color[p.footprintPython ? 'mem-native' : 'mem']);
  if (p.footprintPython) area(p.footprintPython, color['mem-python']);
  ctx.restore();
  ctx.textAlign = 'center';
  const marks = ticks(from, to, Math.max(3, Math.floor(width / 110)));
  for (const t of marks) { ctx.fillStyle = color['ink-3']; ctx.fillText(`${tickLabel(t, marks[1] - marks[0] || 1)} s`, Math.max(inset + 10, Math.min(width - 14, x(t))), bottom + 12); }
  const peak = peakTime(p), here = footprintAt(p, at);
  ctx.font = `500 11px ${color.ui}`;
  if (peak >= from && peak <= to && Math.abs(x(peak) - x(at)) > 4) {
    ctx.fillStyle = color['ink-2'];
    ctx.textAlign = x(peak) > width - 120 ? 'right' : 'left';
    ctx.fillText(`peak ${size(p.peak)} at ${duration(peak)}`, x(peak) + (ctx.textAlign === 'right' ? -6 : 6), Math.max(10, y(p.peak) - 10));
  }
  if (at < from || at > to) return;
  ctx.fillStyle = color.ink;
  ctx.fillRect(Math.round(x(at)), 8, 1, bottom - 8);
  const text = `${size(here)} at ${at.toFixed(2)} s`, wide = ctx.measureText(text).width + 20;
  const left = x(at) + 8 + wide > width ? x(at) - wide - 8 : x(at) + 8;
  ctx.beginPath();
  pill(ctx, left, 2, wide, 20, 10);
  ctx.fill();
  ctx.textAlign = 'left';
  ctx.fillStyle = color.surface;
  ctx.fillText(text, left + 10, 12.5);
  ctx.beginPath();
  ctx.arc(x(at), y(here), 4.5, 0, 7);
  ctx.fillStyle = color.surface;
  ctx.fill();
  ctx.lineWidth = 2;
  ctx.strokeStyle = color.ink;
  ctx.stroke();
}

function LiveTable({ p, by, label }: { p: Profile; by: string; label: string }) {
  const top = useMemo(() => topLines(p, by, 14), [p, by]);
  // Peaks of lines are of different moments: their sum is of none.
  const whole = by === 'memory.at_peak' ? p.peak : by === 'memory.peak' ? 0 : p.files.reduce((sum, f) => sum + columnOf(f.lines, by).reduce((a, b) => a + b, 0), 0) || 1;
  const moments: Record<string, string> = { 'memory.at_peak': `${size(p.peak)} at ${duration(peakTime(p))}; the moment of the graph moves the footprint alone`, 'memory.peak': 'highest live memory of each line, whenever it was', 'memory.live': 'still in use when the run ended', memory: 'over the whole run', 'copy.volume': 'over the whole run' };
  const chosen = selection.value;
  return (
    <div>
      <div class="section-head">{label} by line <span>{moments[by]}</span></div>
      <table class="plain">
        <thead><tr><th class="number">{label.toLowerCase()}</th><th><Unseen>bar</Unseen></th>{whole > 0 && <th class="number">share</th>}<th>line</th><th>source</th></tr></thead>
        <tbody>
          {top.map(({ file, line, row, value: v }) => {
            const f = p.files[file], python = Math.min(1, value(f.lines, 'memory.python', row));
            return (
              <tr key={`${file}:${line}`} class={chosen?.kind === 'line' && chosen.file === file && chosen.line === line ? 'current' : ''}>
                <td class="number"><b>{size(v)}</b></td>
                <td class="bar-cell"><Bar segments={by.startsWith('copy') ? [{ color: 'copy', value: v }] : [{ color: 'mem-python', value: v * python }, { color: 'mem-native', value: v * (1 - python) }]} scale={top[0].value} /></td>
                {whole > 0 && <td class="number dim">{shown((v / whole) * 100)} %</td>}
                <td><button onClick={() => selectLine(file, line)} onDblClick={() => goToLine(file, line)}><code><FileName name={f.name} line={line} /></code></button></td>
                <td class="wide"><Source file={f} line={line} dedent={999} /></td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {top.length === 0 && <p class="dim">No line allocated enough to be seen.</p>}
    </div>
  );
}

const worstLeaks = (p: Profile) => p.files.flatMap((file) => file.leaks.map((leak) => ({ file, leak }))).sort((x, y) => y.leak.velocity - x.leak.velocity);

function Leaks({ p }: { p: Profile }) {
  const leaks = worstLeaks(p);
  return (
    <div>
      <div class="section-head">Leaks <span>{leaks.length ? `${leaks.length} ${leaks.length === 1 ? 'line' : 'lines'}` : 'none found'}</span></div>
      {leaks.slice(0, 4).map(({ file, leak }) => {
        const row = file.lines.line.indexOf(leak.line), curve = file.lines.spark(row), live = value(file.lines, 'memory.live', row);
        return (
          <div class="leak-card" key={`${file.index}:${leak.line}`}>
            <header><span class="badge leak"><Icon name="leak" />{full(leak.velocity, 'MiB/s')}</span><button onClick={() => goToLine(file.index, leak.line)}><code><FileName name={file.name} line={leak.line} /></code></button><Dim>likelihood {percent(leak.likelihood * 100)} %</Dim></header>
            <pre><Source file={file} line={leak.line} dedent={999} /></pre>
            {curve && curve.t.length > 1 && <div class="curve"><Spark curve={curve} elapsed={p.elapsed} leak width={300} height={48} /></div>}
            <p>{live > 0 ? `${size(live)} live at the end. ` : ''}Grows by {full(leak.velocity, 'MiB/s')}; after an hour that is {size(leak.velocity * 3600)}.</p>
          </div>
        );
      })}
      {leaks.length === 0 && <p class="dim">No line keeps growing.</p>}
    </div>
  );
}

/** Churn against growth: what a line allocated in all, and what of it was kept. */
function Kept({ p }: { p: Profile }) {
  const top = topLines(p, 'memory', 6);
  return (
    <div>
      <div class="section-head">Allocated against kept <span>whole run</span></div>
      <table class="plain">
        <thead><tr><th>line</th><th class="number">allocated</th><th><Unseen>bar</Unseen></th><th class="number">kept</th></tr></thead>
        <tbody>
          {top.map(({ file, line, row, value: v }) => {
            const kept = value(p.files[file].lines, 'memory.live', row);
            return (
              <tr key={`${file}:${line}`}><td class="wide"><button onClick={() => goToLine(file, line)}><code><FileName name={p.files[file].name} line={line} /></code></button></td><td class="number">{size(v)}</td>
                <td class="bar-cell"><Bar segments={[{ color: 'mem-native', value: Math.min(v, kept) }, { color: 'sunk', value: Math.max(0, v - kept) }]} scale={top[0].value} /></td><td class="number dim">{size(kept) || '0'}</td></tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
