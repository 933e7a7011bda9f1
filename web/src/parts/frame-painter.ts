// Draws frames of the flame chart and the timeline: own time in full colour, time in callees as a tint with an edge.
import { mix, type Painter } from './canvas';

export interface Brush { full: string | CanvasPattern; tint: string; ink: string; fullInk: string }

export function brushFor({ color, stripes }: Painter, paint: string): Brush {
  const c = color[paint] ?? color.neutral;
  if (paint === 'cpu-system') return { full: stripes(color['cpu-system'], color['cpu-system-bg']), tint: mix(c, color.surface, 0.11), ink: color.ink, fullInk: color.ink };
  if (paint === 'sunk') return { full: color.sunk, tint: color.sunk, ink: color['ink-2'], fullInk: color['ink-2'] };
  const native = /native/.test(paint);
  return { full: c, tint: mix(c, color.surface, native ? 0.11 : 0.17), ink: color.ink, fullInk: native ? color['on-native'] : color.surface };
}

/** One frame. `own` = share of its width that is its own time, drawn at its right end. */
export function drawFrame(ctx: CanvasRenderingContext2D, brush: Brush, x: number, y: number, width: number, height: number, own: number, label: string, right: string, fonts: { mono: string; ui: string }, size = 10.5): void {
  const w = Math.max(0.75, width - (width > 3 ? 1 : 0.25));
  if (own >= 0.995 || w < 4) {
    ctx.fillStyle = brush.full;
    if (w < 4) { ctx.fillRect(x, y, w, height); return; }
    rounded(ctx, x, y, w, height);
  } else {
    ctx.fillStyle = brush.tint;
    rounded(ctx, x, y, w, height);
    ctx.fillStyle = brush.full;
    ctx.fillRect(x, y, Math.min(3, w), height);
    if (own * w >= 1) ctx.fillRect(x + w - own * w, y, own * w, height);
  }
  if (w < 28 || !label) return;
  const solid = own >= 0.5;
  ctx.textBaseline = 'middle';
  const mid = y + height / 2 + 0.5;
  const left = x + (solid && own >= 0.995 ? 5 : 8);
  let room = x + w * (solid ? 1 : 1 - own) - 5 - left;
  if (solid && own < 0.995) room = x + w - 5 - left;
  const ink = solid ? brush.fullInk : brush.ink;
  if (room > 90 && right) {
    ctx.font = `500 ${size}px ${fonts.ui}`;
    const wide = ctx.measureText(right).width;
    ctx.fillStyle = ink;
    ctx.fillText(right, left + room - wide, mid);
    room -= wide + 10;
  }
  ctx.font = `${size}px ${fonts.mono}`;
  const text = fit(label, room, size * 0.6);
  if (!text) return;
  ctx.fillStyle = solid && own < 0.995 ? brush.ink : ink;
  if (solid && own < 0.995) { // the label may begin on the tint and end on the full colour
    const border = x + w - own * w;
    clipText(ctx, text, left, mid, x, border, brush.ink, y, height);
    clipText(ctx, text, left, mid, border, x + w, brush.fullInk, y, height);
  } else ctx.fillText(text, left, mid);
}

function clipText(ctx: CanvasRenderingContext2D, text: string, left: number, mid: number, from: number, to: number, ink: string, y: number, height: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, y, to - from, height);
  ctx.clip();
  ctx.fillStyle = ink;
  ctx.fillText(text, left, mid);
  ctx.restore();
}

/** As much of a text as fits, measured by the width of a character of the fixed font. */
export function fit(text: string, room: number, character: number): string {
  const many = Math.floor(room / character);
  if (text.length <= many) return text;
  return many < 3 ? '' : text.slice(0, many - 1) + '…';
}

export function rounded(ctx: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, r = 2): void {
  ctx.beginPath();
  if (typeof ctx.roundRect === 'function') ctx.roundRect(x, y, w, h, r);
  else ctx.rect(x, y, w, h);
  ctx.fill();
}
