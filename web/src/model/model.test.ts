import { describe, expect, it } from 'vitest';
import { comparedPayload, hostilePayload, smallPayload } from '../../test/fixture/profiles';
import { decodePayload } from '../payload/decode';
import { compare } from './compare';
import { flameSvg } from './export';
import { lineMatcher, parseQuery } from './find';
import { byFunction, flame, frameAt, functionIds, matchesOf, neighbours, pathOf, selfFromRuns, startOf, totalsOf, widthOf, type FlameOptions } from './flame';
import { cell, duration, percent, signed, size, ticks } from './format';
import { lineRows, RowKind, type LineQuery } from './line-rows';
import { heightAt, shortNames, topLines, type FrameTree } from './profile';
import { promptFor } from './prompt';
import { indentOf, statesOf, tokens } from './python-source';
import { lanes } from './timeline';
import { limit, VirtualRows } from './virtual-rows';

const p = decodePayload(smallPayload());
const tree = p.frames!;
const time = tree.self.get('time')!;
const space = '\u202f';

describe('numbers', () => {
  it.each([[0, ''], [0.04, ''], [0.05, '0.1'], [22.84, '22.8'], [NaN, '?']])('percent %s', (v, text) => expect(percent(v)).toBe(text));
  it.each([[0, ''], [0.5, '512 KB'], [4, '4 MB'], [212.3, '212 MB'], [1177, '1.15 GB'], [2097152, '2.00 TB']])('size %s', (v, text) => expect(size(v)).toBe(text.replace(' ', space)));
  it.each([[0, '0 s'], [0.00002, '20 µs'], [0.0125, '12.5 ms'], [0.66, '660 ms'], [42.6, '42.6 s'], [100, '100 s'], [125, '2m 5s'], [7507, '125m 7s'.replace('125m 7s', '2h 5m')]])('duration %s', (v, text) => expect(duration(v)).toBe(text.replace(' ', space)));
  it('signs with a true minus and leaves zero alone', () => {
    expect(signed(-1.5, (v) => v.toFixed(1))).toBe('−1.5');
    expect(signed(0.01, (v) => v.toFixed(1))).toBe('0');
  });
  it('ticks are round and inside', () => expect(ticks(0, 42.6, 8)).toEqual([0, 10, 20, 30, 40]));
  it('cells below what can be seen are blank', () => expect([cell(0.02, 'MiB/s'), cell(0, 's'), cell(0.0001, 'fraction')]).toEqual(['', '', '']));
});

describe('source', () => {
  const kinds = (line: string, state = 0) => tokens(line, state).tokens.filter((t) => t.kind).map((t) => `${t.kind}:${t.text}`);
  it('knows keywords, definitions, strings and comments', () => expect(kinds('async def go(self, x="if"):  # note')).toEqual(['keyword:async', 'keyword:def', 'defined:go', 'string:"if"', 'comment:# note']));
  it('keeps nested quotes and prefixes together', () => expect(kinds(`print(rb'a\\'b', f"x{y}")`)).toEqual([`string:rb'a\\'b'`, 'string:f"x{y}"']));
  it('carries strings over lines', () => {
    const source = ['x = """a', 'def no():', '"""', 'def yes(): pass'];
    expect(Array.from(statesOf(source))).toEqual([0, 2, 2, 0]);
    expect(kinds(source[1], 2)).toEqual(['string:def no():']);
  });
  it('shows docstrings as comments', () => expect(kinds('    """About."""')).toEqual(['comment:"""About."""']));
  it('loses no character', () => { for (const line of ['a\tb  "c', "'''", '\\', 'match x:', '\u202eé = "\\']) expect(tokens(line).tokens.map((t) => t.text).join('')).toBe(line); });
  it('is quick with a line of 10 MB', () => { const t = Date.now(); tokens('x'.repeat(1e7)); expect(Date.now() - t).toBeLessThan(500); });
  it('counts tabs', () => expect(indentOf('\t  x')).toBe(10));
});

describe('virtual rows', () => {
  it('find the row of a position', () => {
    const rows = new VirtualRows(4, (i) => [10, 20, 30, 40][i]);
    expect([rows.total, rows.at(0), rows.at(9.9), rows.at(10), rows.at(59), rows.at(1000)]).toEqual([100, 0, 0, 1, 2, 3]);
  });
  it('reach the last row although the element is shorter than the rows', () => {
    const rows = new VirtualRows(2_000_000, 20), view = 600;
    expect(rows.extent).toBe(limit);
    expect(rows.window(limit - view, view).last).toBe(1_999_999);
    expect(rows.toScroll(rows.toRows(5e6, view), view)).toBeCloseTo(5e6, 3);
  });
});

describe('lines', () => {
  const query = (change: Partial<LineQuery>): LineQuery => ({ mode: 'data', context: 'loops', threshold: 1, metric: 'time', sort: [], onlyFile: -1, folded: new Set(), matches: null, hottest: { file: 0, line: 10 }, reasonAt: new Map([['/work/app/main.py:10', 'why']]), showSmallFiles: false, ...change });
  const shown = (change: Partial<LineQuery>) => { const r = lineRows(p, query(change)); return Array.from({ length: r.count }, (_, i) => `${'FDLRG'[r.kind[i]]}${r.file[i]}:${r.line[i]}`); };
  it('show the loop of a hot line, its reason and the function headers', () => expect(shown({})).toEqual(['F0:0', 'D0:7', 'L0:9', 'L0:10', 'R0:10', 'D0:13', 'L0:14', 'L0:15', 'L0:19']));
  it('say which files are hidden', () => expect(lineRows(p, query({})).smallFiles).toBe(1));
  it('show all files on request', () => expect(shown({ showSmallFiles: true })).toContain('F1:0'));
  it('show every line', () => expect(shown({ mode: 'all', onlyFile: 0 }).filter((r) => r.startsWith('L')).length).toBe(20));
  it('tell module lines from the function above, keep decorators with theirs, show no empty `def` twice', () => {
    const own = decodePayload(smallPayload()), file = own.files[0];
    file.functions.line[1] = 12; // a decorator before the `def` in line 13
    file.regions()!.functionStart.fill(12, 12, 16);
    const r = lineRows(own, query({ context: 2 }));
    const rows = Array.from({ length: r.count }, (_, i) => `${'FDLRG'[r.kind[i]]}${r.line[i]}${r.kind[i] === 2 && r.a[i] ? ' outside' : ''}`);
    expect(rows).toEqual(['F0', 'D7', 'L8', 'L9', 'L10', 'R10', 'L11', 'D12', 'L13', 'L14', 'L15', 'L16', 'L17 outside', 'L18', 'L19', 'L20']);
  });
  it('let a single line that is no gap stand below the header of its function', () => {
    const own = decodePayload(smallPayload()), file = own.files[0];
    file.lines.count = 40; // more than are shown whole
    file.lines.line = Uint32Array.from({ length: 40 }, (_, i) => (i < 3 ? [7, 10, 14][i] : 17 + i));
    file.lines.columns = new Map([['time.python', Float32Array.from({ length: 40 }, (_, i) => [0.2, 60, 30][i] ?? 0)]]);
    const r = lineRows(own, query({ context: 0 }));
    expect(Array.from({ length: 3 }, (_, i) => `${'FDLRG'[r.kind[i]]}${r.line[i]}`)).toEqual(['F0', 'D7', 'L7']);
  });
  it('show whole functions', () => expect(shown({ mode: 'functions' })).toContain('L0:8'));
  it('sort over all files, ties in order', () => expect(shown({ sort: [{ key: 'time', descending: true }] })).toEqual(['L0:10', 'L0:14', 'L0:15', 'L0:9', 'L1:2', 'L0:19']));
  it('sort by a second key', () => expect(shown({ sort: [{ key: 'await', descending: false }, { key: 'time', descending: false }] })[0]).toBe('L0:19'));
  it('filter by text', () => expect(shown({ matches: lineMatcher(parseQuery('cache[')!) })).toEqual(['F0:0', 'D0:13', 'L0:14']));
  it('mark the lines that match, each once, as one by one', () => {
    const file = decodePayload(smallPayload()).files[0], source = file.source()!;
    for (const text of ['e', 'return', '/^$/', '/ $/', '/e$/', '/[a-z]+\\(/', 'zzz']) {
      const query = parseQuery(text)!, lines = lineMatcher(query)(file);
      const functions = new Set(file.functions.name.flatMap((name, i) => (query.test(name) ? [file.functions.line[i]] : [])));
      const named = new Set(query.test(file.name) ? file.lines.line : []);
      expect(lines, text).toEqual(source.flatMap((line, i) => (query.test(line) || functions.has(i + 1) || named.has(i + 1) ? [i + 1] : [])));
    }
  });
  it('find a file of any length by its name', () => {
    const file = decodePayload(smallPayload()).files[0];
    file.lines.line = Uint32Array.from({ length: 300_000 }, (_, i) => i + 1);
    expect(lineMatcher(parseQuery(file.name)!)(file).length).toBe(300_000);
  });
  it('fold files', () => expect(shown({ folded: new Set(['0']) })).toEqual(['F0:0']));
  it('fold functions, whose header stays', () => expect(shown({ folded: new Set(['0:7']) })).toEqual(['F0:0', 'D0:7', 'D0:13', 'L0:14', 'L0:15', 'L0:19']));
  it('keep the sum of what a gap hides', () => {
    const many = decodePayload(smallPayload());
    const lines = many.files[0].lines;
    lines.count = 40; lines.line = Uint32Array.from({ length: 40 }, (_, i) => i + 1); lines.columns = new Map([['time.python', Float32Array.from({ length: 40 }, (_, i) => (i === 20 ? 60 : 0.5))]]);
    many.files[0].lineCount = 40; many.files[0].leaks.length = 0;
    const rows = lineRows(many, query({ hottest: null }));
    const sum = [...rows.gaps.values()].reduce((total, gap) => total + gap.sum, 0);
    expect(sum + 60).toBeCloseTo(79.5, 4);
    expect(rows.kind.slice(0, rows.count).filter((k) => k === RowKind.Line).length).toBe(1);
  });
});

describe('flame', () => {
  const options = (change: Partial<FlameOptions>): FlameOptions => ({ self: time, split: null, shape: 'down', order: 'heavy', show: 'both', hidden: new Set(), focus: -1, subtree: -1, collapse: false, ...change });
  const named = (f: ReturnType<typeof flame>) => f.rows.map((row) => Array.from(row, (i) => `${tree.strings[tree.name[f.node[i]]]} ${f.total[i].toFixed(1)}`));
  it('stacks frames under their callers, heaviest left', () => expect(named(flame(tree, options({})))).toEqual([[' 4.0'], ['<module> 4.0'], ['Store.load 2.5', 'keep 1.4'], ['memcpy 0.5', 'helper 0.1', '[wait] sleep 0.5']]));
  it('orders by name', () => expect(named(flame(tree, options({ order: 'name' })))[2]).toEqual(['Store.load 2.5', 'keep 1.4']));
  it('inverts', () => expect(named(flame(tree, options({ shape: 'inverted' })))[1]).toEqual(['Store.load 1.9', 'keep 0.9', 'memcpy 0.5', '[wait] sleep 0.5', '<module> 0.1', 'helper 0.1']));
  it('inverted, own time stands where the work was done, not at the outermost caller', () => {
    const f = flame(tree, options({ shape: 'inverted' }));
    expect(Array.from(f.rows[1], (i) => f.self[i])).toEqual(Array.from(f.rows[1], (i) => f.total[i]));
    expect(f.rows.slice(2).flatMap((row) => Array.from(row, (i) => f.self[i])).every((own) => own === 0)).toBe(true);
  });
  it('begins at what is selected, else where most own time is; paths end, whatever they are asked for', () => {
    const f = flame(tree, options({}));
    expect([f.node[startOf(f, functionIds(tree)[4])], f.node[startOf(f, -1)]]).toEqual([4, 2]);
    expect(pathOf(f, 999)).toHaveLength(2);
  });
  it('counts callers and callees once per stack, however often they recur', () => {
    const pair: FrameTree = { ...chain(5), name: Uint32Array.from([0, 1, 2, 1, 2]), strings: ['', 'a', 'b'] }, self = Float64Array.from([0, 0, 0, 0, 1]), ids = functionIds(pair);
    expect(neighbours(pair, self, ids[2])).toEqual({ callers: [[ids[1], 1]], callees: [[ids[1], 1]] });
  });
  it('counts what Find finds, once per stack', () => {
    const f = flame(tree, options({})), passes = new Uint8Array(tree.count), ids = functionIds(tree);
    passes[ids[2]] = passes[ids[3]] = 1; // memcpy is below load
    const found = matchesOf(f, passes);
    expect(found.frames.map((i) => f.node[i])).toEqual([2, 3]);
    expect(found.weight).toBeCloseTo(2.5);
  });
  it('gives hidden frames to their callers', () => expect(flame(tree, options({ show: 'python' })).self[2]).toBeCloseTo(2.4));
  it('shows callers and callees of one function', () => {
    const f = flame(tree, options({ shape: 'sandwich', focus: functionIds(tree)[2] }));
    expect(named(f)).toEqual([['Store.load 2.5'], ['memcpy 0.5', 'helper 0.1']]);
    expect(named(f.callers!)).toEqual([['Store.load 2.5'], ['<module> 2.5']]);
    expect([f.self[0].toFixed(1), f.callers!.self[1], f.whole.toFixed(1)]).toEqual(['1.9', 0, '4.0']);
  });
  it('finds a frame by its place', () => {
    const f = flame(tree, options({}));
    const at = frameAt(f, 0.7, 2);
    expect(tree.strings[tree.name[f.node[at]]]).toBe('keep');
    expect(frameAt(f, 0.999, 2)).toBe(-1);
    expect(widthOf(f, at)).toBeCloseTo(0.35);
  });
  it('divides own time as the lines of the frames do', () => {
    const f = flame(tree, options({ split: { native: new Float32Array(7).fill(0.25), system: new Float32Array(7).fill(0.5) } }));
    expect([f.self[1], f.native[1], f.system[1]].map((v) => v.toFixed(3))).toEqual(['0.100', '0.025', '0.050']);
  });
  it('narrows to a range and to threads', () => {
    expect(totalsOf(tree, selfFromRuns(tree, p.runs!, 0.5, 2.5, null))[0]).toBeCloseTo(1.9);
    expect(totalsOf(tree, selfFromRuns(tree, p.runs!, 0, 4, new Set([1])))[0]).toBeCloseTo(1.4);
  });
  const chain = (depth: number): FrameTree => ({ count: depth, parent: Uint32Array.from({ length: depth }, (_, i) => Math.max(0, i - 1)), name: Uint32Array.from({ length: depth }, (_, i) => (i ? 1 : 0)), file: new Uint32Array(depth), line: new Uint32Array(depth),
    kind: new Uint8Array(depth).fill(1, 1), strings: ['', 'f'], self: new Map(), metrics: [] });
  it('draws stacks of 5,000 frames, collapsed or not, in every shape', () => {
    const deep = chain(5000), self = new Float64Array(5000);
    self[4999] = 1;
    expect(flame(deep, options({ self })).rows.length).toBe(5000);
    expect(flame(deep, options({ self, collapse: true })).rows.length).toBe(2);
    expect(flame(deep, options({ self, shape: 'inverted' })).total[0]).toBe(1);
    expect([...byFunction(deep, self).total.values()]).toEqual([1]);
  });
});

it('lanes nest the frames of a thread and bridge no pause', () => {
  const [main, worker] = lanes(p, 0, 4, 0.05, 'swimlanes', null);
  expect([main.label, worker.label]).toEqual(['MainThread', 'worker-0']);
  expect(main.slices.map((s) => [s.depth, s.start, s.end])).toEqual([[0, 0, 1.5], [1, 0, 1.5], [2, 1, 1.5], [0, 2, 2.9], [1, 2, 2.9]]);
  expect(main.busy).toBeCloseTo(0.6);
  expect(main.slices.map((s) => s.own)).toEqual([[], [0, 1], [1, 1.5], [], [2, 2.9]]); // load works until memcpy does
});

it('compares what came in one payload', () => {
  const c = compare(decodePayload(comparedPayload()), null, 'time')!;
  expect(c.figures.find((each) => each.label === 'Peak memory')).toMatchObject({ before: 1000, after: 1300 });
  expect(c.functions[0]).toMatchObject({ name: 'Store.load', before: expect.closeTo(5.34, 2), after: expect.closeTo(2.36, 2) });
  expect(c.lines.find((d) => d.name === 'slow()')).toMatchObject({ only: 'before', before: expect.closeTo(0.3, 5) });
  expect(c.figures[0]).toEqual({ label: 'Wall time', before: 6, after: 4, unit: 's' });
});

it('compares two profiles by path and text', () => {
  const moved = decodePayload(smallPayload());
  moved.files[0].path = '/elsewhere/app/main.py';
  const c = compare(p, moved, 'time')!;
  expect(c.lines.every((d) => d.only === '' && d.before === d.after)).toBe(true);
});

it('finds by text, by regular expression, and names a broken one', () => {
  expect(parseQuery('cache')!.test('CACHE')).toBe(true);
  expect(parseQuery('Cache')!.test('CACHE')).toBe(false);
  expect(parseQuery('/c.+e$/i')!.test('CACHE')).toBe(true);
  expect(parseQuery('/(/')!.error).not.toBe('');
  expect(parseQuery('  ')).toBe(null);
});

it('names files by the shortest tails that differ', () => expect(shortNames(['/a/json/decoder.py', '/a/text/decoder.py', '/a/train.py', '/b/x/__init__.py'])).toEqual(['json/decoder.py', 'text/decoder.py', 'train.py', 'x/__init__.py']));
it('ranks lines over files', () => expect(topLines(p, 'time', 2).map((t) => t.line)).toEqual([10, 14]));

it('prompts hold no empty numbers and change with the goal', () => {
  const speed = promptFor(p, p.files[0], 9, 10, 'speed', false), memory = promptFor(p, p.files[0], 9, 10, 'memory', false), quiet = promptFor(p, p.files[0], 2, 2, 'speed', true);
  expect(speed).toContain('59.0 % of the program');
  expect(speed).toContain('import numpy');
  expect(memory).not.toBe(speed);
  expect(promptFor(p, p.files[0], 14, 14, 'speed', true)).toContain('88.0 % GPU utilisation.'); // percent already
  expect(quiet).not.toContain('Profile of the region');
  for (const text of [speed, memory, quiet]) expect(text).not.toMatch(/NaN|undefined|Infinity/);
});

it('keeps the lanes of a process together, its main thread first', () => {
  const many = decodePayload(smallPayload());
  const thread = (name: string, pid: number, main = false) => ({ ...many.threads[0], name, pid, main });
  many.threads = [thread('worker', 10), thread('other main', 20, true), thread('main', 10, true)];
  many.processes = [10, 20].map((pid) => ({ ...many.processes[0], pid }));
  many.runs!.thread = Uint32Array.from([0, 1, 2, 0, 1]);
  expect(lanes(many, 0, 4, 0.05, 'swimlanes', null).map((lane) => lane.label)).toEqual(['main', 'worker', 'other main']);
});

it('reads a curve between its points', () => {
  const curve = { t: Float64Array.from([1, 3]), mb: Float64Array.from([10, 20]) };
  expect([0, 1, 2, 3, 9].map((at) => heightAt(curve, at))).toEqual([10, 10, 15, 20, 20]);
});

it('writes the flame chart as SVG: numbers in titles, no text that is markup', () => {
  const hostile = decodePayload(hostilePayload());
  for (const each of [p, hostile]) {
    const f = flame(each.frames!, { self: each.frames!.self.get('time')!, split: null, shape: 'down', order: 'heavy', show: 'both', hidden: new Set(), focus: -1, subtree: -1, collapse: false });
    const svg = flameSvg(each, f, 's', () => '#123456', { surface: '#ffffff', ink: '#000000' });
    expect(svg.match(/<rect [^>]*fill-opacity/g)!.length).toBeGreaterThan(6);
    expect(svg).toMatch(/62\.5 %, 2\.50/);
    expect(svg.replace(/<\/?(svg|g|title|text|rect)( [\w-]+="[^"<>]*")*\/?>/g, '')).not.toMatch(/[<>"]|&(?!#\d+;)/);
  }
});
