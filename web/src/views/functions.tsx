// The Functions view: one flat table over all files.
import { computed } from '@preact/signals';
import { useState } from 'preact/hooks';
import { cell, count, percent } from '../model/format';
import { functionMatches } from '../model/find';
import { columnOf, value, valueOf, type Profile } from '../model/profile';
import { Menu, MenuItem } from '../parts/controls';
import { Icon } from '../parts/icon';
import { Bar, FileName } from '../parts/marks';
import { VirtualTable } from '../parts/virtual-table';
import { copyLocation, copyTable, openEditor, proposeFor } from '../state/actions';
import { chooseFile, currentFile, goToLine, parsedQuery, profile, say, selection, sort, threshold } from '../state/store';
import { barSegments, cycleSort, SortCell, timeSegments, useMatches, waitChip } from './lines';
import { fittingColumns, isWaiting, shownColumns, type Column } from './lines-columns';
import { Cell, Dim, Head, Unseen } from '../parts/tags';

export const CopyMenu = ({ table }: { table(): (string | number)[][] }) => (
  <Menu label="Copy" name="Copy table" align="right">
    {(close) => (['markdown', 'tsv', 'json'] as const).map((form) => <MenuItem key={form} onClick={() => { copyTable(table(), form); close(); }}>as {form === 'markdown' ? 'Markdown' : form.toUpperCase()}</MenuItem>)}
  </Menu>
);

interface Entry { file: number; row: number }
const keyOf = (key: string, p: Profile, { file, row }: Entry): number | string => {
  const rows = p.files[file].functions;
  if (key === 'total') return Math.max(rows.total?.[row] ?? 0, (valueOf(rows, 'time', row) / 100) * p.totals.total);
  if (key === 'name') return rows.name[row].toLowerCase();
  if (key === 'line') return `${p.files[file].name}:${String(rows.line[row]).padStart(8, '0')}`;
  return valueOf(rows, key, row);
};

export const functionList = computed<Entry[]>(() => {
  const p = profile.value;
  if (!p) return [];
  const out: Entry[] = [];
  for (const file of p.files) {
    if (currentFile.value && file !== currentFile.value) continue;
    for (let row = 0; row < file.functions.count; row++)
      if (functionMatches(p, parsedQuery.value, file.index, file.functions.name[row])) out.push({ file: file.index, row });
  }
  const keys = sort.value.length ? sort.value : [{ key: 'time', descending: true }];
  return out.sort((x, y) => {
    for (const { key, descending } of keys) {
      const a = keyOf(key, p, x), b = keyOf(key, p, y);
      if (a !== b) return (a < b ? -1 : 1) * (descending ? -1 : 1);
    }
    return x.file - y.file || x.row - y.row;
  });
});

// Mark, self, total, bar, function, file, and what lies between them.
const fitting = fittingColumns(16 + 44 + 44 + 110 + 180 + 100 + 70, () => shownColumns.value.filter((c) => c.id !== 'time' && c.kind !== 'spark'));

export function Functions() {
  const p = profile.value!;
  const list = functionList.value;
  const columns = fitting.value;
  const [active, setActive] = useState(-1);
  const choose = (i: number) => { setActive(i); selection.value = { kind: 'function', file: list[i].file, row: list[i].row }; };
  const [reveal, setReveal] = useState<{ row: number } | null>(null);
  const go = (row: number) => { choose(row); setReveal({ row }); };
  useMatches(list.length, active, go);
  const line = (i: number) => p.files[list[i].file].functions.line[list[i].row];
  const keys = (event: KeyboardEvent, i: number) => {
    const file = p.files[list[i].file];
    switch (event.key) {
      case 'o': openEditor(file, line(i)); return true;
      case 'y': copyLocation(file, line(i)); return true;
      case 's': cycleSort(['time', 'total', ...columns.map((c) => c.key)]); return true;
      case '[': case ']': {
        const step = event.key === ']' ? 1 : -1;
        let to = i + step;
        while (list[to] && valueOf(p.files[list[to].file].functions, 'time', list[to].row) < Math.max(1, threshold.value)) to += step;
        if (list[to]) go(to);
        else say('No hotter function in this direction.');
        return true;
      }
      case 'a': case 'A': proposeFor(file, line(i), 'function'); return true;
      default: return false;
    }
  };
  const most = Math.max(...list.slice(0, 2000).map((e) => Number(keyOf('total', p, e))), 1e-9);
  const head = (id: string, label: string, unit: string, look = '') => <SortCell key={id} id={id} class={look}><span class="head-label">{label}</span><span class="head-unit">{unit || '\u00a0'}</span></SortCell>;
  const template = `16px 44px 44px 110px minmax(180px, 1fr) minmax(100px, 220px) ${columns.map((c) => `${c.width}px`).join(' ')}`;
  return (
    <section class="view functions" aria-label="Functions" style={{ '--columns': template }}>
      <div class="toolbar">
        <Dim>{count(list.length) || 'no'} {list.length === 1 ? 'function' : 'functions'} with data; time without and with what they call</Dim>
        {currentFile.value && <button class="select" onClick={() => chooseFile('')}><Dim>only</Dim> <b>{currentFile.value.name}</b><Icon name="close" /></button>}
        <span class="grow" />
        <CopyMenu table={() => tableOf(p, list, columns)} />
      </div>
      <VirtualTable label="Functions of all files" count={list.length} height={24} version={list} headerHeight={40} columns={columns.length + 5} active={active < list.length ? active : -1}
        header={<div class="row head-row" role="row" aria-rowindex={1}><Head><Unseen>mark</Unseen></Head>{head('time', 'self', '%', 'c-number')}{head('total', 'total', '%', 'c-number')}<Head>{'\u00a0'}<Unseen>bar</Unseen></Head>{head('name', 'function', '')}{head('line', 'file', '')}{columns.map((c) => head(c.key, c.label.toLowerCase() === 'gpu' ? 'GPU' : c.label.toLowerCase(), c.head, c.look))}</div>}
        row={(i) => <Row p={p} entry={list[i]} columns={columns} most={most} />} rowClass={() => 'line-row'} onActive={choose} onOpen={(i) => goToLine(list[i].file, line(i))} onKey={keys} reveal={reveal}
        empty={<p>{parsedQuery.value ? 'No function matches.' : 'This profile names no functions.'}</p>} />
    </section>
  );
}

function Row({ p, entry: { file, row }, columns, most }: { p: Profile; entry: Entry; columns: Column[]; most: number }) {
  const rows = p.files[file].functions;
  const self = valueOf(rows, 'time', row), total = Number(keyOf('total', p, { file, row }));
  const whole = p.totals.total || 1;
  return (
    <>
      <Cell />
      <Cell class="c-number"><b style={{ fontWeight: self >= 5 ? 650 : 450 }}>{percent(self)}</b></Cell>
      <Cell class="c-number dim">{percent((total / whole) * 100)}</Cell>
      <Cell class="overlay"><Bar segments={[{ color: 'cpu-system-bg', value: total }]} scale={most} /><Bar segments={timeSegments(rows, row).map((s) => ({ ...s, value: (s.value / 100) * whole }))} scale={most} /></Cell>
      <Cell class="clip mono">{rows.name[row]}</Cell>
      <Cell class="clip"><FileName name={p.files[file].name} line={rows.line[row]} /></Cell>
      {columns.map((c) => {
        const v = valueOf(rows, c.key, row);
        const text = c.unit === 'MiB' && v < 0.5 ? '' : cell(v, c.unit);
        const shown = isWaiting(c) ? waitChip(rows, row, c) : text && <><b>{text}</b>{c.kind === 'bar' && <Bar segments={barSegments(rows, row, c)} scale={Math.max(c.scale, v)} />}</>;
        return <Cell key={c.id} class={c.look}>{shown}</Cell>;
      })}
    </>
  );
}

function tableOf(p: Profile, list: Entry[], columns: Column[]): (string | number)[][] {
  const round = (v: number) => Number(v.toPrecision(4));
  return [['self %', 'total %', 'function', 'file', ...columns.map((c) => c.label + (isWaiting(c) ? ' s' : c.head && ` ${c.head}`))], ...list.map((e) => {
    const rows = p.files[e.file].functions;
    return [round(columnOf(rows, 'time')[e.row]), round((Number(keyOf('total', p, e)) / (p.totals.total || 1)) * 100), rows.name[e.row], `${p.files[e.file].name}:${rows.line[e.row]}`, ...columns.map((c) => round(c.key.includes('+') ? valueOf(rows, c.key, e.row) : value(rows, c.key, e.row)))];
  })];
}
