import { expect, it } from 'vitest';
import { columnOf } from '../model/profile';
import { decodeAny } from './load';
import { later } from '../later-parts';
import { decodeReference } from './reference';

later.decodeReference = decodeReference;

const line = (lineno: number, text: string, more = {}) => ({ lineno, line: text, n_cpu_percent_python: 0, n_cpu_percent_c: 0, n_sys_percent: 0, ...more });
const frame = (display_name: string, lineno: number) => ({ kind: 'py', display_name, filename_or_module: '/a/b.py', line: lineno, ip: null, offset: null });
const profile = {
  program: '/a/b.py', elapsed_time_sec: 2, memory: true, gpu: false, gpu_device: '', max_footprint_mb: 10, samples: [[0, 0], [1e9, 10]], main_thread_id: 1,
  files: { '/a/b.py': { percent_cpu_time: 60, imports: [], leaks: { '2': { likelihood: 0.9, velocity_mb_s: 3 } }, functions: [{ ...line(1, 'f'), n_cpu_percent_python: 60 }],
    lines: [line(1, 'def f():\n'), line(2, '    if a \\u003c b: "\\\\u00e9"\n', { n_cpu_percent_python: 60, start_function_line: 1, end_function_line: 2 })] } },
  combined_stacks: [[[frame('<module>', 1), frame('f', 2)], 3], [[frame('<module>', 1)], 1]],
  combined_stacks_timeline: [{ t_sec: 0, count: 1, stack_index: 0, thread_id: 1 }, { t_sec: 1, count: 1, stack_index: 1, thread_id: 1 }],
};
const read = (value: unknown) => decodeAny(new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)), 'x.json');

it('reads a profile of the reference', async () => {
  const p = await read(profile);
  expect(p.reference).toBe(true);
  expect(Array.from(columnOf(p.files[0].lines, 'time'))).toEqual([60]);
  expect(p.files[0].source()![1]).toBe('    if a < b: "\\\\u00e9"');
  expect(p.files[0].leaks[0]).toEqual({ line: 2, likelihood: 0.9, velocity: 3 });
  expect(p.frames!.count).toBe(3);
  expect(Array.from(p.runs!.length)).toEqual([1, 1]);
});

it('reads an empty profile', async () => {
  expect((await read({})).files).toEqual([]);
});

it.each([['', /it is empty/], ['{"files": {', /cut off/], ['[1]', /no profile/], ['{"a": 1}', /no profile/]])('refuses %j with a sentence', async (text, sentence) => {
  await expect(read(text)).rejects.toThrow(sentence);
});

it('names the command for captures', async () => {
  await expect(decodeAny(Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd]), 'x')).rejects.toThrow(/capture/);
});

it('says what our plain file lacks, and says nothing of a reference file', () => {
  const file = { program: '/x/a.py', elapsed_time_sec: 1, files: {} };
  expect(decodeReference({ ...file, ext: { warnings: ['One.'] } }).warnings).toEqual(['One.', expect.stringContaining('`scalene view` shows more')]);
  expect(decodeReference(file).warnings).toEqual([]);
});
