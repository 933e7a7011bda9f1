// The Compare view: what became faster or slower, with the noise of the measurement in sight.
import { signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { compare, type Comparison, type Delta } from '../model/compare';
import { digits, full, signed, size, shown } from '../model/format';
import { Segmented, Select } from '../parts/controls';
import { FileName } from '../parts/marks';
import { VirtualTable } from '../parts/virtual-table';
import { copyLocation, openEditor } from '../state/actions';
import { goToLine, metric, older, parsedQuery, profile, selection, shownChange } from '../state/store';
import type { UrlState } from '../state/url';
import { metricChoices } from './files';
import { CopyMenu } from './functions';
import { cycleSort, SortCell, useMatches } from './lines';
import { OpenButton } from './shell';
import { Cell, Dim, Head, Unseen } from '../parts/tags';

const by = signal<'functions' | 'lines'>('functions');
const order = signal<UrlState['sort']>([]);
const keys: Record<string, (d: Delta) => number | string> = { before: (d) => d.before, after: (d) => d.after, change: (d) => d.after - d.before, relative: (d) => (d.before ? d.after / d.before : Infinity), name: (d) => d.name.toLowerCase() };

export function CompareView() {
  const p = profile.value!;
  const key = metric.value;
  const result = useMemo(() => compare(p, older.value, key), [p, older.value, key]);
  const [active, setActive] = useState(-1);
  const [reveal, setReveal] = useState<{ row: number } | null>(null);
  const query = parsedQuery.value, sorting = order.value[0];
  const list = useMemo(() => {
    const all = (result?.[by.value] ?? []).filter((d) => !query || query.test(d.name) || query.test(d.file));
    const least = Math.max(...all.map((d) => Math.max(d.before, d.after)), 1e-9) / 1000;
    const worth = keys[sorting?.key], way = sorting?.descending ? -1 : 1;
    const shown = all.filter((d) => Math.max(d.before, d.after) >= least);
    return worth ? shown.sort((x, y) => (worth(x) < worth(y) ? -way : worth(x) > worth(y) ? way : 0)) : shown;
  }, [result, by.value, query, sorting]);
  const choose = (row: number) => {
    const { at: file, line, now } = list[row];
    setActive(row);
    shownChange.value = { delta: list[row], unit: result!.unit };
    if (now) selection.value = by.value === 'lines' ? { kind: 'line', file, line } : { kind: 'function', file, row: now.row };
  };
  const go = (row: number) => { choose(row); setReveal({ row }); };
  useMatches(list.length, active, go);
  useEffect(() => { // the details begin with the largest change, and keep to a row of this list
    const at = shownChange.value ? list.indexOf(shownChange.value.delta) : -1;
    if (at >= 0 && active >= 0) go(at);
    else { setActive(-1); shownChange.value = list.length ? { delta: list[0], unit: result!.unit } : null; }
  }, [list]);
  if (!result) {
    return (
      <section class="view compare" aria-label="Compare">
        <div class="empty"><p>Open an older profile of the same program, or drop one here: what became faster or slower is then shown by function and by line.</p><div class="two-open"><OpenButton label="Open the older profile" to="older" box /></div></div>
      </section>
    );
  }
  const most = Math.max(...list.map((d) => Math.abs(d.after - d.before)), 1e-9);
  return (
    <section class="view compare" aria-label="Compare" style={{ '--columns': '16px minmax(180px, 300px) 64px 64px 68px 60px minmax(120px, 1fr) 84px' }}>
      <div class="toolbar">
        <span><Dim>before</Dim> <b>{result.program.split('/').pop()}</b>{older.value && older.value.started > 0 && <Dim> {new Date(older.value.started * 1000).toLocaleString()}</Dim>}</span>
        <span><Dim>after</Dim> <b>this profile</b></span>
        <Segmented label="Compare by" value={by.value} onChange={(v) => { by.value = v; }} choices={[['functions', 'Functions'], ['lines', 'Lines']]} />
        <Select label="metric" value={key} onChange={(v) => { metric.value = v; }} choices={metricChoices(p)} />
        <span class="grow" />{query && <span class="dim" role="status">{list.length || 'no'} {list.length === 1 ? 'match' : 'matches'}</span>}
        <OpenButton label="Another older profile…" to="older" /><CopyMenu table={() => tableOf(list, result)} />
      </div>
      <Lead result={result} list={list} />
      <Figures result={result} />
      <VirtualTable label={`Changes by ${by.value}`} count={list.length} height={28} version={list} headerHeight={28} columns={8} active={active < list.length ? active : -1}
        header={<div class="row head-row compare-head" role="row" aria-rowindex={1}>
          <Head><Unseen>mark</Unseen></Head>{[['name', by.value === 'lines' ? 'line' : 'function'], ['before', `before ${unit(result)}`], ['after', `after ${unit(result)}`], ['change', `Δ ${unit(result)}`], ['relative', 'Δ %']].map(([id, label]) => <SortCell key={id} id={id} by={order} class={id === 'name' ? '' : 'c-number'}>{label}</SortCell>)}
          <Head class="axis"><em>less</em><em>more</em></Head><Head><Unseen>verdict</Unseen></Head></div>}
        row={(i) => <Row delta={list[i]} result={result} most={most} />} rowClass={(i) => (isNoise(list[i]) ? 'noise' : '')} onActive={choose} reveal={reveal} onOpen={(i) => { if (list[i].at >= 0) goToLine(list[i].at, list[i].line); }}
        onKey={({ key }, i) => {
          const file = p.files[list[i].at];
          if (key === 's') cycleSort(Object.keys(keys), order);
          else if (key === 'y' && file) copyLocation(file, list[i].line);
          else if (key === 'o' && file) openEditor(file, list[i].line);
          else return false;
          return true;
        }}
        empty={<p>{query ? 'Nothing matches.' : 'Nothing has changed.'}</p>} />
      <p class="foot">Bars grow with the square root of the change{list.some((d) => d.noise > 0) ? '; a change smaller than its 95 % interval is within noise' : '; these profiles carry no intervals, so noise is not known'}. Lines are matched by text, functions by name.</p>
    </section>
  );
}

const unit = (result: Comparison) => (result.unit === 's' ? 's' : result.unit === 'MiB' ? '' : result.unit === 'MiB/s' ? 'MB/s' : result.unit === 'count' ? '' : '%');
const number = (v: number, result: Comparison) => (result.unit === 'MiB' ? size(v) || '0' : result.unit === 'fraction' ? shown(v * 100) : v === 0 ? '0' : digits(v));
const isNoise = (d: Delta) => d.noise > 0 && Math.abs(d.after - d.before) <= d.noise;

function tableOf(list: Delta[], result: Comparison): (string | number)[][] {
  const round = (v: number) => Number(v.toPrecision(4)), of = result.unit === 'MiB' ? 'MB' : result.unit === 's' ? 's' : '';
  return [[by.value.slice(0, -1), 'file', `before ${of}`, `after ${of}`, `change ${of}`, '95 % interval'], ...list.map((d) => [d.name, `${d.file}:${d.line}`, round(d.before), round(d.after), round(d.after - d.before), round(d.noise)])];
}

function Row({ delta: d, result, most }: { delta: Delta; result: Comparison; most: number }) {
  const change = d.after - d.before, width = Math.sqrt(Math.abs(change) / most) * 50;
  const color = isNoise(d) || change === 0 ? '' : change < 0 ? 'better' : 'worse';
  return (
    <>
      <Cell />
      <Cell class="clip"><code>{d.name || `line ${d.line}`}</code> <Dim><FileName name={d.file} line={d.line} /></Dim>{d.only === 'before' && <span class="tag">only before</span>}{d.only === 'after' && <span class="tag">new</span>}</Cell>
      <Cell class="c-number dim">{number(d.before, result)}</Cell>
      <Cell class="c-number">{number(d.after, result)}</Cell>
      <Cell class={`c-number ${color}`}><b>{signed(change, (v) => number(v, result))}</b></Cell>
      <Cell class="c-number dim">{d.only === 'before' ? 'gone' : d.only === 'after' ? 'new' : `${signed((change / d.before) * 100, (v) => v.toFixed(0))} %`}</Cell>
      <Cell class="c-delta" aria-hidden="true">{change !== 0 && <i class={`${change < 0 ? 'less p-better' : 'more p-worse'}`} style={{ width: `${width}%` }} />}</Cell>
      <Cell class="dim">{isNoise(d) ? 'within noise' : ''}</Cell>
    </>
  );
}

function Lead({ result, list }: { result: Comparison; list: Delta[] }) {
  const wall = result.figures.find((f) => f.label === 'Wall time'), peak = result.figures.find((f) => f.label === 'Peak memory');
  const biggest = list.find((d) => !isNoise(d) && (!wall || Math.sign(d.after - d.before) === Math.sign(wall.after - wall.before)));
  if (!wall) return null;
  const change = wall.after - wall.before, small = Math.abs(change) < wall.before * 0.01;
  const memory = peak ? peak.after - peak.before : 0;
  return (
    <div class="lead">
      <h2>
        {small ? <>About as fast as before</> : <><strong class={change < 0 ? 'better' : 'worse'}>{full(Math.abs(change), 's')} {change < 0 ? 'faster' : 'slower'}</strong>{biggest && <>, most of it in <code>{biggest.name.slice(0, 60)}</code></>}</>}
        {peak && Math.abs(memory) > peak.before * 0.02 && <>; <strong class={memory < 0 ? 'better' : 'worse'}>{size(Math.abs(memory))} {memory < 0 ? 'less' : 'more'} memory</strong> at the peak</>}
      </h2>
    </div>
  );
}

function Figures({ result }: { result: Comparison }) {
  return (
    <div class="deltas">
      {result.figures.map(({ label, before, after, unit: u }) => {
        const most = Math.max(before, after), change = ((after - before) / before) * 100, color = Math.abs(change) < 0.5 ? '' : change < 0 ? 'better' : 'worse';
        return (
          <div class="delta" key={label}><h3>{label}</h3><p><b class={color}>{signed(change, (v) => v.toFixed(0))} %</b><span>{full(before, u)} → {full(after, u)}</span></p>
            <i class="was" style={{ width: `${(before / most) * 100}%` }} /><i class={color ? `p-${color}` : 'p-neutral'} style={{ width: `${(after / most) * 100}%` }} /></div>
        );
      })}
    </div>
  );
}
