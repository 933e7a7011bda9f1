// Measures a page in Debian's Chromium for benchmarks/page:
//   node web/test/browser/budgets.mjs '{"url": …, "loads": 5, "journey": "lines" | "flame" | "rows" | "settled"}'      prints one JSON object
// With "command" in place of "url", times count from the start of that command, which prints the address of its page.
import { spawn } from 'node:child_process';
import { launch, painted } from './browser.mjs';

const given = JSON.parse(process.argv[2]);
const browser = await launch();
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const rank = (values, share) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

/** Notes when the first row of a table, or the chart, has been painted. */
function watch() {
  const seen = () => document.querySelector('[role=row][data-row], .flame-box canvas');
  const look = () => {
    if (!seen()) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.ROWS = performance.now(); }));
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
}

/** Any page: notes when its document changed last, once it has been quiet for two seconds in which timers ran: a page that
    computes is not quiet. */
function watchAny() {
  let last = 0, quiet = 0, looked = 0;
  new MutationObserver(() => { last = performance.now(); quiet = 0; }).observe(document, { childList: true, subtree: true, attributes: true });
  const look = () => {
    const now = performance.now();
    quiet += Math.min(100, now - looked);
    looked = now;
    if (last && quiet > 2000) window.ROWS = last;
    else setTimeout(look, 50);
  };
  look();
}

/** Starts the command and waits for the address in what it prints. */
async function serve([program, ...args]) {
  const server = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  const url = await new Promise((found) => server.stderr.on('data', (chunk) => {
    text += chunk;
    const line = /(http:\S+)\s*\n/.exec(text);
    if (line) found(line[1]);
  }));
  return { server, url };
}

async function load() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const began = Date.now();
  let { url } = given, server;
  if (given.command) ({ url, server } = await serve(given.command));
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.addInitScript(given.journey === 'settled' ? watchAny : watch);
  const state = given.journey === 'settled' ? '' : `${url.includes('#') ? '&' : '#'}v=${given.journey === 'flame' ? 'flame' : 'lines'}`;
  await page.goto(url + state, { timeout: 300_000 });
  await page.waitForFunction(() => window.ROWS, undefined, { timeout: 300_000 });
  const times = await page.evaluate((from) => ({ rows_ms: window.ROWS + (from && performance.timeOrigin - from), first_paint_ms: performance.getEntriesByName('first-paint')[0]?.startTime ?? 0, elements: document.querySelectorAll('*').length }), given.command ? began : 0);
  times.rows_cpu_ms = await mainThreadMs(session);
  server?.kill();
  await session.send('HeapProfiler.collectGarbage');
  const usage = await session.send('Runtime.getHeapUsage');
  return { page, session, ...times, heap_mb: (usage.usedSize + (usage.backingStorageSize ?? 0)) / 1e6 };
}

/** Milliseconds from an act to the next painted frame's end, and of the main thread's CPU meanwhile, which the machine's other
    work does not add to. */
async function timed(page, session, act, argument) {
  const before = await mainThreadMs(session);
  const wall = await page.evaluate(async ([source, value]) => {
    const began = performance.now();
    (0, eval)(`(${source})`)(value);
    await new Promise((done) => requestAnimationFrame(() => { const port = new MessageChannel(); port.port1.onmessage = done; port.port2.postMessage(0); }));
    return performance.now() - began;
  }, [String(act), argument]);
  return { wall, cpu: await mainThreadMs(session) - before };
}

/** The same for many steps of something that moves: what 99 of 100 (and half of them) stay below, less what a frame takes in which nothing is done. */
async function frames(page, session, act, many) {
  const idle = [], steps = [];
  for (let i = 0; i < 30; i++) idle.push(await timed(page, session, () => {}));
  for (let i = 0; i < many; i++) steps.push(await timed(page, session, act, i));
  const net = (what, share) => Math.max(0, rank(steps.map((each) => each[what]), share) - median(idle.map((each) => each[what])));
  return { wall: net('wall', 0.99), cpu: net('cpu', 0.99), half: net('cpu', 0.5) };
}

async function mainThreadMs(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * metrics.find((metric) => metric.name === 'TaskDuration').value;
}

const runs = [];
let last = null;
for (let i = 0; i < (given.loads ?? 5); i++) {
  await last?.page.close();
  runs.push((last = await load()));
}
const out = {};
for (const key of ['rows_ms', 'rows_cpu_ms', 'first_paint_ms', 'heap_mb', 'elements']) out[key] = Math.round(median(runs.map((run) => run[key])) * 10) / 10;

out.best_rows_ms = Math.min(...runs.map((run) => run.rows_ms)); // what the machine's other work has delayed least

const { page, session } = last;
await page.waitForTimeout(1000); // what was left for an idle moment
const note = (name, { wall, cpu, half }) => {
  out[`${name}_ms`] = wall;
  out[`${name}_cpu_ms`] = cpu;
  if (half !== undefined) out[`${name.replace('p99', 'p50')}_cpu_ms`] = half;
};
if (given.journey === 'lines') {
  const type = (text) => { const field = document.querySelector('#find'); field.value = text; field.dispatchEvent(new Event('input', { bubbles: true })); };
  note('find', await timed(page, session, type, 'return'));
  await painted(page);
  await timed(page, session, type, '');
  await painted(page);
  note('sort', await timed(page, session, () => document.querySelector('[role=columnheader] button').click()));
  await painted(page);
  note('all_lines', await timed(page, session, () => [...document.querySelectorAll('[role=radio]')].find((each) => each.textContent === 'All lines').click()));
  await painted(page);
  note('scroll_p99', await frames(page, session, () => { document.querySelector('.table').scrollTop += 97; }, 300));
  note('jump_p99', await frames(page, session, (i) => { document.querySelector('.table').scrollTop += i % 2 ? -50_000 : 50_000; }, 100));
  out.most_elements = await page.evaluate(() => document.querySelectorAll('*').length);
} else if (given.journey === 'flame') {
  await page.locator('.flame-box canvas').focus();
  note('flame_p99', await frames(page, session, (i) => { document.querySelector('.flame-box canvas').dispatchEvent(new KeyboardEvent('keydown', { key: ['w', 'd', 'w', 'a', 's', 'd'][i % 6], bubbles: true })); }, 200));
}
await browser.close();
for (const key of Object.keys(out)) out[key] = Math.round(out[key] * 10) / 10;
console.log(JSON.stringify(out));
