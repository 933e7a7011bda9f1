// The Lines view, the heart of the page: time beside its source, everything else to the right.
import { batch, computed, type Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { cell, count, digits, duration, full, percent, size, shown } from '../model/format';
import { lineMatcher } from '../model/find';
import { lastUpTo, lineRows, nextHot, RowKind, type LineRows } from '../model/line-rows';
import { sumOf, value, valueOf, type FileData, type Profile, type Rows } from '../model/profile';
import { regionOf } from '../model/region';
import { indentOf } from '../model/python-source';
import { Menu, MenuItem, Segmented, Select } from '../parts/controls';
import { Icon } from '../parts/icon';
import { Bar, FileName, Parts, plainText, Spark, type Segment } from '../parts/marks';
import { Source } from '../parts/source';
import { VirtualTable } from '../parts/virtual-table';
import { matchStep } from '../state/keys';
import { copyLocation, copyTable, openEditor, proposeFor } from '../state/actions';
import { detailsOver } from '../state/settings';
import { askFocus, toggleFold, chooseFile, context, currentFile, fileFilter, folded, hottest, jump, metric, mode, parsedQuery, profile, region, say, selection, selectLine, showSmallFiles, sort, threshold, unit } from '../state/store';
import type { UrlState } from '../state/url';
import { allColumns, fittingColumns, isShown, isWaiting, labelOf, shownColumns, toggleColumn, type Column } from './lines-columns';
import { Cell, Dim, Head } from '../parts/tags';

export const reasons = computed(() => {
  const p = profile.value;
  return new Map((p?.reasons ?? []).map((reason) => [`${p!.files[reason.file].path}:${reason.line}`, reason.parts]));
});

const rowsNow = computed<LineRows | null>(() => {
  const p = profile.value;
  if (!p) return null;
  return lineRows(p, {
    mode: mode.value, context: context.value, threshold: threshold.value, metric: metric.value, sort: sort.value,
    onlyFile: currentFile.value?.index ?? -1, folded: folded.value, matches: parsedQuery.value ? lineMatcher(parsedQuery.value) : null,
    hottest: hottest.value, reasonAt: new Map([...reasons.value].map(([key, parts]) => [key, plainText(parts)])), showSmallFiles: showSmallFiles.value,
  });
});

export function Lines() {
  const p = profile.value!;
  const rows = rowsNow.value!;
  const chosen = shownColumns.value, columns = fitting.value;
  const [active, setActive] = useState(-1);
  const [reveal, setReveal] = useState<{ row: number } | null>(null);
  const scales = useMemo(() => leftWidth(p, rows), [rows]);

  const placed = useRef<LineRows | null>(null);
  useEffect(() => { // the selected line stays selected when the rows change; a line to go to is shown, or its file
    const to = jump.value, chosen = selection.value;
    if (!to && placed.current === rows) return;
    placed.current = rows;
    jump.value = null;
    let at = chosen?.kind === 'line' ? rows.find(chosen.file, chosen.line) : -1;
    if (to && at < 0) at = rows.files.find((row) => rows.file[row] === to.file) ?? -1;
    setActive(at);
    if (at >= 0 && (to || rows.kind[at] === RowKind.Line)) setReveal({ row: at });
  }, [rows, jump.value]);

  const choose = (row: number) => {
    setActive(row);
    if (rows.kind[row] === RowKind.Line || rows.kind[row] === RowKind.Reason) selectLine(rows.file[row], rows.line[row]);
    if (rows.kind[row] === RowKind.Function) selection.value = { kind: 'function', file: rows.file[row], row: rows.a[row] };
  };
  const go = (row: number) => { choose(row); setReveal({ row }); };
  useMatches(rows.count, active, go, (row) => rows.kind[row] === RowKind.Line);
  const open = (row: number) => {
    if (foldOf(rows, row)) { choose(row); toggleFold(foldOf(rows, row)); }
    else if (rows.kind[row] === RowKind.Gap) openGap(rows, row);
    else { choose(row); detailsOver.value = true; }
  };
  const keys = (event: KeyboardEvent, row: number) => {
    const file = p.files[rows.file[row]];
    const line = rows.line[row] || 1;
    switch (event.key) {
      case 'ArrowRight': case 'ArrowLeft': {
        const fold = foldOf(rows, row);
        if (fold && folded.value.has(fold) === (event.key === 'ArrowRight')) toggleFold(fold);
        else if (rows.kind[row] === RowKind.Gap && event.key === 'ArrowRight') openGap(rows, row);
        else return false;
        return true;
      }
      case ']': case '[': {
        const to = nextHot(p, rows, row, event.key === ']' ? 1 : -1, Math.max(1, threshold.value));
        if (to < 0) say('No hotter line in this direction.');
        else go(to);
        return true;
      }
      case 'o': openEditor(file, line); return true;
      case 'y': copyLocation(file, line); return true;
      case 's': cycleSort(columns.map((c) => c.key)); return true;
      case 'a': region.value = 'line'; proposeFor(file, line, 'line'); return true;
      case 'A': proposeFor(file, line, 'loop'); return true;
      case ' ': open(row); return true;
      default: return false;
    }
  };

  const template = `${scales.line}px 112px minmax(160px, 1fr) ${columns.filter((c) => c.id !== 'time').map((c) => `${c.width}px`).join(' ')}`;
  return (
    <section class="view lines" aria-label="Lines" style={{ '--columns': template, '--first': `${scales.line}px` }}>
      <Toolbar p={p} rows={rows} columns={columns} without={chosen.length - columns.length} />
      <VirtualTable label={`Lines of ${currentFile.value?.name ?? 'all files'}`} count={rows.count} height={(i) => rows.height(i)} version={rows} headerHeight={40} columns={columns.length + 2}
        header={<Header columns={columns} />} active={active} tree row={(i) => <Row p={p} rows={rows} i={i} columns={columns} />} rowClass={(i) => rowClass(rows, i)}
        sticky={(top) => stickyRows(rows, top)} onActive={choose} onOpen={open} onKey={keys} reveal={reveal}
        level={(i) => (rows.kind[i] === RowKind.File ? 1 : rows.kind[i] === RowKind.Function ? 2 : 3)}
        expanded={(i) => (foldOf(rows, i) ? !folded.value.has(foldOf(rows, i)) : undefined)}
        selectable={(i) => rows.kind[i] !== RowKind.Reason}
        empty={<Empty p={p} />} />
    </section>
  );
}

const fitting = fittingColumns(56 + 160 + 40, () => shownColumns.value); // line, source

function Empty({ p }: { p: Profile }) {
  if (parsedQuery.value?.error) return <p>{parsedQuery.value.error}</p>;
  if (parsedQuery.value) return <p>No line matches.</p>;
  if (p.files.length === 0) return <p>This profile has no lines. {[...p.notes, ...p.warnings].join(' ')}</p>;
  return <p>No line is above {threshold.value} %.</p>;
}

const leftWidth = (p: Profile, rows: LineRows) => {
  let longest = 0;
  if (sort.value.length) for (let i = 0; i < Math.min(300, rows.count); i++) longest = Math.max(longest, p.files[rows.file[i]].name.length);
  return { line: rows.count && sort.value.length ? Math.min(220, (longest + 5) * 6 + 8) : 56 };
};

/** What a header folds, or '': a file, a function. */
const foldOf = (rows: LineRows, i: number): string => (rows.kind[i] === RowKind.File ? `${rows.file[i]}` : rows.kind[i] === RowKind.Function ? `${rows.file[i]}:${rows.line[i]}` : '');

function rowClass(rows: LineRows, i: number): string {
  switch (rows.kind[i]) {
    case RowKind.File: return 'file-row';
    case RowKind.Function: return 'function-row';
    case RowKind.Reason: return 'reason-row';
    case RowKind.Gap: return 'gap-row';
    default: return `line-row${rows.isHottest(i) ? ' hottest' : ''}${rows.a[i] ? ' outside' : ''}`;
  }
}

function stickyRows(rows: LineRows, top: number): number[] {
  if (sort.value.length) return [];
  const out: number[] = [];
  const file = lastUpTo(rows.files, top), fn = lastUpTo(rows.functions, top);
  if (file >= 0) out.push(file);
  if (fn > file && inFunction(rows, fn, top)) out.push(fn);
  return out;
}

/** Does the function whose header is row `header` still reach to row `at`? */
function inFunction(rows: LineRows, header: number, at: number): boolean {
  const file = profile.value!.files[rows.file[header]];
  const end = file.functions.end[rows.a[header]];
  return rows.line[at] <= end || rows.kind[at] === RowKind.Function;
}

function Header({ columns }: { columns: Column[] }) {
  const head = (c: Column) => <HeaderCell key={c.id} column={c} />;
  return (
    <div class="row head-row" role="row" aria-rowindex={1}>
      <SortCell id="line" class="c-line">line</SortCell>
      {columns[0]?.id === 'time' ? head(columns[0]) : <Head class="c-bar">time</Head>}
      <Head class="c-source">source</Head>
      {columns.filter((c) => c.id !== 'time').map(head)}
    </div>
  );
}

function HeaderCell({ column }: { column: Column }) {
  const end = column.kind === 'bar' && column.scale > 0 ? (column.unit === 'MiB' ? size(column.scale) : column.id === 'time' ? timeText(profile.value!, column.scale, NaN) : cell(column.scale, column.unit)) : '';
  return (
    <SortCell id={column.key} class={column.look} title={isWaiting(column) ? waitHelp : column.parts.map((m) => m.help).join('\n')}>
      <span class="head-label">{column.label.toLowerCase() === 'gpu' ? 'GPU' : column.label.toLowerCase()}</span>
      <span class="head-unit">{column.head || '\u00a0'}{end && !isWaiting(column) && <i>{end}</i>}</span>
    </SortCell>
  );
}

type Order = Signal<UrlState['sort']>;

/** A column's head that sorts; its help (title) is shown on focus, too. */
export function SortCell({ id, children, title, class: extra = '', by = sort }: { id: string; children: ComponentChildren; title?: string; class?: string; by?: Order }) {
  const at = by.value.find((each) => each.key === id);
  if (!id) return <Head class={extra} title={title}>{children}</Head>;
  return (
    <Head class={`${extra} sortable`} aria-sort={!at ? 'none' : at.descending ? 'descending' : 'ascending'}>
      <button title={title || undefined} onClick={(event) => sortBy(id, event.shiftKey, by)}>{children}{at && <Icon name={at.descending ? 'down' : 'up'} class="sort-mark" />}</button>
    </Head>
  );
}

/** First click: descending (lines: ascending), second: the other way round, third: back to source order. Shift adds a key. */
function sortBy(key: string, add: boolean, by: Order): void {
  const current = by.value.find((each) => each.key === key);
  const firstWay = key !== 'line' && key !== 'name';
  const others = add ? by.value.filter((each) => each.key !== key) : [];
  if (!current) by.value = [...others, { key, descending: firstWay }];
  else if (current.descending === firstWay) by.value = [...others, { key, descending: !firstWay }];
  else by.value = others;
  saySort(by);
}

export function cycleSort(keys: string[], by = sort): void {
  const key = keys.filter(Boolean)[keys.filter(Boolean).indexOf(by.value[0]?.key ?? '') + 1];
  by.value = key ? [{ key, descending: true }] : [];
  saySort(by);
}

const saySort = (by: Order) => say(by.value.length ? `Sorted by ${by.value.map(({ key, descending }) => `${labelOf(profile.value!, key).toLowerCase()}, ${descending ? 'descending' : 'ascending'}`).join('; ')}` : 'In the first order');

/** n and N: to the next of `many` rows that may be one, round the end. */
export function useMatches(many: number, active: number, go: (row: number) => void, may = (_: number) => true): void {
  useLayoutEffect(() => {
    matchStep.current = (step) => {
      for (let i = 1; i <= many; i++) {
        const row = (Math.max(active, step < 0 ? 0 : -1) + step * i + 2 * many) % many;
        if (may(row)) { go(row); return; }
      }
    };
    return () => { matchStep.current = () => {}; };
  });
}

/** A gap opens by showing all lines of its file. */
function openGap(rows: LineRows, i: number): void {
  batch(() => {
    const file = profile.value!.files[rows.file[i]];
    fileFilter.value = file.path;
    mode.value = 'all';
    selectLine(file.index, rows.line[i]);
    jump.value = { file: file.index, line: rows.line[i] };
    askFocus();
  });
}

function Row({ p, rows, i, columns }: { p: Profile; rows: LineRows; i: number; columns: Column[] }) {
  const file = p.files[rows.file[i]];
  switch (rows.kind[i]) {
    case RowKind.File: return FileRow({ p, file });
    case RowKind.Function: return FunctionRow({ file, row: rows.a[i], columns, p });
    case RowKind.Gap: {
      const gap = rows.gaps.get(i)!;
      return <><Cell class="c-line">⋯</Cell><Cell /><Cell class="gap-text">{gap.lines} {gap.lines === 1 ? 'line' : 'lines'} below {threshold.value} %, {shown(gap.sum)} % together</Cell></>;
    }
    case RowKind.Reason:
      return <Cell class="reason-text"><strong>Hottest line.</strong> <Parts parts={reasons.value.get(`${file.path}:${rows.line[i]}`) ?? []} /></Cell>;
    default: return <>{LineRow({ p, file, line: rows.line[i], row: rows.row[i], columns })}</>;
  }
}

function FileRow({ p, file }: { p: Profile; file: FileData }) {
  const share = sumOf(file.lines, 'time');
  return (
    <>
      <Cell class="c-line"><Icon name={folded.value.has(`${file.index}`) ? 'right' : 'down'} /></Cell>
      <Cell class="file-cell">
        <b class="file-name" title={file.path}>{file.name}</b>
        <b>{shown(share)} %</b><span>{duration((share / 100) * p.totals.total)}</span>
        <Dim>{count(file.lines.count) || '0'} of {count(file.lineCount)} lines with data{file.changed === 'changed' ? ', source has changed since' : ''}{file.source() ? '' : ', source not included'}</Dim>
      </Cell>
    </>
  );
}

function FunctionRow({ p, file, row, columns }: { p: Profile; file: FileData; row: number; columns: Column[] }) {
  const rows = file.functions;
  const share = valueOf(rows, 'time', row);
  const first = rows.line[row];
  const source = file.source();
  let at = first;
  while (source && at < first + 12 && /^\s*@|^\s*$/.test(source[at - 1] ?? '')) at++; // decorators
  const name = rows.name[row];
  const owner = name.includes('.') ? name.slice(0, name.lastIndexOf('.')).replaceAll('.<locals>', '()') : '';
  const header = source?.[at - 1] && /^\s*(async\s+)?(def|class)\b/.test(source[at - 1]);
  return (
    <>
      <Cell class="c-line">{folded.value.has(`${file.index}:${first}`) && <Icon name="right" />}{first}</Cell>
      <Cell class="c-bar"><b>{timeText(p, share, value(rows, 'samples', row))}</b></Cell>
      <Cell class="function-cell" style={{ gridColumn: `3 / ${columns.length + 3}` }}>
        {owner && <span class="dim mono">{owner} › </span>}
        {header ? <Source file={file} line={at} dedent={99} /> : <span class="src"><b>{name}</b></span>}
        {rows.total && rows.total[row] > 0 && <span class="dim note">with callees {shown((rows.total[row] / (p.totals.total || 1)) * 100)} %</span>}
      </Cell>
    </>
  );
}

/** Time in the chosen unit. */
export function timeText(p: Profile, share: number, samples: number): string {
  if (unit.value === 'percent') return percent(share);
  if (unit.value === 'samples') return Number.isNaN(samples) ? '' : count(samples);
  const ms = (share / 100) * p.totals.total * 1000;
  return ms >= 0.5 ? count(ms) : '';
}

export function timeSegments(rows: Rows, row: number): Segment[] {
  return [
    { color: 'cpu-python', value: value(rows, 'time.python', row) }, { color: 'cpu-native', value: value(rows, 'time.native', row) },
    { color: 'cpu-system', value: value(rows, 'time.system', row) },
  ];
}

/** One row is one component: parts of it are called, since a table full of rows is made anew when it is sorted. */
function LineRow({ p, file, line, row, columns }: { p: Profile; file: FileData; line: number; row: number; columns: Column[] }): ComponentChildren[] {
  const sorted = sort.value.length > 0;
  const fn = sorted || mode.value === 'all' ? 0 : file.regions()?.functionStart[line - 1] ?? 0;
  const dedent = sorted ? 99 : fn && functionIndent(file, fn);
  const leak = file.leaks.find((each) => each.line === line);
  const chosen = chosenRegion.value;
  const inRegion = chosen && chosen.file === file.index && chosen.start <= line && line <= chosen.end && chosen.end > chosen.start;
  const edge = inRegion ? `region${line === chosen.start ? ' first' : ''}${line === chosen.end ? ' last' : ''}` : '';
  const share = row < 0 ? 0 : valueOf(file.lines, 'time', row);
  const rest = columns.filter((c) => c.id !== 'time'), others = rest.map((column) => valueCell(p, file, row, column, !!leak));
  return [
    Cell({ class: 'c-line', children: sorted ? FileName({ name: file.name, line }) : line }),
    Cell({ class: `c-bar${share >= 5 ? ' warm' : ''}`, children: row >= 0 && [<b>{timeText(p, share, value(file.lines, 'samples', row))}</b>, Bar({ segments: timeSegments(file.lines, row), scale: columns[0]?.id === 'time' ? columns[0].scale : 100 })] }),
    Cell({ class: `c-source ${edge}${others.some(Boolean) ? ' cut' : ''}`, children: [
      Source({ file, line, dedent }),
      leak && <span class="badge leak" title={`Leak, likelihood ${(leak.likelihood * 100).toFixed(1)} %`}><Icon name="leak" />{full(leak.velocity, 'MiB/s')}</span>,
    ] }),
    ...(others.some(Boolean) ? others.map((each, i) => each ?? Cell({ key: i, class: rest[i].look })) : []), // none at all is a good deal quicker
  ];
}

const waitHelp = 'What was waited for longest. Threads wait side by side: it may exceed the time of the line, and runnable (no free CPU) is in no time.';

/** What a row waited for longest, as the terminal shows it; the details name all reasons. */
export function waitChip(rows: Rows, row: number, { parts }: Column): ComponentChildren {
  const waits = parts.map((m) => ({ label: m.label, sec: value(rows, m.id, row) })).filter(({ sec }) => sec >= 0.001).sort((x, y) => y.sec - x.sec);
  return waits.length ? <span class="chip" title={waits.map(({ label, sec }) => `${label} ${duration(sec)}`).join(', ')}>{waits[0].label} <b>{duration(waits[0].sec)}</b></span> : null;
}

function valueCell(p: Profile, file: FileData, row: number, column: Column, leak: boolean): ComponentChildren {
  const rows = file.lines, key = column.id, look = { key, class: column.look };
  if (row < 0) return null;
  if (column.kind === 'spark') {
    const curve = rows.spark(row);
    return curve ? Cell({ ...look, 'aria-label': `footprint up to ${size(Math.max(...curve.mb))}`, children: Spark({ curve, elapsed: p.elapsed, leak }) }) : null;
  }
  const v = valueOf(rows, column.key, row);
  if (isWaiting(column)) {
    const chip = waitChip(rows, row, column);
    return chip && Cell({ ...look, children: chip });
  }
  const text = v >= column.hideBelow ? cell(v, column.unit) : '';
  if (!text) return null;
  if (column.kind === 'bar') return Cell({ ...look, children: [<b>{text}</b>, Bar({ segments: barSegments(rows, row, column), scale: column.scale })] });
  return Cell({ ...look, children: [
    <b>{text}</b>,
    column.parts[0].color !== 'neutral' && column.parts[0].color && <i class={`under p-${column.parts[0].color}`} style={{ width: `${Math.max(4, (v / (column.scale || 1)) * 100)}%` }} />,
  ] });
}

export function barSegments(rows: Rows, row: number, column: { metrics: string[]; split: string; parts: { id: string; color: string }[] }): Segment[] {
  if (!column.split) return column.parts.map((m) => ({ color: m.color, value: value(rows, m.id, row) }));
  const whole = value(rows, column.metrics[0], row), python = Math.min(1, value(rows, column.split, row));
  return [{ color: 'mem-python', value: whole * python }, { color: 'mem-native', value: whole * (1 - python) }];
}

const indents = new WeakMap<FileData, Map<number, number>>();
function functionIndent(file: FileData, first: number): number {
  let known = indents.get(file);
  if (!known) indents.set(file, (known = new Map()));
  let indent = known.get(first);
  if (indent === undefined) known.set(first, (indent = indentOf(file.source()?.[first - 1] ?? '')));
  return indent;
}

/** Bounds of the loop or function around the selected line, when one of them is chosen. */
export const chosenRegion = computed<{ file: number; start: number; end: number } | null>(() => {
  const chosen = selection.value;
  if (chosen?.kind !== 'line') return null;
  return regionOf(profile.value!.files[chosen.file], chosen.line, region.value === 'line' ? 'loop' : region.value, region.value === 'line');
});

function Toolbar({ p, rows, columns, without }: { p: Profile; rows: LineRows; columns: Column[]; without: number }) {
  const file = currentFile.value;
  return (
    <div class="toolbar">
      <Segmented label="Rows" value={mode.value} onChange={(v) => { mode.value = v; }}
        choices={[['all', 'All lines'], ['data', 'Lines with data'], ['functions', 'Functions']]} />
      {mode.value !== 'all' && <><Select label="context" value={String(context.value)} onChange={(v) => { context.value = v === 'loops' ? 'loops' : Number(v); }}
        choices={[['loops', 'hot loops'] as const, ...[0, 1, 3, 10].map((n) => [String(n), `± ${n}`] as const)]} />
      <Select label="hide below" value={String(threshold.value)} onChange={(v) => { threshold.value = Number(v); }}
        choices={[0, 0.1, 0.5, 1, 2, 5].map((n) => [String(n), `${n} %`] as const)} /></>}
      <Select label="unit" value={unit.value} onChange={(v) => { unit.value = v; }}
        choices={[['percent', '%'], ['ms', 'ms'], ['samples', 'samples', p.reference]]} />
      {sort.value.length > 0 && <button class="select" onClick={() => { sort.value = []; }}><Dim>sorted by</Dim> <b>{sort.value.map((each) => labelOf(p, each.key)).join(', ')}</b><Icon name="close" /></button>}
      {file && <button class="select" onClick={() => chooseFile('')}><Dim>only</Dim> <b>{file.name}</b><Icon name="close" /></button>}
      <span class="grow" />
      {parsedQuery.value && <span class="dim" role="status">{count(rows.matched) || 'no'} {rows.matched === 1 ? 'match' : 'matches'}</span>}
      <Segmented label="Region" value={region.value} onChange={(v) => { region.value = v; }}
        choices={[['line', 'Line'], ['loop', 'Loop'], ['function', 'Function']]} />
      <Menu label={<>Columns{without > 0 && <Dim> {without} more</Dim>}</>} name={without ? `Columns ${without} more` : 'Columns'} align="right">
        {() => <>
          {allColumns.value.filter((c) => c.id !== 'time').map((c) => <MenuItem key={c.id} checked={isShown(c.id)} onClick={() => toggleColumn(c.id)}>{c.label}{c.head && ` (${c.head})`}</MenuItem>)}
          <hr />
          <MenuItem onClick={() => copyTable(tableOf(p, rows, columns), 'markdown')}>Copy as Markdown</MenuItem>
          <MenuItem onClick={() => copyTable(tableOf(p, rows, columns), 'tsv')}>Copy as TSV</MenuItem>
          <MenuItem onClick={() => copyTable(tableOf(p, rows, columns), 'json')}>Copy as JSON</MenuItem>
        </>}
      </Menu>
    </div>
  );
}

/** The visible rows as a plain table, at most `most` of them. */
function tableOf(p: Profile, rows: LineRows, columns: Column[], most = 5000): (string | number)[][] {
  const numbers = columns.filter((c) => c.key);
  const out: (string | number)[][] = [['file', 'line', ...numbers.map((c) => c.label + (isWaiting(c) ? ' s' : c.head && ` ${c.head}`)), 'source']];
  for (let i = 0; i < rows.count && out.length <= most; i++) {
    if (rows.kind[i] !== RowKind.Line) continue;
    const file = p.files[rows.file[i]], row = rows.row[i];
    out.push([file.name, rows.line[i], ...numbers.map((c) => (row < 0 ? '' : Number(digits(valueOf(file.lines, c.key, row)).replace(/,/g, '')))), file.source()?.[rows.line[i] - 1] ?? '']);
  }
  return out;
}
