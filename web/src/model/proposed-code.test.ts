import { expect, it } from 'vitest';
import { codeAfter } from './proposed-code';

const source = ['import os', '', 'def f(xs):', '    total = 0', '    for x in xs:', '        total += x', '    return total', '', 'f([])', ''];
const head = '--- a/app.py\n+++ b/app.py\n';

it('gives the region as it is after the diff', () => {
  const diff = head + '@@ -1,9 +1,6 @@\n import os\n \n def f(xs):\n-    total = 0\n-    for x in xs:\n-        total += x\n-    return total\n+    return sum(xs)\n \n f([])\n';
  expect(codeAfter(diff, source, 3, 7)).toBe('def f(xs):\n    return sum(xs)\n');
  expect(codeAfter(diff, source, 6, 6)).toBe('    return sum(xs)\n'); // the change is whole
  expect(codeAfter(diff, source, 9, 9)).toBe('f([])\n');
});

it('leaves out what changes elsewhere', () => {
  const diff = head + '@@ -1,2 +1,3 @@\n import os\n+import math\n \n@@ -4,4 +5,4 @@\n     total = 0\n     for x in xs:\n-        total += x\n+        total += math.sqrt(x)\n     return total\n';
  expect(codeAfter(diff, source, 5, 6)).toBe('    for x in xs:\n        total += math.sqrt(x)\n');
  expect(codeAfter(diff, source, 3, 7)).toBe('def f(xs):\n    total = 0\n    for x in xs:\n        total += math.sqrt(x)\n    return total\n');
});

it('takes lines that are only added at either end', () => {
  expect(codeAfter(head + '@@ -3,0 +4 @@\n+    """Sums."""\n', source, 3, 3)).toBe('def f(xs):\n    """Sums."""\n');
  expect(codeAfter(head + '@@ -2,0 +3 @@\n+@cache\n', source, 3, 3)).toBe('@cache\ndef f(xs):\n');
});
