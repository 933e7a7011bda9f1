// What leaves the page as a file or a table.
import { widthOf, type Flame } from './flame';
import { full, shown } from './format';
import { columnOf, type Profile, type Unit } from './profile';

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

/** Text for XML: nothing of it is markup, and what XML cannot hold becomes a replacement character. */
const escaped = (text: string) => text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd').replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** A flame chart as a picture for itself: every frame that can be seen, its numbers as its title. */
export function flameSvg(p: Profile, f: Flame, unit: Unit, paint: (node: number) => string, color: Record<string, string>): string {
  const tree = p.frames!, wide = 1200, tall = 18, above = f.callers ? f.callers.rows.length - 1 : 0, out: string[] = [];
  let levels = 1;
  const frame = (of: Flame, i: number, level: number) => {
    const x = of.x[i] * wide, w = widthOf(of, i) * wide, y = level * tall, node = of.node[i], path = tree.strings[tree.file[node]];
    if (w < 0.3) return;
    levels = Math.max(levels, level + 1);
    const own = w * Math.min(1, of.self[i] / (of.total[i] || 1)), fill = paint(node), name = node ? tree.strings[tree.name[node]] || '?' : 'all threads', many = Math.floor((w - 8) / 6.6);
    const box = (left: number, width: number, opacity: number) => (width > 0.1 ? `<rect x="${left.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="${tall - 1}" fill="${fill}" fill-opacity="${opacity}"/>` : '');
    out.push(`<g><title>${escaped(`${name}${path ? ` (${path}:${tree.line[node]})` : ''}: ${shown((of.total[i] / of.whole) * 100)} %, ${full(of.total[i], unit)}${of.self[i] > 0 ? `, self ${full(of.self[i], unit)}` : ''}`)}</title>`
      + box(x, w - own - 0.5, node ? 0.2 : 1) + box(x + w - own, own - 0.5, 1)
      + (many > 2 ? `<text x="${(x + 4).toFixed(2)}" y="${y + 12.5}" fill="${own > w / 2 ? color.surface : color.ink}">${escaped(name.length > many ? name.slice(0, many - 1) + '…' : name)}</text>` : '') + '</g>');
  };
  f.callers?.rows.slice(1).forEach((row, depth) => row.forEach((i) => frame(f.callers!, i, above - 1 - depth)));
  f.rows.forEach((row, depth) => row.forEach((i) => frame(f, i, above + depth)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${levels * tall}" width="${wide}" height="${levels * tall}" font-family="monospace" font-size="11"><title>${escaped(p.name)}</title><rect width="100%" height="100%" fill="${color.surface}"/>\n${out.join('\n')}\n</svg>\n`;
}
