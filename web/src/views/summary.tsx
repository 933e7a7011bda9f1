// The Summary: one sentence that says what the program is bound by, then the evidence.
import { useMemo } from 'preact/hooks';
import { count, duration, full, percent, size, shown } from '../model/format';
import { columnOf, FrameKind, sumOf, topLines, value, valueOf, type Profile } from '../model/profile';
import { Icon } from '../parts/icon';
import { Bar, FileName, Parts, Swatch, type Segment } from '../parts/marks';
import { Source } from '../parts/source';
import { fileByPath, goToLine, metric, panel, profile, selection, sort, view } from '../state/store';
import { timeSegments } from './lines';
import { labelOf } from './lines-columns';
import { Dim } from '../parts/tags';

export function Summary() {
  const p = profile.value!;
  return (
    <section class="view summary" aria-label="Summary" tabIndex={-1}>
      <Lead p={p} />
      {p.insights.length > 0 && <Limits p={p} />}
      <div class="summary-columns"><HotLines p={p} /><HotFunctions p={p} /></div>
      <Totals p={p} />
      <div class="summary-columns"><HotPaths p={p} /><Leaks p={p} /></div>
    </section>
  );
}

function Lead({ p }: { p: Profile }) {
  const { python, native, kernel, idle } = p.totals;
  const total = python + native + kernel + idle;
  const parts = [
    { color: 'cpu-python', label: 'Python', value: python }, { color: 'cpu-native', label: 'native', value: native },
    { color: 'cpu-system', label: 'kernel', value: kernel }, { color: 'wait', label: 'waiting', value: idle },
  ].filter((part) => part.value > 0);
  return (
    <div class="lead">
      <h2>{p.headline.length ? <Parts parts={p.headline} /> : p.files.length ? <>{duration(p.elapsed)} of <strong>{p.name}</strong></> : <>No line of <strong>{p.name}</strong> was seen at work</>}</h2>
      {total > 0 && <>
        <Bar size="hero" segments={parts} scale={total} />
        <p class="lead-legend">
          {parts.map((part) => <span key={part.color}><Swatch color={part.color} />{part.label} <b>{shown((part.value / total) * 100)} %</b> {duration(part.value)}</span>)}
        </p>
      </>}
      {p.totals.samples > 0 && p.totals.samples < 100 && <p class="caution">Only {count(p.totals.samples)} samples: shares are rough. A longer run, or a shorter sampling interval, makes them sharper.</p>}
    </div>
  );
}

function Limits({ p }: { p: Profile }) {
  return (
    <div class="limits">
      <h3>What limits this program</h3>
      <ul>
        {p.insights.map((insight, i) => {
          const to = insight.evidence[0];
          const inside = <>
            <i class={`limit-mark p-${insight.color}`} aria-hidden="true" />
            <span class="clip"><strong>{insight.title}</strong> <Parts parts={insight.parts} /></span>
            <b class={/leak|grow/.test(insight.rule) || i === 0 ? 'hot' : ''}>{insight.value}</b>
            {to ? <Icon name="right" /> : <span />}
          </>;
          return <li key={i}>{to ? <button class="limit" onClick={() => goToLine(to.file, to.line)}>{inside}</button> : <div class="limit">{inside}</div>}</li>;
        })}
      </ul>
    </div>
  );
}

function HotLines({ p }: { p: Profile }) {
  const key = metric.value;
  const top = useMemo(() => topLines(p, key, 10), [p, key]);
  const info = p.metrics.find((m) => m.id === key);
  if (!top.length) return null;
  const scale = top[0].value;
  const segments = (file: number, row: number): Segment[] => (key === 'time' ? timeSegments(p.files[file].lines, row) : [{ color: info?.color ?? 'neutral', value: value(p.files[file].lines, key, row) }]);
  return (
    <div class="block">
      <h3>Hottest lines <span>{key === 'time' ? `% of ${duration(p.totals.total)}` : labelOf(p, key)}</span></h3>
      <ul class="ranks lines-ranks">
        {top.map(({ file, line, row, value: v }, i) => (
          <li key={`${file}:${line}`}><button class={i === 0 ? 'first' : ''} onClick={() => goToLine(file, line)} onFocus={() => { selection.value = { kind: 'line', file, line }; }}>
            <b>{key === 'time' ? percent(v) : full(v, info?.unit ?? 'count')}</b><Bar segments={segments(file, row)} scale={scale} />
            <span class="mono clip"><FileName name={p.files[file].name} line={line} /></span><span class="clip mono"><Source file={p.files[file]} line={line} dedent={999} /></span>
          </button></li>
        ))}
      </ul>
      {top.length > 0 && <p class="more"><button class="link" onClick={() => { sort.value = [{ key, descending: true }]; view.value = 'lines'; }}>all lines by {labelOf(p, key)}</button></p>}
    </div>
  );
}

function HotFunctions({ p }: { p: Profile }) {
  const top = useMemo(() => {
    const all: { file: number; row: number; self: number; total: number }[] = [];
    for (const file of p.files) {
      const time = columnOf(file.functions, 'time');
      for (let row = 0; row < file.functions.count; row++) {
        const total = ((file.functions.total?.[row] ?? 0) / (p.totals.total || 1)) * 100;
        if (time[row] >= 0.05) all.push({ file: file.index, row, self: time[row], total: Math.max(total, time[row]) });
      }
    }
    return all.sort((x, y) => y.self - x.self).slice(0, 10);
  }, [p]);
  const scale = Math.max(...top.map((each) => each.total), 1e-9);
  if (!top.length) return null;
  return (
    <div class="block">
      <h3>Hottest functions <span>own lines · with callees</span></h3>
      <ul class="ranks functions-ranks">
        {top.map(({ file, row, self, total }) => {
          const rows = p.files[file].functions;
          return (
            <li key={`${file}:${row}`}><button onClick={() => goToLine(file, rows.line[row])} onFocus={() => { selection.value = { kind: 'function', file, row }; }}>
              <b>{percent(self)}</b><span class="dim num">{percent(total)}</span>
              <span class="overlay"><Bar segments={[{ color: 'cpu-system-bg', value: total }]} scale={scale} /><Bar segments={timeSegments(rows, row)} scale={scale} /></span>
              <span class="clip"><code>{rows.name[row]}</code> <Dim>{p.files[file].name}</Dim></span>
            </button></li>
          );
        })}
      </ul>
    </div>
  );
}

/** The heaviest functions by time with callees, down the path that most of it takes. */
function HotPaths({ p }: { p: Profile }) {
  const tree = p.frames;
  const path = useMemo(() => {
    if (!tree) return [];
    const self = tree.self.get(tree.metrics[0]?.id ?? 'time');
    if (!self) return [];
    const total = Float64Array.from(self);
    for (let i = tree.count - 1; i > 0; i--) total[tree.parent[i]] += total[i];
    const out: { node: number; share: number }[] = [];
    let at = 0;
    for (let steps = 0; steps < 200; steps++) { // children follow their parent; those with more time come first
      let best = -1;
      for (let i = at + 1; i < tree.count && tree.parent[i] >= at; i++) if (tree.parent[i] === at && (best < 0 || total[i] > total[best])) best = i;
      if (best < 0 || total[best] < total[0] * 0.05) break;
      out.push({ node: best, share: total[best] / (total[0] || 1) });
      at = best;
    }
    return out;
  }, [tree]);
  if (!tree || !path.length) return null;
  const shown = path.length > 8 ? [...path.slice(0, 3), null, ...path.slice(-4)] : path;
  return (
    <div class="block">
      <h3>Heaviest call path <span>% of time with callees</span></h3>
      <ul class="ranks path-ranks">
        {shown.map((step, i) => step === null ? <li key={i} class="dim omitted">⋯ {path.length - 7} more</li> : (
          <li key={i}><button onClick={() => { selection.value = { kind: 'frame', node: step.node }; view.value = 'flame'; }}>
            <b>{percent(step.share * 100)}</b><Bar segments={[{ color: tree.kind[step.node] === FrameKind.Native ? 'cpu-native' : tree.kind[step.node] === FrameKind.Mark ? 'cpu-system' : 'cpu-python', value: step.share }]} scale={1} />
            <span class="clip"><code>{tree.strings[tree.name[step.node]]}</code> <Dim>{fileByPath.value.get(tree.strings[tree.file[step.node]])?.name ?? tree.strings[tree.file[step.node]].split('/').pop()}{tree.line[step.node] > 0 && `:${tree.line[step.node]}`}</Dim></span>
          </button></li>
        ))}
      </ul>
    </div>
  );
}

function Leaks({ p }: { p: Profile }) {
  const leaks = p.files.flatMap((file) => file.leaks.map((leak) => ({ file, leak }))).sort((x, y) => y.leak.velocity - x.leak.velocity);
  if (!leaks.length) return null;
  return (
    <div class="block">
      <h3>Leaks <span>{leaks.length} {leaks.length === 1 ? 'line' : 'lines'}</span></h3>
      <ul class="ranks leak-ranks">
        {leaks.slice(0, 8).map(({ file, leak }) => (
          <li key={`${file.index}:${leak.line}`}><button onClick={() => goToLine(file.index, leak.line)}>
            <span class="badge leak"><Icon name="leak" />{full(leak.velocity, 'MiB/s')}</span><span class="mono clip"><FileName name={file.name} line={leak.line} /></span><span class="clip mono"><Source file={file} line={leak.line} dedent={999} /></span>
          </button></li>
        ))}
      </ul>
    </div>
  );
}

function Totals({ p }: { p: Profile }) {
  const copies = p.metrics.some((m) => m.id === 'copy' && m.max > 0);
  const best = topLines(p, 'time', 1)[0];
  const samples = best ? valueOf(p.files[best.file].lines, 'samples', best.row) : 0;
  const low = best ? p.files[best.file].lines.low?.[best.row] ?? 0 : 0, high = best ? p.files[best.file].lines.high?.[best.row] ?? 0 : 0;
  return (
    <div class="totals">
      {p.hasMemory && p.peak > 0 && <Total title="Peak memory" text={size(p.peak)} bar={[{ color: 'mem-python', value: p.peakPython }, { color: 'mem-native', value: 1 - p.peakPython }]}
        note={`Python ${size(p.peak * p.peakPython) || '0 MB'} · native ${size(p.peak * (1 - p.peakPython)) || '0 MB'}`} />}
      {p.hasMemory && p.totals.alloc > 0 && <Total title="Allocated" text={size(p.totals.alloc)} bar={[{ color: 'mem-native', value: 1 }]} note={`of which ${shown(p.growth)} % stayed`} />}
      {copies && <Total title="Copied" text={size(p.totals.copy) || size(p.files.reduce((sum, f) => sum + sumOf(f.lines, 'copy'), 0) * p.elapsed)} bar={[{ color: 'copy', value: 1 }]} note={full(p.totals.copy / (p.elapsed || 1) || p.files.reduce((sum, f) => sum + sumOf(f.lines, 'copy'), 0), 'MiB/s')} />}
      {p.totals.gpu > 0 && <Total title={p.device || 'GPU'} text={duration(p.totals.gpu)} bar={[{ color: 'gpu', value: p.totals.gpu }, { color: 'sunk', value: Math.max(0, p.elapsed - p.totals.gpu) }]} note={`${percent((p.totals.gpu / (p.elapsed || 1)) * 100)} % of the run`} />}
      {p.gil && p.gil.contended >= p.gil.looked / 100 && <Total title="GIL held" text={`${percent((p.gil.held / p.gil.looked) * 100)} %`} bar={[{ color: 'cpu-python', value: p.gil.held - p.gil.native }, { color: 'cpu-native', value: p.gil.native }, { color: 'sunk', value: p.gil.looked - p.gil.held }]}
        note={`by native code ${percent((p.gil.native / p.gil.looked) * 100) || '0'} % · waited for ${percent((p.gil.contended / p.gil.looked) * 100)} %`} />}
      {p.totals.await > 0 && <Total title="Await" text={duration(p.totals.await)} bar={[{ color: 'await', value: 1 }]} note="added up over all tasks" />}
      <div class="total">
        <h3>Confidence</h3>
        {high > low ? <p class="total-value">± {((high - low) / 2).toFixed(1)} %</p> : <p class="total-value">{p.reference ? '–' : count(p.totals.samples) || '–'}</p>}
        <p class="total-note">{p.reference ? 'A profile of the reference implementation: it records no samples.' : <>{count(p.totals.samples) || 'no'} samples{samples > 0 && `, hottest line ${count(samples)}`}. {p.losses[0] ?? 'Nothing lost.'}</>}
          {(p.losses.length > 1 || p.warnings.length > 0) && <> <button class="link" onClick={() => { panel.value = 'warnings'; }}>more</button></>}</p>
      </div>
    </div>
  );
}

const Total = ({ title, text, bar, note }: { title: string; text: string; bar: Segment[]; note: string }) => (
  <div class="total"><h3>{title}</h3><p class="total-value">{text}</p><Bar size="list" segments={bar} scale={bar.reduce((sum, s) => sum + s.value, 0) || 1} /><p class="total-note">{note}</p></div>
);
