// What a diff makes of a region.

/**
 * The lines of `source` from `start` to `end`, 1-based and inclusive, as they are after a unified diff that fits it exactly.
 * A change that reaches beyond the region is whole.
 */
export function codeAfter(diff: string, source: string[], start: number, end: number): string {
  const runs: { from: number; to: number; added: string[] }[] = []; // old lines from..to-1 give way to what is added
  let old = 1, run: (typeof runs)[number] | null = null;
  for (const line of diff.split('\n').slice(2)) {
    const hunk = /^@@ -(\d+)(,0)?/.exec(line);
    if (hunk) old = +hunk[1] + (hunk[2] ? 1 : 0);
    if (line[0] === ' ') old++;
    if (line[0] !== '-' && line[0] !== '+') { if (line[0] !== '\\') run = null; continue; }
    if (!run) runs.push((run = { from: old, to: old, added: [] }));
    if (line[0] === '-') run.to = ++old;
    else run.added.push(line.slice(1));
  }
  const touching = runs.filter(({ from, to }) => from <= end + (from === to ? 1 : 0) && to >= start + (from === to ? 0 : 1));
  for (const { from, to } of touching) {
    start = Math.min(start, from);
    end = Math.max(end, to - 1);
  }
  const out: string[] = [];
  for (const { from, to, added } of [...touching, { from: end + 1, to: end + 1, added: [] }]) {
    for (; start < from; start++) out.push(source[start - 1]);
    out.push(...added);
    start = to;
  }
  return out.join('\n') + '\n';
}
