// A canvas as big as its box, never as its content, drawn anew when data, size or theme change.
import { computed, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { theme } from '../state/settings';

export type Palette = Record<string, string>;
const systemTheme = signal(0);
for (const query of ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'])
  matchMedia(query).addEventListener('change', () => { systemTheme.value++; });

const names = ['bg', 'surface', 'sunk', 'hairline', 'control', 'ink', 'ink-2', 'ink-3', 'selection', 'focus', 'hot', 'cpu-python', 'cpu-native', 'cpu-system', 'cpu-system-bg',
  'on-native', 'mem-python', 'mem-native', 'mem', 'copy', 'await', 'gpu', 'neutral', 'better', 'worse', 'ui', 'mono'];

/** The colours of the theme in force. Also a subscription: a component that reads it is drawn anew when it changes. */
const colors = computed(() => {
  void theme.value;
  void systemTheme.value;
  const style = getComputedStyle(document.documentElement);
  const out: Palette = {};
  for (const name of names) out[name] = style.getPropertyValue(`--${name}`).trim();
  return out;
});
export const palette = (): Palette => colors.value;

export interface Painter { ctx: CanvasRenderingContext2D; width: number; height: number; color: Palette; stripes(color: string, ground: string): CanvasPattern | string }

type Listeners = {
  onPointerDown?(event: PointerEvent): void; onPointerMove?(event: PointerEvent): void; onPointerLeave?(): void; onPointerUp?(event: PointerEvent): void;
  onClick?(event: MouseEvent): void; onDblClick?(event: MouseEvent): void; onContextMenu?(event: MouseEvent): void; onWheel?(event: WheelEvent): void; onKeyDown?(event: KeyboardEvent): void;
};

export function Canvas({ draw, height, label, role = 'img', focusable = false, class: extra = '', children, ...listeners }:
  { draw(painter: Painter): void; height: number | string; label: string; role?: 'img' | 'application'; focusable?: boolean; class?: string; children?: ComponentChildren } & Listeners) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const color = palette();
  const latest = useRef(draw);
  latest.current = draw;
  const paint = useRef(() => {});
  paint.current = () => {
    const element = canvas.current;
    if (!element) return;
    const box = element.getBoundingClientRect();
    const scale = devicePixelRatio || 1;
    const width = Math.max(1, Math.round(box.width)), tall = Math.max(1, Math.round(box.height));
    if (element.width !== Math.round(width * scale) || element.height !== Math.round(tall * scale)) {
      element.width = Math.round(width * scale);
      element.height = Math.round(tall * scale);
    }
    const ctx = element.getContext('2d');
    if (!ctx) return;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    ctx.clearRect(0, 0, width, tall);
    latest.current({ ctx, width, height: tall, color, stripes: (ink, ground) => stripes(ctx, ink, ground, scale) });
  };
  const laidOut = useRef(false);
  useLayoutEffect(() => { if (laidOut.current) paint.current(); });
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => { laidOut.current = true; paint.current(); }); // the first time before the first frame
    observer.observe(canvas.current!);
    return () => observer.disconnect();
  }, []);
  return (
    <canvas ref={canvas} class={extra} role={role} aria-label={label} tabIndex={focusable ? 0 : undefined} style={{ height: typeof height === 'number' ? `${height}px` : height }} {...listeners}>
      {children}
    </canvas>
  );
}

const patterns = new Map<string, CanvasPattern | null>();
function stripes(ctx: CanvasRenderingContext2D, ink: string, ground: string, scale: number): CanvasPattern | string {
  const key = `${ink} ${ground} ${scale}`;
  if (!patterns.has(key)) {
    const tile = document.createElement('canvas');
    const n = Math.max(1, Math.round(scale)) * 4;
    tile.width = tile.height = n;
    const c = tile.getContext('2d')!;
    c.fillStyle = ground;
    c.fillRect(0, 0, n, n);
    c.strokeStyle = ink;
    c.lineWidth = n * 0.27;
    c.beginPath();
    for (const shift of [-n, 0, n]) { c.moveTo(shift - 1, n + 1); c.lineTo(shift + n + 1, -1); }
    c.stroke();
    const pattern = ctx.createPattern(tile, 'repeat');
    pattern?.setTransform(new DOMMatrix().scale(1 / scale));
    patterns.set(key, pattern);
  }
  return patterns.get(key) ?? ink;
}

/** `amount` of a colour in another, both #rrggbb. */
const mixed = new Map<string, string>();
export function mix(color: string, ground: string, amount: number): string {
  const key = color + ground + amount;
  let out = mixed.get(key);
  if (!out) mixed.set(key, (out = mixture(color, ground, amount)));
  return out;
}

function mixture(color: string, ground: string, amount: number): string {
  const part = (text: string, i: number) => parseInt(text.slice(1 + i * 2, 3 + i * 2), 16);
  if (!/^#[0-9a-f]{6}$/i.test(color) || !/^#[0-9a-f]{6}$/i.test(ground)) return color;
  return '#' + [0, 1, 2].map((i) => Math.round(part(color, i) * amount + part(ground, i) * (1 - amount)).toString(16).padStart(2, '0')).join('');
}
