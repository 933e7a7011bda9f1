// What leaves the page as a file or a table.
import { columnOf, type Profile } from './profile';

export function topTable(p: Profile, many = 25): (string | number)[][] {
  const all = p.files.flatMap((file) => Array.from(columnOf(file.lines, 'time'), (time, row) => ({ file, row, time })));
  all.sort((x, y) => y.time - x.time);
  return [['time %', 'line', 'source'], ...all.slice(0, many).map(({ file, row, time }) =>
    [Number(time.toFixed(1)), `${file.name}:${file.lines.line[row]}`, (file.source()?.[file.lines.line[row] - 1] ?? '').trim()])];
}

/** One line a stack: `outer;inner weight`, weights in ms. */
export function foldedStacks(p: Profile): string {
  const tree = p.frames!, self = tree.self.get(tree.metrics[0].id)!;
  const out: string[] = [];
  for (let i = 1; i < tree.count; i++) {
    if (self[i] < 0.0005) continue;
    const path: string[] = [];
    for (let up = i; up !== 0; up = tree.parent[up]) path.push((tree.strings[tree.name[up]] || '?').replaceAll(';', ','));
    out.push(`${path.reverse().join(';')} ${Math.round(self[i] * 1000)}`);
  }
  return out.join('\n') + '\n';
}

export function speedscope(p: Profile): string {
  const tree = p.frames!, self = tree.self.get(tree.metrics[0].id)!;
  const frames = Array.from({ length: tree.count }, (_, i) => ({ name: tree.strings[tree.name[i]] || '(all)', file: tree.strings[tree.file[i]] || undefined, line: tree.line[i] || undefined }));
  const samples: number[][] = [], weights: number[] = [];
  for (let i = 1; i < tree.count; i++) {
    if (!self[i]) continue;
    const path: number[] = [];
    for (let up = i; up !== 0; up = tree.parent[up]) path.push(up);
    samples.push(path.reverse());
    weights.push(self[i]);
  }
  return JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json', name: p.name, exporter: 'scalene', shared: { 'frames': frames },
    profiles: [{ type: 'sampled', name: p.name, 'unit': 'seconds', startValue: 0, endValue: weights.reduce((a, b) => a + b, 0), samples, weights }],
  });
}
