// Journeys through a page that `scalene view` serves. Started by tests/integration/test_served_page.py, which knows the
// address and what stands behind it:
//   node web/test/browser/served.mjs JOURNEY '{"address": …, "shots": …}'
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { axeViolations, launch, listen, painted } from './browser.mjs';

const [journey, told] = process.argv.slice(2);
const given = JSON.parse(told);
const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const own = new URL(given.address);
const places = [own.protocol === 'file:' ? 'file:' : own.origin, ...(given.allowed ?? []).map((host) => `http://${host}`), ...(given.services ?? []).map(({ origin }) => origin)];
const page = listen(await context.newPage(), new RegExp(`^((${places.join('|')})/|data:|blob:)`));
const text = (selector) => page.locator(selector).first().innerText();
const calm = () => assert.deepEqual(page.troubles, []);

async function open(hash = '') {
  await page.goto(given.address + hash);
  await page.waitForSelector('.page, [role=alert]');
  await painted(page);
}

async function shoot(name) {
  for (const [theme, width] of [['light', 1440], ['dark', 1440], ['light', 1024], ['dark', 1024]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: theme });
    await page.waitForTimeout(200); // colours change little by little
    await painted(page);
    await page.screenshot({ path: path.join(given.shots, `${name}-${theme}-${width}.png`) });
    if (width === 1440) assert.deepEqual(await axeViolations(page, theme === 'light' ? undefined : ['color-contrast']), [], `${name}, ${theme}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

const journeys = {
  /** The process knows no editor: the link of the settings serves. */
  async editor() {
    await open('&v=lines');
    await page.locator('[role=treegrid] [data-row][tabindex="0"]').first().focus();
    await page.keyboard.press(']');
    await page.keyboard.press('o');
    await page.waitForFunction(() => /Asked the editor for/.test(document.querySelector('.notice').textContent), null, { timeout: 5000 });
  },

  /** `given.prompt`: what `scalene advise --prompt` writes; `given.answer`: what the service says; `given.key`. */
  async proposal() {
    await open('&v=lines');
    assert.ok(!(await page.content()).includes('ai.js'), 'the drawer is not loaded before it is asked for');
    await page.locator('[role=treegrid] [data-row][tabindex="0"]').first().focus();
    await page.keyboard.press(']');
    await page.keyboard.press('Shift+A');
    await page.waitForSelector('.ai');
    const pick = (label) => page.locator('.ai [role=radio]', { hasText: new RegExp(`^${label}$`, 'i') }).click();
    for (const { region, goal, gpu, text: expected } of given.prompts) {
      await pick(region);
      await pick(goal);
      await page.locator('.ai-row input[type=checkbox]').setChecked(gpu);
      await page.waitForFunction((wanted) => document.querySelector('.ai textarea').value === wanted, expected, { timeout: 5000 }).catch(() => {}); // written anew after the click
      assert.equal(await page.locator('.ai textarea').inputValue(), expected, `${region}, ${goal}, ${gpu}`);
    }
    await pick('speed');
    await page.locator('.ai-row input[type=checkbox]').setChecked(false);
    await painted(page);
    assert.equal(await page.locator('.ai textarea').inputValue(), given.prompt, 'the page and `scalene advise` write the same prompt');
    await page.waitForFunction(() => document.querySelector('.ai select').value === 'anthropic');
    await shoot('proposal-prompt');
    assert.ok(await page.locator('.ai-foot .primary').isDisabled(), 'nothing can be sent without a model');
    await page.locator('.ai input[list]').fill('maker.m-1:0');
    await page.locator('.ai-foot .primary').click();
    await page.waitForSelector('.ai-diff');
    assert.equal(await page.locator('.ai-diff .plus').count(), 1);
    assert.equal(await page.locator('.ai-diff .minus').count(), 4);
    assert.match(await text('.ai-answer'), /It is `sum`, naïvely\./);
    await shoot('proposal-answer');
    await page.setViewportSize({ width: 1440, height: 640 });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForTimeout(300);
    await page.locator('.ai').screenshot({ path: path.join(given.shots, 'proposal.png') });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await page.locator('.ai button', { hasText: 'Copy code' }).click();
    await page.waitForFunction(() => /new code/.test(document.querySelector('.notice').innerText));
    assert.equal(await copied(), given.code);
    await page.locator('.ai button', { hasText: 'Copy patch' }).click();
    await page.waitForFunction(() => /patch/.test(document.querySelector('.notice').innerText));
    assert.match(await copied(), /^--- a\/app\.py\n/);
    await page.locator('.ai-foot button', { hasText: 'Check' }).click();
    await page.waitForSelector('.ai-checks p');
    assert.match(await text('.ai-checks'), /It parses; the profile does not say which Python/);
    await page.locator('.ai-foot button', { hasText: 'Apply' }).click();
    await page.waitForSelector('.ai-done pre');
    assert.equal(await page.locator('.ai-checks').count(), 0, 'the file has changed since');
    await page.locator('.ai-foot button', { hasText: 'Check, run tests' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.ai-checks p').length === 2);
    assert.equal(await text('.ai-output'), '    return sum(xs)\n');
    assert.match(await text('.ai-checks'), /grep 'sum\(xs\)' app\.py passed/);
    await shoot('proposal-checked');
    assert.match(await text('.ai-done pre'), /scalene run -o after\.json app\.py 'two words'/);
    assert.ok(!(await page.content()).includes(given.key));
    assert.ok(!page.url().includes('k='));
    assert.equal(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage])).then((kept) => kept.includes(given.key)), false);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('.ai'));
    assert.notEqual(await page.evaluate(() => document.activeElement.tagName), 'BODY', 'focus returns');
    await page.keyboard.press('1');
    await page.waitForFunction(() => document.querySelector('.page').dataset.view === 'summary');
    calm();
  },

  /** Without a key in the environment: it is typed, remembered, and nowhere in the page; models are chosen; answers stay. */
  async key() {
    const hasKey = async () => (await page.content()).includes(given.key) || (await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, [...document.querySelectorAll('input')].map((input) => input.value)]))).includes(given.key);
    await open('&v=lines');
    const ask = () => page.locator('.actions button', { hasText: 'Ask AI' }).first().click();
    await ask();
    await page.waitForSelector('.ai-key');
    await page.locator('.ai input[list]').fill('maker.m-1:0');
    assert.ok(await page.locator('.ai-foot .primary').isDisabled(), 'nothing can be sent without a key');
    await shoot('proposal-key');
    await page.locator('.ai-key input[type=password]').fill('two words');
    await page.keyboard.press('Enter');
    assert.match(await text('.ai-key [role=alert]'), /That cannot be a key/);
    await page.locator('.ai-key input[type=password]').fill(given.key);
    await page.locator('.ai-key input[type=checkbox]').check();
    await page.locator('.ai-key button').click();
    await page.waitForFunction(() => !document.querySelector('.ai-key'));
    assert.equal(await hasKey(), false);
    await page.locator('.ai input[list]').fill('');
    await page.locator('.ai input[list]').focus();
    await page.waitForFunction(() => document.querySelectorAll('#ai-models option').length === 2);
    await page.locator('.ai button', { hasText: 'Refresh models' }).click();
    await page.waitForFunction(() => /2 models known/.test(document.querySelector('.ai-note').innerText));
    await page.locator('.ai input[list]').fill('maker.m-1:0');
    for (let i = 1; i <= 2; i++) {
      await page.locator('.ai-foot button', { hasText: i > 1 ? 'Ask again' : 'Send' }).click();
      await page.waitForSelector('.ai-diff');
      await page.waitForFunction((n) => document.querySelectorAll('.ai-past button').length === n, i - 1);
    }
    await shoot('proposal-again');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('.ai'));
    await ask();
    await page.waitForFunction(() => document.querySelectorAll('.ai-past button').length === 2);
    assert.equal(await page.locator('.ai input[list]').inputValue(), 'maker.m-1:0', 'the model stays, too');
    await page.locator('.ai-past button').first().click();
    assert.equal(await page.locator('.ai-diff .plus').count(), 1);
    assert.equal(await page.locator('.ai-past button').count(), 1);
    assert.ok(await page.locator('.ai-foot button', { hasText: 'Apply' }).isEnabled());
    assert.equal(await hasKey(), false);
    assert.deepEqual(page.troubles.map((each) => /status of 400/.test(each)), [true], 'the refused key, and nothing else');
  },

  /** A file that was allowed two services: the first lets pages ask it, the second does not. */
  async written() {
    await open('v=lines');
    await page.locator('.actions button', { hasText: 'Ask AI' }).first().click();
    await page.waitForFunction(() => document.querySelector('.ai select')?.value);
    assert.deepEqual(await page.locator('.ai select option').allInnerTexts(), given.allowed);
    await shoot('written-prompt');
    await page.locator('.ai button', { hasText: 'Key…' }).click();
    await page.locator('.ai-key input[type=password]').fill(given.key);
    assert.equal(await page.locator('.ai-key input[type=checkbox]').count(), 0, 'nothing here can remember a key');
    await shoot('written-key');
    await page.locator('.ai-key button').click();
    await page.locator('.ai input[list]').focus();
    await page.waitForFunction(() => document.querySelectorAll('#ai-models option').length === 2);
    await page.locator('.ai input[list]').fill(given.model);
    await page.locator('.ai [role=radio]', { hasText: 'Function' }).click();
    await page.locator('.ai-foot .primary').click();
    await page.waitForSelector('.ai-diff');
    assert.equal(await page.locator('.ai-diff .plus').count(), 1);
    assert.equal(await page.locator('.ai-diff .minus').count(), 4);
    assert.ok(!(await text('.ai-diff')).includes('No newline'));
    assert.equal(await page.locator('.ai-foot button', { hasText: 'Apply' }).count(), 0, 'a file can write nothing');
    assert.equal(await page.locator('.ai button', { hasText: 'Copy code' }).count(), 1);
    await shoot('written-answer');
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
    assert.ok(!kept.includes(given.key) && !(await page.content()).includes(given.key));
    calm();

    await page.locator('.ai select').selectOption({ index: 1 });
    await page.locator('.ai-foot button', { hasText: 'Ask again' }).click();
    assert.match(await text('.ai [role=alert]'), /it cannot be reached, or lets no page ask it/);
    assert.equal(await page.locator('.ai-past button').count(), 1);
    const blocked = await page.evaluate(() => new Promise((done) => {
      document.addEventListener('securitypolicyviolation', (event) => done(event.violatedDirective));
      fetch('http://127.0.0.1:9/').catch(() => {});
    }));
    assert.equal(blocked, 'connect-src', 'no other address can be asked');
  },

  /** A file that was allowed services with protocols of their own, which stand here in for them: `given.services`. */
  async own() {
    const asked = [];
    for (const { origin, said } of given.services) {
      await context.route(`${origin}/**`, (route) => {
        asked.push(route.request());
        return route.fulfill({ status: 200, headers: { 'access-control-allow-origin': '*' }, body: said });
      });
    }
    await open('v=lines');
    await page.locator('.actions button', { hasText: 'Ask AI' }).first().click();
    await page.waitForFunction(() => document.querySelector('.ai select')?.value);
    await page.locator('.ai input[list]').fill(given.model);
    for (const [i, { origin, path: wanted, header }] of given.services.entries()) {
      await page.locator('.ai select').selectOption({ index: i });
      if (header) {
        assert.ok(await page.locator('.ai-foot button', { hasText: /Send|Ask again/ }).isDisabled(), `${origin} needs a key`);
        await page.locator('.ai-key input[type=password]').fill(given.key);
        await page.keyboard.press('Enter');
        await page.waitForFunction(() => !document.querySelector('.ai-key'));
      }
      await page.locator('.ai-foot button', { hasText: /Send|Ask again/ }).click();
      await page.waitForFunction((n) => document.querySelectorAll('.ai-past button').length === n && document.querySelector('.ai-diff'), i);
      assert.equal(await page.locator('.ai-diff .plus').count(), 1, origin);
      const request = asked.at(-1);
      assert.equal(request.url(), origin + wanted);
      assert.ok(request.postData().includes('result += x') && !request.postData().includes(given.key));
      if (header) assert.equal(request.headers()[header], given.key);
    }
    assert.equal(asked.length, given.services.length);
    calm();
  },

  /** A file that was allowed nothing: no drawer, the prompt to copy, no request. */
  async quiet() {
    await open('v=lines');
    assert.equal(await page.evaluate(() => 'scaleneDrawer' in window), false);
    await page.locator('.actions button', { hasText: 'Ask AI' }).first().click();
    await page.waitForSelector('dialog textarea.prompt');
    assert.equal(await page.locator('.ai').count(), 0);
    await shoot('quiet-prompt');
    calm();
  },

  /** A profile that is rewritten: `given.editions` are the files that replace `given.profile`, one after the other. */
  async live() {
    await open('&v=lines&o=all');
    await page.waitForSelector('.pill.live');
    const table = page.locator('.table');
    await page.locator('.line-row', { hasText: 'value_20 ' }).first().click();
    const seen = () => page.evaluate(() => ({ y: document.querySelector('.table .active')?.getBoundingClientRect().top ?? document.querySelector('.table').scrollTop, heading: document.querySelector('.details h2').innerText, focus: document.activeElement?.tagName, view: location.hash.replace(/^#/, '') }));
    await page.evaluate(() => { window.STAYED = true; });
    for (const [i, edition] of given.editions.entries()) {
      // First with the selected row in sight, then far away from it.
      await table.evaluate((element, to) => { element.scrollTop = to; }, i ? 4000 : 240);
      await painted(page);
      const before = await seen();
      assert.match(before.heading, /^first-10\.py:20$/);
      renameSync(edition.file, given.profile);
      await page.waitForFunction((wall) => document.querySelector('.facts dd').innerText === wall, edition.wall);
      await page.waitForTimeout(300);
      assert.deepEqual(await seen(), before, `edition ${i}`);
    }
    assert.equal(await page.locator('.pill.live').count(), 0, 'the run has ended');
    assert.equal(await page.evaluate(() => window.STAYED), true, 'the page was not loaded again');
    calm();
  },

  /** `scalene run --live`: the page moves while the program runs, and says when it has ended. */
  async running() {
    await open('&v=summary');
    await page.waitForSelector('.pill.live');
    const wall = () => page.locator('.facts dd').first().innerText();
    const first = await wall();
    await page.waitForFunction((known) => document.querySelector('.facts dd').innerText !== known, first);
    const before = parseFloat(await wall());
    writeFileSync(given.enough, '');
    await page.waitForFunction(() => !document.querySelector('.pill.live'));
    assert.ok(parseFloat(await wall()) >= before, 'the whole run is shown');
    calm();
  },

  /** A profile whose every text is an attack: shown as text in every view, and nothing of it runs. */
  async hostile() {
    await open();
    for (const [key, view] of [[1, 'summary'], [2, 'lines'], [3, 'functions'], [4, 'flame'], [5, 'timeline'], [6, 'memory'], [8, 'compare'], [2, 'lines']]) {
      await page.keyboard.press(String(key));
      await page.waitForSelector(`.page[data-view=${view}]`);
      await painted(page);
      assert.equal(await page.evaluate(() => window.PWNED), undefined, view);
      assert.equal(await page.locator('img, iframe, object, [onerror], [onload]').count(), 0, view);
      assert.ok((await page.locator('script').count()) <= 3, view);
      assert.ok((await page.locator('body').innerText()).includes('<script>window.PWNED=1</script>'), `${view} shows the text`);
      assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) <= 3000, `${view}: too many elements`);
    }
    await page.screenshot({ path: path.join(given.shots, 'hostile.png') });
    for (const key of ['?', 'Escape', 'Control+k', 'Escape']) await page.keyboard.press(key);
    await page.locator('.actions button', { hasText: 'Ask AI' }).first().click();
    await page.waitForSelector('.ai, dialog[open]');
    await painted(page);
    assert.equal(await page.evaluate(() => window.PWNED), undefined, 'prompt');
    calm();
  },

  /** The service refuses: a sentence, and another try. */
  async refusal() {
    await open('&v=lines');
    await page.locator('.actions button', { hasText: 'Ask AI' }).first().click();
    await page.waitForFunction(() => document.querySelector('.ai select')?.value);
    await page.locator('.ai input[list]').fill('m');
    await page.locator('.ai-foot .primary').click();
    assert.match(await text('.ai [role=alert]'), /it answers 429: too many requests/);
    assert.ok(await page.locator('.ai-foot .primary', { hasText: 'Ask again' }).isEnabled());
    await shoot('proposal-refused');
    calm();
  },
};

try {
  await journeys[journey]();
  console.log(`ok ${journey}`);
} catch (error) {
  console.log(`FAILED ${journey}\n${error.stack}\n${page.troubles.join('\n')}`);
  await page.screenshot({ path: path.join(given.shots, `failed-${journey}.png`) });
  process.exitCode = 1;
}
await browser.close();
