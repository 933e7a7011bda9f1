// Where rows of different heights lie, and which of them a scroll position shows. A browser's element ends near 16 M px
// (Firefox), so beyond `limit` scroll positions are scaled: the scroll bar moves faster than the rows.

export const limit = 15_000_000;

export class VirtualRows {
  readonly total: number;
  private readonly offsets: Float64Array | null;

  constructor(readonly count: number, private readonly height: number | ((row: number) => number)) {
    if (typeof height === 'number') {
      this.offsets = null;
      this.total = count * height;
    } else {
      this.offsets = new Float64Array(count + 1);
      for (let row = 0; row < count; row++) this.offsets[row + 1] = this.offsets[row] + height(row);
      this.total = this.offsets[count];
    }
  }

  top(row: number): number {
    return this.offsets ? this.offsets[row] : row * (this.height as number);
  }

  /** The row that covers a position, the last one below the end. */
  at(y: number): number {
    if (this.count === 0) return 0;
    if (!this.offsets) return Math.min(this.count - 1, Math.max(0, Math.floor(y / (this.height as number))));
    let low = 0, high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.offsets[middle] <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Height of the element that scrolls. */
  get extent(): number { return Math.min(this.total, limit); }

  /** Position in rows for a scroll position of the element, and back. */
  toRows(scroll: number, view: number): number {
    if (this.total <= limit) return scroll;
    return scroll * (this.total - view) / (limit - view);
  }
  toScroll(y: number, view: number): number {
    if (this.total <= limit) return y;
    return y * (limit - view) / (this.total - view);
  }

  /** Rows to draw for a scroll position, with a margin of some rows. */
  window(scroll: number, view: number, margin = 6): { first: number; last: number; shift: number } {
    const y = this.toRows(scroll, view);
    const first = Math.max(0, this.at(y) - margin);
    const last = Math.min(this.count - 1, this.at(y + view) + margin);
    return { first, last, shift: scroll - y }; // a row is drawn at top(row) + shift
  }
}
