// The page in a real browser: every view, theme and key. Run after `npm run build`; Debian's chromium is used.
//   node test/browser/run.mjs [name part]     screenshots go to build/web/screenshots
import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { axeViolations, launch, listen, painted } from './browser.mjs';
import { standalonePage } from './page.mjs';
import { journeys } from './journeys.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(here, '../../../build/web');
const pages = path.join(out, 'pages'), shots = path.join(out, 'screenshots');
mkdirSync(pages, { recursive: true });
mkdirSync(shots, { recursive: true });

const [script, later, style] = ['app.js', 'later.js', 'app.css'].map((name) => readFileSync(path.join(out, name), 'utf8'));
await build({ entryPoints: [path.join(here, '../fixture/profiles.ts')], bundle: true, format: 'esm', platform: 'node', outfile: path.join(pages, 'profiles.mjs'), logLevel: 'warning' });
const fixtures = await import(pathToFileURL(path.join(pages, 'profiles.mjs')));

/** Writes a page and gives its address. */
function pageOf(name, payload) {
  const file = path.join(pages, `${name}.html`);
  writeFileSync(file, standalonePage({ script, later, style, payload }));
  return pathToFileURL(file).href;
}

const browser = await launch();

/** The tab of all journeys. It collects errors, requests, and what the policy had to block; a journey asserts that there are none. */
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const shared = await context.newPage();
listen(shared);

async function tab({ theme = 'light', width = 1440, height = 900, init } = {}) {
  const page = init ? listen(await context.newPage()) : shared;
  if (init) await page.addInitScript(init);
  page.troubles.length = 0;
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: theme });
  return page;
}

async function open(page, url, hash = '') {
  await page.goto('about:blank');
  await page.goto(url + hash);
  await page.waitForSelector('.page, [role=alert]');
  await painted(page);
}

const only = process.argv[2] ?? '';
let passed = 0;
const failures = [];
for (const [name, run] of Object.entries(journeys({ assert, fixtures, pageOf, tab, open, axeViolations, shots, gzipSync, script, style }))) {
  if (!name.includes(only)) continue;
  const began = Date.now();
  try {
    await run();
    passed++;
    console.log(`ok      ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failures.push(name);
    console.log(`FAILED  ${name}\n        ${String(error.message).split('\n').slice(0, 12).join('\n        ')}`);
  }
}
await browser.close();
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length || !passed ? 1 : 0);
