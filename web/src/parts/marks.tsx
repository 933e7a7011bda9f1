// Small marks that mean one thing each: bars, swatches, sparklines, styled sentences.
import type { Curve, Part } from '../model/profile';

export interface Segment { color: string; value: number; label?: string }

/** Colour tokens → paint. */
export const paint = (color: string): string => `p-${color}`;

/** A stacked bar whose whole width is `scale`. Numbers stand beside it, so it is silent for screen readers. */
export function Bar({ segments, scale, size = '' }: { segments: Segment[]; scale: number; size?: string }) {
  const visible = segments.filter((s) => s.value > 0);
  const sum = visible.reduce((total, s) => total + s.value, 0);
  const fit = scale > 0 ? Math.min(1, scale / Math.max(sum, 1e-12)) : 0;
  return (
    <span class={`bar ${size}`} aria-hidden="true">
      {visible.filter((s) => s.value * fit > scale / 400 || visible.length === 1).map((s) => (
        <i key={s.color} class={paint(s.color)} style={{ width: `${(s.value * fit / scale) * 100}%` }} />
      ))}
    </span>
  );
}

export const Swatch = ({ color }: { color: string }) => <i class={`swatch ${paint(color)}`} aria-hidden="true" />;

/** The path of a curve in a box of w × h, its end at `elapsed`. */
export function curvePath(curve: Curve, elapsed: number, w: number, h: number, most: number): string {
  let d = '';
  for (let i = 0; i < curve.t.length; i++)
    d += `${i ? 'L' : 'M'}${((curve.t[i] / (elapsed || 1)) * w).toFixed(1)} ${(h - (curve.mb[i] / (most || 1)) * (h - 1)).toFixed(1)}`;
  return d;
}

export function Spark({ curve, elapsed, leak = false, width = 48, height = 14 }: { curve: Curve; elapsed: number; leak?: boolean; width?: number; height?: number }) {
  const most = Math.max(...curve.mb, 1e-9);
  if (curve.t.length === 0) return null;
  let line = curvePath(curve, elapsed, width, height, most);
  const first = ((curve.t[0] / (elapsed || 1)) * width).toFixed(1), last = ((curve.t[curve.t.length - 1] / (elapsed || 1)) * width).toFixed(1);
  if (curve.t.length === 1) line += `l2 0`;
  return (
    <svg class={`spark ${leak ? 'leak' : ''}`} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path class="area" d={`${line}L${last} ${height}L${first} ${height}Z`} /><path class="line" d={line} />
    </svg>
  );
}

/** A sentence with its styles. All of it is text nodes. */
export function Parts({ parts }: { parts: Part[] }) {
  return (
    <>
      {parts.map((part, i) => {
        if (typeof part === 'string') return part;
        const [style, text] = part;
        if (style === 'code') return <code key={i}>{text}</code>;
        return <strong key={i} class={style === 'hot' ? 'hot' : ''}>{text}</strong>;
      })}
    </>
  );
}

export const plainText = (parts: Part[]): string => parts.map((part) => (typeof part === 'string' ? part : part[1])).join('');

/** A path: its folders quiet, its name plain. */
export function FileName({ name, line }: { name: string; line?: number }) {
  const at = name.lastIndexOf('/') + 1;
  return <span class="filename">{at > 0 && <span class="dim">{name.slice(0, at)}</span>}{name.slice(at)}{line ? <span class="dim">:{line}</span> : null}</span>;
}
