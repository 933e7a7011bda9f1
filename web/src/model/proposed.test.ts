import { expect, it } from 'vitest';
import { proposed, unifiedDiff } from './proposed';
import cases from '../../../advise/patch_cases.json';

const outcome = (answer: string) => {
  try { return proposed(cases.file.split('\n'), cases, answer, 'app.py').join('\n'); } catch (error) { return `error: ${(error as Error).message}`; }
};

it.each(cases.answers)('an answer: $name', ({ answer, now, error }) => expect(outcome(answer)).toBe(now ?? `error: ${error}`));

it.each(cases.diffs)('a diff: $name', ({ before, now, diff }) => expect(unifiedDiff(before.split('\n'), now.split('\n'), 'app.py')).toBe(diff));

it('reads its own diffs', () => {
  const now = 'import os\nimport re\n\ndef f(xs):\n    return sum(xs)\n\n\ndef g(xs):\n    return 0\n';
  expect(outcome('```diff\n' + unifiedDiff(cases.file.split('\n'), now.split('\n'), 'app.py') + '```')).toBe(now);
});
