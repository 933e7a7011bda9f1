// Debian's Chromium with one tab that collects errors, requests, and what the policy had to block.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The headless shell is preferred: a whole Chromium loads pages of its own beside ours. */
export const executable = process.env.CHROMIUM || ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find((each) => existsSync(each));
export const launch = () => chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });

/** `allowed`: what a page may request. */
export function listen(page, allowed = /^(file|data|blob):/) {
  page.troubles = [];
  page.on('pageerror', (error) => page.troubles.push(`error: ${error.message}`));
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) page.troubles.push(`console: ${message.text()}`); });
  page.on('request', (request) => { if (!allowed.test(request.url())) page.troubles.push(`request: ${request.url()}`); });
  return page;
}

/** Runs axe in the isolated world that bypasses the page's policy. */
export async function axeViolations(page, rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']) {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
  await session.send('Runtime.evaluate', { contextId: executionContextId, expression: axe });
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', { contextId: executionContextId, awaitPromise: true, returnByValue: true,
    expression: `axe.run(document, { runOnly: ${JSON.stringify(rules)}, resultTypes: ['violations'] }).then(r => r.violations.map(v => v.id + ' (' + v.nodes.length + '): ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + (n.any[0]?.message || n.all[0]?.message || '')).join(' | ')))` });
  await session.detach();
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'axe failed');
  return result.value;
}

/** Two frames later: what was asked for is painted. */
export const painted = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
