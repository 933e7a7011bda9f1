// The columns of the Lines table: those of the profile, in its order, as far as they are chosen and fit.
import { computed, type ReadonlySignal } from '@preact/signals';
import { unitLabel } from '../model/format';
import { partsOf, type Metric, type Profile, type TableColumn } from '../model/profile';
import { tableWidth } from '../parts/virtual-table';
import { profile, scaleOf, unit } from '../state/store';
import { columnsHidden, columnsShown } from '../state/settings';

export interface Column extends TableColumn {
  key: string; // of valueOf: what it sorts by
  width: number; // px
  unit: Metric['unit'];
  head: string; // second line of the header
  look: string; // class of its cells, which gives them their width
  scale: number;
  hideBelow: number; // a lower value is no text
  parts: Metric[];
}

/** Shown unless chosen otherwise; the rest waits in the menu. */
const first = new Set(['time', 'waiting', 'memory', 'memory.peak', 'peak', 'timeline', 'spark', 'usage', 'memory.usage', 'copy', 'await', 'gpu', 'leak', 'nrt', 'nc']);

export const allColumns = computed<Column[]>(() => (profile.value ? profile.value.table.map((column) => complete(profile.value!, column)) : []));
export const isShown = (id: string): boolean => (first.has(id) ? !columnsHidden.value.includes(id) : columnsShown.value.includes(id));
export const shownColumns = computed(() => allColumns.value.filter((column) => column.id === 'time' || isShown(column.id)));

/** The first of some columns for which there is room beside others; the same list as long as no other ones fit. */
export function fittingColumns(others: number, columns: () => Column[]): ReadonlySignal<Column[]> {
  let before: Column[] = [];
  return computed(() => {
    let left = tableWidth.value - others;
    const now = columns().filter((column) => (left -= column.width + 8) >= 0 || column.id === 'time');
    const same = now.length === before.length && now.every((column, i) => column === before[i]);
    return same ? before : (before = now);
  });
}

export function toggleColumn(id: string): void {
  const list = first.has(id) ? columnsHidden : columnsShown;
  list.value = list.value.includes(id) ? list.value.filter((each) => each !== id) : [...list.value, id];
}

function complete(p: Profile, column: TableColumn): Column {
  const metrics = column.metrics.map((id) => p.metrics.find((m) => m.id === id)).filter((m) => m !== undefined);
  const key = column.id === 'time' ? 'time' : column.metrics.join('+');
  const of = metrics[0]?.unit ?? 'count';
  const isTime = column.id === 'time';
  const waits = isWaiting(column);
  const head = isTime ? { percent: '%', ms: 'ms', samples: 'samples' }[unit.value] : waits ? 'longest' : column.kind === 'spark' ? '' : unitLabel[of];
  const width = isTime ? 112 : column.kind === 'spark' ? 52 : waits ? 92 : column.kind === 'bar' ? 98 : of === 'MiB' ? 56 : 48;
  const look = waits ? 'c-wait' : `c-${column.kind}${column.kind === 'bar' ? ' size' : of === 'MiB' ? ' wide' : ''}`;
  return { ...column, key, look, width, unit: of, head, scale: key ? scaleOf(p, key) : 0, hideBelow: Math.min(...metrics.map((m) => m.hideBelow)), parts: metrics };
}

export const isWaiting = (column: TableColumn): boolean => column.metrics.length > 0 && column.metrics.every((id) => id.startsWith('wait.'));

/** The metrics of a key, for labels. */
export function labelOf(p: Profile, key: string): string {
  if (key === 'time') return 'time';
  const column = p.table.find((each) => each.id === key || each.metrics.join('+') === key);
  return column?.label ?? p.metrics.find((m) => m.id === partsOf(key)[0])?.label ?? key;
}
