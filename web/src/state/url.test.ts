import { expect, it } from 'vitest';
import { defaults, parseHash, tokenOf, writeHash, type UrlState } from './url';

const state = (change: Partial<UrlState>): UrlState => ({ ...defaults, ...change });

it.each<Partial<UrlState>>([
  {}, { view: 'lines', file: 'src/app ü&#=.py', only: true, line: 120 }, { sort: [{ key: 'time', descending: true }, { key: 'line', descending: false }] }, { range: [3.2, 5.9] }, { threads: [1, 4] },
  { query: '/a+b/ & c', metric: 'memory.peak', mode: 'all', context: 3, threshold: 0.5, unit: 'ms' }, { shape: 'sandwich', frames: 'native', focus: 'Store.load@/work/a.py' }, { order: 'name', hidden: ['f@/a b.py', '<lambda>@c&d.py'], lanes: 'interleaved', moment: 1.25 }, { other: [['zoom', '2']] },
])('survives writing and reading: %j', (change) => {
  const { state: read, bad } = parseHash(writeHash(state(change)));
  expect(bad).toEqual([]);
  expect(read).toEqual(state(change));
});

it('falls back on bad values and says which', () => {
  const { state: read, bad } = parseHash('#v=nonsense&l=x&r=9-3&s=;drop&h=900&u=ms');
  expect(bad).toEqual(['v=nonsense', 'l=x', 'r=9-3', 's=;drop', 'h=900']);
  expect(read).toEqual(state({ unit: 'ms' }));
});

it('never writes the access token', () => {
  expect(tokenOf('#v=lines&k=secret')).toBe('secret');
  expect(writeHash(parseHash('#v=lines&k=secret').state)).not.toContain('secret');
});
