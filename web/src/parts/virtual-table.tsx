// A table of any length of which only the visible rows exist. Rows may have different heights. One element scrolls; the
// table has one tab stop and moves its active row with the keys (gui.md 8).
import { signal } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { VirtualRows } from '../model/virtual-rows';

export const tableWidth = signal(innerWidth - 270); // px, of the table that is shown; what it mostly is until it was laid out

export interface VirtualTableProps {
  label: string;
  count: number;
  height: number | ((row: number) => number);
  header: ComponentChildren;
  headerHeight: number;
  columns: number; // for aria-colcount
  active: number; // row with the focus, -1 = none yet
  tree?: boolean;
  version: unknown; // rows are laid out anew when it changes
  row(index: number): ComponentChildren;
  rowClass(index: number): string;
  /** Rows that stick to the top while row `first` is the first one in sight, outermost first. */
  sticky?(first: number): number[];
  onActive(row: number): void;
  onOpen(row: number): void;
  onKey?(event: KeyboardEvent, row: number): boolean; // true: handled
  selectable?(row: number): boolean;
  level?(row: number): number;
  expanded?(row: number): boolean | undefined;
  reveal?: { row: number } | null; // scrolls there when the object changes
  empty?: ComponentChildren;
}

export function VirtualTable(props: VirtualTableProps) {
  const { count, height, headerHeight, active } = props;
  const layout = useMemo(() => new VirtualRows(count, height), [count, props.version]);
  const scroller = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState(0);
  const [view, setView] = useState(innerHeight - 200); // px; a guess saves the first frame a second layout
  const wantsFocus = useRef(false);

  useLayoutEffect(() => {
    const element = scroller.current!;
    const observer = new ResizeObserver(() => { setView(element.clientHeight); tableWidth.value = element.clientWidth; });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const body = Math.max(0, view - headerHeight);
  // Rows that nothing was seen of before are drawn without a margin, which follows in the next frame.
  const drawn = useRef({ layout: null as VirtualRows | null, first: 0, last: 0 });
  const near = layout.window(scroll, body, 0), before = drawn.current;
  const isNew = before.layout !== layout || near.first > before.last || near.last < before.first;
  const { first, last, shift } = layout.window(scroll, body, isNew ? 0 : 6);
  drawn.current = { layout, first, last };
  const [, drawMargin] = useState({});
  useEffect(() => { if (isNew) drawMargin({}); });
  const top = layout.at(layout.toRows(scroll, body) + 0.5);
  const stuck = count ? props.sticky?.(top) ?? [] : [];

  const bringIntoView = (row: number, middle = false) => {
    const element = scroller.current!;
    const above = (props.sticky?.(row) ?? []).filter((r) => r !== row).reduce((sum, r) => sum + layout.top(r + 1) - layout.top(r), 0);
    const y = layout.toRows(element.scrollTop, body), rowTop = layout.top(row), rowEnd = layout.top(row + 1);
    let to = y;
    if (middle) { if (rowTop - above < y || rowEnd > y + body) to = rowTop - body * 0.35; }
    else if (rowTop - above < y) to = rowTop - above;
    else if (rowEnd > y + body) to = rowEnd - body;
    if (to !== y) {
      element.scrollTop = layout.toScroll(Math.max(0, Math.min(to, layout.total - body)), body);
      setScroll(element.scrollTop);
    }
  };

  const focusRow = (row: number) => {
    const element = scroller.current!.querySelector<HTMLElement>(`[data-row="${row}"]`);
    element?.focus({ preventScroll: true });
    wantsFocus.current = !element;
  };
  useEffect(() => {
    const row = props.reveal?.row ?? -1;
    if (row < 0 || row >= count) return;
    bringIntoView(row, true);
    if (document.activeElement?.hasAttribute('data-row')) focusRow(row); // never taken from elsewhere
  }, [props.reveal, layout]);
  useLayoutEffect(() => {
    if (!wantsFocus.current) return;
    focusRow(active);
  });
  useEffect(() => { setScroll(scroller.current!.scrollTop); }, [props.version]);

  // Rows stay the same while only the scroll position changes: Preact skips what is the same object.
  const kept = useMemo(() => new Map<number, { at: number; tab: boolean; content: ComponentChildren; element: VNode }>(), [props.row, active]);

  // A row that comes into sight takes over the elements of one that has left it, which is cheaper than new ones.
  const { slots, made } = useRef({ slots: new Map<number, number>(), made: [0] }).current;
  const inSight = (row: number) => (row >= first && row <= last) || row === active;
  const free: number[] = [];
  for (const [row, slot] of slots) if (!inSight(row)) { free.push(slot); slots.delete(row); }
  const slotOf = (row: number): number => {
    let slot = slots.get(row);
    if (slot === undefined) slots.set(row, (slot = free.shift() ?? made[0]++));
    return slot;
  };

  const may = (row: number) => props.selectable?.(row) ?? true;
  const moveTo = (row: number, direction: 1 | -1) => {
    let to = Math.max(0, Math.min(count - 1, row));
    while (to >= 0 && to < count && !may(to)) to += direction;
    if (to < 0 || to >= count) { to = Math.max(0, Math.min(count - 1, row)); while (to >= 0 && to < count && !may(to)) to -= direction; }
    if (to < 0 || to >= count) return;
    wantsFocus.current = true;
    bringIntoView(to);
    props.onActive(to);
  };

  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !count) return;
    const target = event.target as HTMLElement;
    if (target.closest('[role=columnheader]')) return;
    const at = active < 0 ? top : active;
    if (props.onKey?.(event, at)) { event.preventDefault(); event.stopPropagation(); return; }
    const page = Math.max(1, layout.at(layout.top(at) + body * 0.9) - at);
    switch (event.key) {
      case 'ArrowDown': moveTo(active < 0 ? top : at + 1, 1); break;
      case 'ArrowUp': moveTo(at - 1, -1); break;
      case 'PageDown': moveTo(at + page, 1); break;
      case 'PageUp': moveTo(at - page, -1); break;
      case 'Home': moveTo(0, 1); break;
      case 'End': moveTo(count - 1, -1); break;
      case 'Enter': props.onOpen(at); break;
      default: return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const rowElement = (i: number, at: number, tab: boolean, content: ComponentChildren, sticky = false) => (
    <div key={sticky ? `s${i}` : slotOf(i)} class={`row ${props.rowClass(i)}${i === active ? ' active' : ''}${sticky ? ' stuck' : ''}`} role="row" aria-rowindex={i + 2} aria-level={props.tree ? props.level?.(i) : undefined}
      aria-expanded={props.expanded?.(i)} aria-selected={i === active} tabIndex={tab ? 0 : -1} data-row={sticky ? undefined : i}
      aria-hidden={sticky ? 'true' : undefined}
      style={{ top: `${at}px`, height: `${layout.top(i + 1) - layout.top(i)}px` }}
      onClick={() => { if (may(i)) { props.onActive(i); } if (sticky) bringIntoView(i); }} onDblClick={() => props.onOpen(i)}>
      {content}
    </div>
  );
  const rowAt = (i: number): VNode => {
    const at = layout.top(i) + shift, tab = i === active || (active < 0 && i === first), known = kept.get(i);
    if (known && known.at === at && known.tab === tab) return known.element;
    const content = known ? known.content : props.row(i), element = rowElement(i, at, tab, content);
    kept.set(i, { at, tab, content, element });
    return element;
  };

  const rows: VNode[] = [];
  if (count) {
    if (active >= 0 && active < count && active < first) rows.push(rowAt(active)); // keeps the tab stop
    for (let i = first; i <= last; i++) rows.push(rowAt(i));
    if (active > last && active < count) rows.push(rowAt(active));
  }
  for (const row of kept.keys()) if (!inSight(row)) kept.delete(row);
  let stuckTop = 0;
  const stuckRows = stuck.filter((i) => layout.top(i) - layout.toRows(scroll, body) < stuckTop || i < top).map((i) => {
    const element = rowElement(i, stuckTop, false, props.row(i), true);
    stuckTop += layout.top(i + 1) - layout.top(i);
    return element;
  });

  return (
    <div class="table" ref={scroller} onScroll={(event) => setScroll(event.currentTarget.scrollTop)} onKeyDown={keys} role={props.tree ? 'treegrid' : 'grid'} aria-label={props.label}
      aria-rowcount={count + 1} aria-colcount={props.columns} tabIndex={count ? -1 : 0}>
      <div class="table-head" role="rowgroup">{props.header}</div>
      {stuckRows.length > 0 && <div class="table-stuck" aria-hidden="true"><div>{stuckRows}</div></div>}
      <div class="table-body" role="rowgroup" style={{ height: `${layout.extent}px` }}>{rows}</div>
      {count === 0 && <div class="empty">{props.empty}</div>}
    </div>
  );
}
