// The lines that belong together around a line.
import { functionAt, type FileData } from './profile';

export type RegionKind = 'line' | 'loop' | 'function';

/** The line alone; the narrowest loop or function around it; the function around it. */
export function regionOf(file: FileData, line: number, what: RegionKind, onlyLoops = false): { file: number; start: number; end: number } {
  const regions = file.regions();
  const at = line - 1;
  const own = { file: file.index, start: line, end: line };
  if (!regions || what === 'line') return own;
  if (what === 'function') {
    const row = functionAt(file, line);
    if (regions.functionStart[at]) return { file: file.index, start: regions.functionStart[at], end: regions.functionEnd[at] };
    return row >= 0 ? { file: file.index, start: file.functions.line[row], end: file.functions.end[row] } : own;
  }
  if (onlyLoops && regions.regionStart[at] === regions.functionStart[at]) return own;
  return regions.regionStart[at] ? { file: file.index, start: regions.regionStart[at], end: regions.regionEnd[at] } : own;
}
