// Draws frames of the flame chart and the timeline: own time in full colour at the right end, time in callees as a tint with
// an edge.
import { mix, type Painter } from './canvas';

export interface Brush { full: string | CanvasPattern; tint: string; ink: string; fullInk: string }
export interface Own { brush: Brush; share: number } // parts of the frame's own time, left to right

export function brushFor({ color, stripes }: Painter, paint: string): Brush {
  const c = color[paint] ?? color.neutral;
  if (paint === 'cpu-system') return { full: stripes(color['cpu-system'], color['cpu-system-bg']), tint: mix(c, color.surface, 0.11), ink: color.ink, fullInk: color.ink };
  if (paint === 'sunk') return { full: color.sunk, tint: color.sunk, ink: color['ink-2'], fullInk: color['ink-2'] };
  const native = /native/.test(paint);
  return { full: c, tint: mix(c, color.surface, native ? 0.11 : 0.17), ink: color.ink, fullInk: native ? color['on-native'] : color.surface };
}

/** Brushes by paint, made once per drawing. */
export function brushes(painter: Painter): (paint: string) => Brush {
  const known = new Map<string, Brush>();
  return (paint) => {
    let brush = known.get(paint);
    if (!brush) known.set(paint, (brush = brushFor(painter, paint)));
    return brush;
  };
}

export function drawFrame({ ctx, color }: Painter, brush: Brush, x: number, y: number, width: number, height: number, own: Own[], label: string, right = '', size = 10.5): void {
  const w = Math.max(0.75, width - (width > 3 ? 1 : 0.25));
  const share = own.reduce((sum, part) => sum + part.share, 0);
  if (w < 4) {
    const mostlyOwn = own.length > 0 && share >= 0.5, alpha = ctx.globalAlpha;
    ctx.globalAlpha = alpha * (mostlyOwn ? 1 : 0.4);
    ctx.fillStyle = (mostlyOwn ? own.reduce((a, b) => (b.share > a.share ? b : a)).brush : brush).full;
    ctx.fillRect(x, y, w, height);
    ctx.globalAlpha = alpha;
    return;
  }
  const through = share < 0.995;
  const regions: { from: number; to: number; ink: string }[] = [];
  let at = x;
  if (through) {
    ctx.fillStyle = brush.tint;
    rounded(ctx, x, y, w, height);
    ctx.fillStyle = brush.full;
    ctx.fillRect(x, y, Math.min(3, w / 4), height);
    at = x + w * (1 - share);
    regions.push({ from: x, to: at, ink: brush.ink });
  }
  for (const { brush: each, share: part } of own) {
    const wide = w * part;
    if (wide < 0.5) continue;
    ctx.fillStyle = each.full;
    if (!through && own.length === 1) rounded(ctx, at, y, wide, height);
    else ctx.fillRect(at, y, wide, height);
    regions.push({ from: at, to: at + wide, ink: each.fullInk });
    at += wide;
  }
  if (w < 28 || !label) return;
  ctx.textBaseline = 'middle';
  const left = x + (through ? 8 : 5), mid = y + height / 2 + 0.5;
  let room = x + w - 5 - left;
  if (room > 90 && right) {
    ctx.font = `500 ${size}px ${color.ui}`;
    const wide = ctx.measureText(right).width;
    inRegions(ctx, right, x + w - 5 - wide, mid, wide, regions, y, height);
    room -= wide + 10;
  }
  ctx.font = `${size}px ${color.mono}`;
  const text = fit(label, room, size * 0.6);
  if (text) inRegions(ctx, text, left, mid, text.length * size * 0.62, regions, y, height);
}

/** Text in the ink of the ground it stands on, also where it crosses from one to the next. */
function inRegions(ctx: CanvasRenderingContext2D, text: string, left: number, mid: number, wide: number, regions: { from: number; to: number; ink: string }[], y: number, height: number): void {
  const crossed = regions.filter(({ from, to }) => from < left + wide && to > left);
  for (const { from, to, ink } of crossed) {
    ctx.fillStyle = ink;
    if (crossed.length === 1) { ctx.fillText(text, left, mid); return; }
    ctx.save();
    ctx.beginPath();
    ctx.rect(from, y, to - from, height);
    ctx.clip();
    ctx.fillText(text, left, mid);
    ctx.restore();
  }
}

/** As much of a text as fits, measured by the width of a character of the fixed font. */
export function fit(text: string, room: number, character: number): string {
  const many = Math.floor(room / character);
  if (text.length <= many) return text;
  return many < 3 ? '' : text.slice(0, many - 1) + '…';
}

function rounded(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r = 2): void {
  ctx.beginPath();
  pill(ctx, x, y, w, h, r);
  ctx.fill();
}

/** A box with round corners, where the browser can draw them. */
export function pill(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r: number): void {
  if (typeof ctx.roundRect === 'function') ctx.roundRect(x, y, w, h, r);
  else ctx.rect(x, y, w, h);
}
