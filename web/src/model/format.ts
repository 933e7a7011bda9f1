// How a number is written. One rule per unit; a value that rounds to nothing is blank.
import type { Unit } from './profile';

const nbsp = '\u202f'; // narrow, keeps number and unit together

/** Three significant digits, never an exponent: 1.15, 22.8, 757, 12,400. */
/** A whole number in groups of three. What the browser has for this takes 30 ms to get ready. */
const grouped = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

export function digits(value: number): string {
  if (!Number.isFinite(value)) return '?';
  const size = Math.abs(value);
  if (size >= 999.5) return grouped(value);
  if (size >= 99.95) return value.toFixed(0);
  if (size >= 9.995) return value.toFixed(1);
  return value.toFixed(2);
}

export function percent(value: number): string {
  if (!Number.isFinite(value)) return '?';
  return Math.abs(value) < 0.05 ? '' : value.toFixed(1);
}

/** In sentences: zero is written out. */
export const shown = (value: number): string => percent(value) || '0.0';

export function size(mebibytes: number): string {
  if (!Number.isFinite(mebibytes)) return '?';
  const magnitude = Math.abs(mebibytes);
  if (magnitude < 0.0005) return '';
  if (magnitude < 0.9995) return (mebibytes * 1024).toFixed(0) + nbsp + 'KB';
  if (magnitude < 9.95) return mebibytes.toFixed(1).replace(/\.0$/, '') + nbsp + 'MB';
  if (magnitude < 1023.5) return mebibytes.toFixed(0) + nbsp + 'MB';
  if (magnitude < 1023.5 * 1024) return digits(mebibytes / 1024) + nbsp + 'GB';
  return digits(mebibytes / 1024 / 1024) + nbsp + 'TB';
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const magnitude = Math.abs(seconds);
  if (magnitude === 0) return '0' + nbsp + 's';
  if (magnitude < 0.0000995) return (seconds * 1e6).toFixed(0) + nbsp + 'µs';
  if (magnitude < 0.09995) return digits(seconds * 1e3) + nbsp + 'ms';
  if (magnitude < 0.9995) return (seconds * 1e3).toFixed(0) + nbsp + 'ms';
  if (magnitude < 119.5) return digits(seconds) + nbsp + 's';
  const minutes = Math.floor(Math.round(magnitude) / 60);
  const rest = Math.round(magnitude) - minutes * 60;
  const sign = seconds < 0 ? '−' : '';
  if (minutes < 120) return `${sign}${minutes}m${nbsp}${rest}s`;
  return `${sign}${Math.floor(minutes / 60)}h${nbsp}${minutes % 60}m`;
}

export function count(value: number): string {
  if (!Number.isFinite(value)) return '?';
  return value >= 0.5 || value <= -0.5 ? grouped(value) : '';
}

/** For cells: the unit stands in the column's header, except for sizes, which carry theirs. */
export function cell(value: number, unit: Unit): string {
  switch (unit) {
    case 'percent': return percent(value);
    case 'fraction': return percent(value * 100);
    case 'MiB': return size(value);
    case 'MiB/s': return value < 0.05 ? '' : value < 9.95 ? value.toFixed(1) : count(value);
    case 's': return value <= 0 ? '' : digits(value);
    case 'count': return value % 1 && value < 100 ? digits(value).replace(/\.?0+$/, '') : count(value);
  }
}

export const unitLabel: Record<Unit, string> = {
  percent: '%', fraction: '%', MiB: '', 'MiB/s': 'MB/s', s: 's', 'count': '',
};

/** For sentences and details: number and unit, zero written out. */
export function full(value: number, unit: Unit): string {
  switch (unit) {
    case 'percent': return (percent(value) || '0') + nbsp + '%';
    case 'fraction': return (percent(value * 100) || '0') + nbsp + '%';
    case 'MiB': return size(value) || '0' + nbsp + 'MB';
    case 'MiB/s': return (value ? digits(value) : '0') + nbsp + 'MB/s';
    case 's': return duration(value);
    case 'count': return cell(value, 'count') || '0';
  }
}

/** With its sign, a true minus, and 0 without one. */
export function signed(value: number, text: (magnitude: number) => string): string {
  const magnitude = text(Math.abs(value));
  if (!magnitude || !/[1-9]/.test(magnitude)) return '0';
  return (value < 0 ? '−' : '+') + magnitude;
}

/** Round steps for axes: about `many` ticks over a length. */
export function ticks(from: number, to: number, many: number): number[] {
  const span = to - from;
  if (!(span > 0) || !Number.isFinite(span)) return [];
  const rough = span / Math.max(1, many);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999)!;
  const out: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-6; i++) out.push(Number((i * step).toPrecision(12)));
  return out;
}

export function tickLabel(value: number, step: number): string {
  const decimals = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  return value.toFixed(decimals);
}
