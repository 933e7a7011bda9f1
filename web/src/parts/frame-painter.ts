// Draws frames of the flame chart and the timeline: own time in full colour at the right end, time in callees as a tint with
// an edge.
import { mix, type Painter } from './canvas';

export interface Brush { full: string | CanvasPattern; tint: string; pale: string; ink: string; fullInk: string } // pale: a frame too thin to hold both
export interface Own { brush: Brush; share: number } // parts of the frame's own time, left to right

export function brushFor({ color, stripes }: Painter, paint: string): Brush {
  const c = color[paint] ?? color.neutral, pale = mix(c, color.surface, 0.4);
  if (paint === 'cpu-system') return { full: stripes(color['cpu-system'], color['cpu-system-bg']), tint: mix(c, color.surface, 0.11), pale, ink: color.ink, fullInk: color.ink };
  if (paint === 'sunk') return { full: color.sunk, tint: color.sunk, pale: color.sunk, ink: color['ink-2'], fullInk: color['ink-2'] };
  const native = /native/.test(paint);
  return { full: c, tint: mix(c, color.surface, native ? 0.11 : 0.17), pale, ink: color.ink, fullInk: native ? color['on-native'] : color.surface };
}

/** Brushes by paint, made once per drawing. */
export function brushes(painter: Painter): (paint: string) => Brush {
  font = '';
  const known = new Map<string, Brush>();
  return (paint) => {
    let brush = known.get(paint);
    if (!brush) known.set(paint, (brush = brushFor(painter, paint)));
    return brush;
  };
}

/** Draws the thin frames of a row, neighbours of one colour in one piece. The last call has no brush. */
export function drawSliver({ ctx }: Painter, y: number, height: number): (brush: Brush | null, own: boolean, x: number, width: number) => void {
  let ink: Brush['full'] = '', from = 0, to = 0;
  return (brush, own, x, width) => {
    const next = brush ? (own ? brush.full : brush.pale) : '', end = x + Math.max(0.75, width - (width > 3 ? 1 : 0.25));
    if (next === ink && width < 2 && x - to < 1) { to = end; return; }
    if (ink) {
      ctx.fillStyle = ink;
      ctx.fillRect(from, y, to - from, height);
    }
    ink = next; from = x; to = end;
  };
}

export function drawFrame(painter: Painter, brush: Brush, x: number, y: number, width: number, height: number, own: Own[], label: string, right = '', size = 10.5): void {
  const { ctx } = painter;
  const w = Math.max(0.75, width - (width > 3 ? 1 : 0.25));
  let share = 0, largest: Own | null = null, parts = 0;
  for (const part of own) {
    share += part.share;
    if (part.share > 0) parts++;
    if (part.share > (largest?.share ?? 0)) largest = part;
  }
  if (w < 4) {
    ctx.fillStyle = share >= 0.5 ? largest!.brush.full : brush.pale;
    ctx.fillRect(x, y, w, height);
    return;
  }
  const through = share < 0.995, tint = through ? w * (1 - share) : 0;
  let at = x + tint, left = x + 8, room = tint - 12, ink = brush.ink; // of the label: on the tint, else on the widest of its own parts
  if (through) {
    ctx.fillStyle = brush.tint;
    rounded(ctx, x, y, w, height);
    ctx.fillStyle = brush.full;
    ctx.fillRect(x, y, Math.min(3, w / 4), height);
  }
  for (const part of own) {
    const wide = w * part.share;
    if (wide < 0.5) continue;
    ctx.fillStyle = part.brush.full;
    if (!through && parts === 1) rounded(ctx, at, y, wide, height);
    else ctx.fillRect(at, y, wide, height);
    if (part === largest && tint < 48 && wide > tint) { left = at + 5; room = wide - 10; ink = part.brush.fullInk; }
    at += wide;
  }
  drawLabel(painter, label, right, left, room, y, height, ink, size);
}

/** A label in a part of a frame, if it fits. `ground`: what hides the marks below it. */
export function drawLabel({ ctx, color }: Painter, label: string, right: string, left: number, room: number, y: number, height: number, ink: string, size: number, ground = ''): void {
  if (room < 18 || !label) return;
  ctx.textBaseline = 'middle';
  ctx.fillStyle = ink;
  const mid = y + height / 2 + 0.5;
  if (room > 90 && right) {
    const wide = widthOfText(ctx, right, `500 ${size}px ${color.ui}`);
    ctx.fillText(right, left + room - wide, mid);
    room -= wide + 10;
  }
  const each = widthOfText(ctx, '0', `${size}px ${color.mono}`), text = fit(label, room, each);
  if (ground) {
    ctx.fillStyle = ground;
    ctx.fillRect(left - 3, y, text.length * each + 6, height);
    ctx.fillStyle = ink;
  }
  if (text) ctx.fillText(text, left, mid);
}

/** Sets the font, too, which takes a while even where it is the same. */
const widths = new Map<string, number>();
let font = ''; // since `brushes`
function widthOfText(ctx: CanvasRenderingContext2D, text: string, wanted: string): number {
  if (font !== wanted) ctx.font = font = wanted;
  const key = font + text;
  let width = widths.get(key);
  if (width === undefined) widths.set(key, (width = ctx.measureText(text).width));
  return width;
}

/** As much of a text as fits, measured by the width of a character of the fixed font. */
export function fit(text: string, room: number, character: number): string {
  const many = Math.floor(room / character);
  if (text.length <= many) return text;
  return many < 3 ? '' : text.slice(0, many - 1) + '…';
}

function rounded(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r = 2): void {
  if (w < 24) { ctx.fillRect(x, y, w, h); return; } // much quicker
  ctx.beginPath();
  pill(ctx, x, y, w, h, r);
  ctx.fill();
}

/** A box with round corners, where the browser can draw them. */
export function pill(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r: number): void {
  if (typeof ctx.roundRect === 'function') ctx.roundRect(x, y, w, h, r);
  else ctx.rect(x, y, w, h);
}
