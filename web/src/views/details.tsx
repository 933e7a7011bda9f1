// The panel at the right: everything known about the selected line, function or frame.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Delta, Row } from '../model/compare';
import { cell, count, duration, full, percent, digits, signed, size, shown } from '../model/format';
import { functionIds, neighbours, nodeOfFunction, totalsOf } from '../model/flame';
import { columnOf, FrameKind, functionAt, rowOfLine, topLines, value, valueOf, type FileData, type Holder, type Profile, type Rows, type Unit } from '../model/profile';
import { Icon } from '../parts/icon';
import { Bar, FileName, Parts, Spark, Swatch, type Segment } from '../parts/marks';
import { lineText } from '../parts/source';
import { copyLocation, openEditor, proposals, proposeFor } from '../state/actions';
import { dividedWeights, fileByPath, goToLine, hottest, profile, range, region, selection, shownChange, shownFrame, view, weights } from '../state/store';
import { functionList } from './functions';
import { barSegments, reasons, timeSegments } from './lines';
import { allColumns } from './lines-columns';
import { Dim } from '../parts/tags';

export function Details() {
  const p = profile.value!;
  let chosen = selection.value;
  if (view.value === 'flame' && p.frames && chosen?.kind !== 'frame' && chosen?.kind !== 'slice') chosen = { kind: 'frame', node: shownFrame.value };
  const first = (view.value === 'memory' && topLines(p, 'memory.peak', 1)[0]) || hottest.value;
  if (!chosen && view.value === 'functions' && functionList.value.length) chosen = { kind: 'function', ...functionList.value[0] };
  if (!chosen && first) chosen = { kind: 'line', file: first.file, line: first.line };
  const change = view.value === 'compare' && shownChange.value;
  return (
    <aside class="details" aria-label="Details">
      {change && <ChangeDetails p={p} {...change} />}
      {!change && <>
      {!chosen && <p class="dim">Select a line or a frame.</p>}
      {chosen?.kind === 'line' && p.files[chosen.file] && <LineDetails p={p} file={p.files[chosen.file]} line={chosen.line} />}
      {chosen?.kind === 'function' && p.files[chosen.file] && <FunctionDetails p={p} file={p.files[chosen.file]} row={chosen.row} />}
      {chosen?.kind === 'frame' && p.frames && <FrameDetails p={p} node={chosen.node} />}
      {chosen?.kind === 'slice' && p.frames && <FrameDetails p={p} node={chosen.node} slice={chosen} />}
      </>}
    </aside>
  );
}

function LineDetails({ p, file, line }: { p: Profile; file: FileData; line: number }) {
  const row = rowOfLine(file.lines, line);
  const owner = functionAt(file, line);
  const reason = reasons.value.get(`${file.path}:${line}`);
  const leak = file.leaks.find((each) => each.line === line);
  const text = lineText(file, line);
  return (
    <>
      <header>
        <h2 class="mono"><FileName name={file.name} />:{line}</h2>
        {owner >= 0 && <p class="dim clip">in <code>{file.functions.name[owner]}</code></p>}
      </header>
      {text && <pre class="code">{text.length > 400 ? text.slice(0, 400) + ' …' : text}</pre>}
      {reason && <p class="why"><Parts parts={reason} /></p>}
      {leak && <p class="why"><strong>Leak.</strong> Grows by {full(leak.velocity, 'MiB/s')}; likelihood {percent(leak.likelihood * 100)} %.</p>}
      <Actions file={file} line={line} />
      {row < 0 ? <p class="dim">No sample fell on this line.</p> : <RowNumbers p={p} rows={file.lines} row={row} leak={!!leak} />}
      {owner >= 0 && <Later>{() => <CallersOf p={p} file={file} name={file.functions.name[owner]} />}</Later>}
    </>
  );
}

function FunctionDetails({ p, file, row }: { p: Profile; file: FileData; row: number }) {
  const rows = file.functions;
  const first = rows.line[row], last = rows.end[row];
  const time = columnOf(file.lines, 'time');
  const lines = Array.from(file.lines.line, (line, i) => ({ line, i })).filter(({ line }) => line >= first && line <= last)
    .sort((x, y) => time[y.i] - time[x.i]).slice(0, 6).filter(({ i }) => time[i] >= 0.05);
  return (
    <>
      <header><h2 class="mono clip">{rows.name[row]}</h2><p class="dim"><FileName name={file.name} line={first} /></p></header>
      <Actions file={file} line={first} />
      <RowNumbers p={p} rows={rows} row={row} total={rows.total?.[row] ?? 0} />
      <CallersOf p={p} file={file} name={rows.name[row]} />
      {lines.length > 0 && <>
        <h3>Hottest lines of it</h3>
        <div class="list">{lines.map(({ line, i }) => <button key={line} onClick={() => goToLine(file.index, line)}><span class="clip mono"><Dim>:{line}</Dim> {lineText(file, line)}</span><b>{percent(time[i])}</b><Bar size="list" segments={timeSegments(file.lines, i)} scale={time[lines[0].i]} /></button>)}</div>
      </>}
    </>
  );
}

/** A row of Compare: every number that it has now or had before. */
function ChangeDetails({ p, delta: d, unit }: { p: Profile; delta: Delta; unit: Unit }) {
  const file = p.files[d.at], change = d.after - d.before;
  const worth = (at: Row | undefined, id: string) => (at ? value(at.rows, id, at.row) : 0);
  const others = p.metrics.filter((m) => !/^(time|seconds|memory\.(python|executions|age))\b/.test(m.id) && (worth(d.was, m.id) >= m.hideBelow || worth(d.now, m.id) >= m.hideBelow));
  return (
    <>
      <header><h2 class="mono">{d.name || `line ${d.line}`}</h2><p class="dim"><FileName name={d.file} line={d.line} />{d.only && (d.only === 'before' ? ' · only before' : ' · new')}</p></header>
      {file && <Actions file={file} line={d.line} />}
      <h3>Change</h3>
      <p class="large"><b class={Math.abs(change) <= d.noise || !change ? '' : change < 0 ? 'better' : 'worse'}>{signed(change, (v) => full(v, unit))}</b>
        {d.noise > 0 && <span>± {full(d.noise, unit)}{Math.abs(change) <= d.noise && ' · within noise'}</span>}</p>
      <h3>Before → now</h3>
      <dl class="pairs">
        <Pair name={unit === 's' ? 'time' : 'value'} text={`${full(d.before, unit)} → ${full(d.after, unit)}`} />
        {others.map((m) => <Pair key={m.id} name={m.label} help={m.help} text={`${full(worth(d.was, m.id), m.unit)} → ${full(worth(d.now, m.id), m.unit)}`} />)}
      </dl>
    </>
  );
}

export function Actions({ file, line }: { file: FileData; line: number }) {
  return (
    <div class="actions">
      <button class="button" onClick={() => openEditor(file, line)}><Icon name="open" />Open <kbd>o</kbd></button>
      <button class="button" onClick={() => copyLocation(file, line)}><Icon name="copy" />Copy <kbd>y</kbd></button>
      {proposals && <button class="button" onClick={() => proposeFor(file, line, region.value)}><Icon name="proposal" />Ask AI <kbd>a</kbd></button>}
    </div>
  );
}

/** Time, memory and all other numbers of a row. */
function RowNumbers({ p, rows, row, leak = false, total = 0 }: { p: Profile; rows: Rows; row: number; leak?: boolean; total?: number }) {
  const share = valueOf(rows, 'time', row);
  const low = rows.low?.[row] ?? 0, high = rows.high?.[row] ?? 0;
  const samples = value(rows, 'samples', row);
  const waits = p.metrics.filter((m) => m.id.startsWith('wait.') && value(rows, m.id, row) > 0).sort((x, y) => value(rows, y.id, row) - value(rows, x.id, row));
  const curve = rows.spark(row);
  const memory = allColumns.value.find((c) => c.split && c.unit === 'MiB');
  const named = new Set(['time.python', 'time.native', 'time.system', 'samples', 'seconds.python', 'seconds.native', 'seconds.kernel', 'seconds.idle', 'memory.peak', 'memory.average', ...waits.map((m) => m.id)]);
  const rest = (test: (id: string) => boolean) => p.metrics.filter((m) => !named.has(m.id) && test(m.id) && value(rows, m.id, row) > 0 && value(rows, m.id, row) >= Math.min(m.hideBelow, 0.001));
  const isMemory = (id: string) => id.startsWith('memory') || id.startsWith('copy');
  return (
    <>
      <h3>Time</h3>
      <p class="large"><b>{shown(share)}</b> %
        <span>{high > low && `± ${((high - low) / 2).toFixed(1)} · `}{duration((share / 100) * p.totals.total)}{samples > 0 && ` · ${count(samples)} samples`}</span></p>
      <Split segments={timeSegments(rows, row)} labels={['Python', 'native', 'system']} format={percent} />
      <dl class="pairs">
        {total > 0 && <Pair name="with callees" text={`${shown((total / (p.totals.total || 1)) * 100)} % · ${duration(total)}`} />}
        {waits.map((m, i) => <Pair key={m.id} name={i === 0 ? 'waiting' : ''} text={`${m.label} ${duration(value(rows, m.id, row))}`} />)}
        {rest((id) => !isMemory(id)).map((m) => <Pair key={m.id} name={m.label} text={m.id === 'cores' && p.cpus ? `${digits(value(rows, m.id, row) * p.cpus)} of ${cell(p.cpus, 'count')}` : full(value(rows, m.id, row), m.unit)} help={m.help} />)}
      </dl>
      {Object.entries(rows.holders).map(([kind, list]) => <Holders key={kind} kind={kind} list={list.find(([at]) => at === row)?.[1] ?? []} />)}
      {(value(rows, 'memory.peak', row) > 0 || rest(isMemory).length > 0) && <>
        <h3>Memory</h3>
        {curve && <div class="curve"><Spark curve={curve} elapsed={p.elapsed} leak={leak} width={236} height={40} /></div>}
        {memory && <Split segments={barSegments(rows, row, memory)} labels={['Python', 'native']} format={(v) => size(v)} />}
        <dl class="pairs">
          {value(rows, 'memory.peak', row) > 0 && <Pair name={size(value(rows, 'memory.average', row)) ? 'peak · average' : 'peak'} text={[value(rows, 'memory.peak', row), value(rows, 'memory.average', row)].map(size).filter(Boolean).join(' · ')} />}
          {rest(isMemory).map((m) => <Pair key={m.id} name={m.label} text={full(value(rows, m.id, row), m.unit)} help={m.help} />)}
        </dl>
      </>}
    </>
  );
}

/** The lines that held what this one waited for. */
function Holders({ kind, list }: { kind: string; list: Holder[] }) {
  if (!list.length) return null;
  return (
    <>
      <h3>Had the {kind === 'gil' ? 'GIL' : kind} meanwhile</h3>
      <div class="list">
        {list.slice(0, 6).map(([path, line, sec]) => {
          const file = fileByPath.value.get(path);
          return <button key={path + line} disabled={!file} onClick={() => goToLine(file!.index, line)}><span class="clip mono">{path ? <FileName name={file?.name ?? path.split('/').pop()!} line={line} /> : 'not known'}</span><b>{duration(sec)}</b><Bar size="list" segments={[{ color: 'cpu-system', value: sec }]} scale={list[0][2]} /></button>;
        })}
      </div>
    </>
  );
}

const Pair = ({ name, text, help }: { name: string; text: string; help?: string }) => <div title={help}><dt>{name}</dt><dd>{text}</dd></div>;

function Split({ segments, labels, format }: { segments: Segment[]; labels: string[]; format(v: number): string }) {
  const sum = segments.reduce((total, s) => total + s.value, 0);
  if (sum <= 0) return null;
  return (
    <div class="split">
      <Bar size="tall" segments={segments} scale={sum} />
      <p>{segments.map((s, i) => <span key={s.color}><Swatch color={s.color} />{labels[i]} <b>{format(s.value) || '0'}</b></span>)}</p>
    </div>
  );
}

/** What takes long comes after the first picture. */
function Later({ children }: { children(): ComponentChildren }) {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), 50);
    return () => clearTimeout(timer);
  }, []);
  return ready ? <>{children()}</> : null;
}

/** Callers of a function, from the stacks. */
function CallersOf({ p, file, name }: { p: Profile; file: FileData; name: string }) {
  const tree = p.frames, w = weights.value;
  if (!tree || !w) return null;
  const node = nodeOfFunction(tree, file.path, name);
  if (node < 0) return null;
  const { callers } = neighbours(tree, w.self, functionIds(tree)[node]);
  if (!callers.length || (callers.length === 1 && callers[0][0] < 0)) return null;
  return <Neighbours p={p} title={range.value && !w.whole ? 'Callers in the chosen range' : 'Callers'} id={functionIds(tree)[node]} side="callers" />;
}

/** Callers or callees of a function, with what their time is made of. */
function Neighbours({ p, title, id: of, side }: { p: Profile; title: string; id: number; side: 'callers' | 'callees' }) {
  const tree = p.frames!, w = weights.value!;
  const ids = functionIds(tree);
  const whole = totalsOf(tree, w.self)[0] || 1;
  const shown = neighbours(tree, w.self, of)[side].slice(0, 6);
  const parts = dividedWeights.value.map(({ color, self }) => ({ color, by: new Map(neighbours(tree, self, of)[side]) }));
  return (
    <>
      <h3>{title}</h3>
      <div class="list">
        {shown.map(([id, weight]) => {
          const node = id < 0 ? 0 : ids.indexOf(id);
          const label = id < 0 ? '(start)' : tree.strings[tree.name[node]] || '?';
          return <button key={id} disabled={id < 0} onClick={() => { selection.value = { kind: 'frame', node }; }}><span class="clip mono">{label}</span><b>{percent((weight / whole) * 100)}</b><Bar size="list" segments={parts.map(({ color, by }) => ({ color, value: by.get(id) ?? 0 }))} scale={shown[0][1]} /></button>;
        })}
      </div>
    </>
  );
}

/** The colour of a frame for a metric: the metric's, in the shade of its kind. */
export function kindColor(p: Profile, node: number, color: string): string {
  const tree = p.frames!;
  const kind = tree.kind[node];
  const name = tree.strings[tree.name[node]] ?? '';
  if (kind === FrameKind.Mark) return name.startsWith('[await]') ? 'await' : 'cpu-system';
  if (color.startsWith('mem')) return kind === FrameKind.Native ? 'mem-native' : 'mem-python';
  if (!color.startsWith('cpu')) return color;
  return kind === FrameKind.Native ? 'cpu-native' : 'cpu-python';
}

function FrameDetails({ p, node, slice }: { p: Profile; node: number; slice?: { start: number; end: number; thread: number } }) {
  const tree = p.frames!, w = weights.value!;
  const ids = functionIds(tree);
  const id = ids[node];
  let self = 0, total = 0;
  const totals = totalsOf(tree, w.self), parts = dividedWeights.value.map((part) => ({ color: part.color, totals: totalsOf(tree, part.self), value: 0 }));
  const inside = new Uint8Array(tree.count);
  const byLine = new Map<number, number>();
  for (let i = 0; i < tree.count; i++) {
    const above = i > 0 && inside[tree.parent[i]];
    inside[i] = above || ids[i] === id ? 1 : 0;
    if (ids[i] !== id) continue;
    self += w.self[i];
    if (!above) {
      total += totals[i];
      for (const part of parts) part.value += part.totals[i];
    }
    byLine.set(tree.line[i], (byLine.get(tree.line[i]) ?? 0) + totals[i]);
  }
  const whole = totals[0] || 1;
  const path = tree.strings[tree.file[node]];
  const file = fileByPath.value.get(path);
  const name = tree.strings[tree.name[node]] || (node === 0 ? 'all threads' : '?');
  const { callers, callees } = neighbours(tree, w.self, id);
  const kinds = ['', 'Python', 'native', 'waiting'][tree.kind[node]];
  const lines = file ? [...byLine].sort((x, y) => y[1] - x[1]).slice(0, 5) : [];
  return (
    <>
      <header>
        <h2 class="mono clip" title={name}>{name}</h2>
        {node > 0 && <p class="dim clip" title={path}>{file ? <FileName name={file.name} line={tree.line[node]} /> : path.split('/').pop()} · {kinds}</p>}
      </header>
      {file && tree.line[node] > 0 && <Actions file={file} line={tree.line[node]} />}
      {slice && <><h3>At {slice.start.toFixed(2)} s</h3><dl class="pairs"><Pair name="slice" text={`${slice.start.toFixed(3)} – ${slice.end.toFixed(3)} s`} /><Pair name="length" text={duration(slice.end - slice.start)} />{slice.thread >= 0 && <Pair name="thread" text={p.threads[slice.thread]?.name ?? ''} />}</dl></>}
      <h3>With callees</h3>
      <p class="large"><b>{shown((total / whole) * 100)}</b> % <span>{full(total, w.info.unit)}</span></p>
      <Split segments={parts} labels={parts.map(({ color }) => ({ python: 'Python', native: 'native', system: 'system' })[color.split('-')[1]] ?? w.info.label)} format={(v) => percent((v / whole) * 100)} />
      <dl class="pairs">
        <Pair name="self" text={`${shown((self / whole) * 100)} % · ${full(self, w.info.unit)}`} />
        {w.info.unit !== 's' && <Pair name="metric" text={w.info.label} />}
        {w.whole && <Pair name="" text="computed for the whole run" />}
      </dl>
      {callees.length > 0 && <Neighbours p={p} title="Callees" id={id} side="callees" />}
      {callers.length > 0 && callers[0][0] >= 0 && <Neighbours p={p} title="Callers" id={id} side="callers" />}
      {lines.length > 0 && <>
        <h3>Lines of it</h3>
        <div class="list">{lines.map(([line, weight]) => <button key={line} onClick={() => goToLine(file!.index, line)}><span class="clip mono"><Dim>:{line}</Dim> {lineText(file!, line)}</span><b>{percent((weight / whole) * 100)}</b><Bar size="list" segments={lineSegments(file!, line, weight, kindColor(p, node, w.info.color))} scale={lines[0][1]} /></button>)}</div>
      </>}
    </>
  );
}

/** A weight divided as the line's own time is. */
function lineSegments(file: FileData, line: number, weight: number, color: string): Segment[] {
  const row = rowOfLine(file.lines, line), time = row < 0 ? 0 : valueOf(file.lines, 'time', row);
  if (color !== 'cpu-python' || time <= 0) return [{ color, value: weight }];
  return timeSegments(file.lines, row).map((s) => ({ ...s, value: (s.value / time) * weight }));
}
