// What people do with the page. Each journey is a sentence that has to be true.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const views = ['summary', 'lines', 'functions', 'flame', 'timeline', 'memory', 'accelerators', 'compare'];

export function journeys({ assert, fixtures, pageOf, tab, open, axeViolations, shots, gzipSync, script, style }) {
  const small = pageOf('small', fixtures.smallPayload());
  const compared = pageOf('compared', fixtures.comparedPayload());
  const hostile = pageOf('hostile', fixtures.hostilePayload());
  const text = (page, selector) => page.locator(selector).first().innerText();
  /** What an element says, at the latest some seconds from now: the page draws when the browser lets it. */
  const says = async (page, selector, pattern) => {
    const end = Date.now() + 10_000;
    let said = await text(page, selector);
    while (!pattern.test(said) && Date.now() < end) {
      await new Promise((done) => setTimeout(done, 20));
      said = await text(page, selector);
    }
    assert.match(said, pattern);
  };
  const calm = (page) => assert.deepEqual(page.troubles, []);
  const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute('data-row') ?? document.activeElement?.tagName);

  const out = {
    'the script and the style sheet stay within their size': () => {
      const bytes = Buffer.byteLength(script) + Buffer.byteLength(style);
      assert.ok(bytes <= 200 * 1024, `${bytes} bytes`);
      const packed = gzipSync(script, { level: 9 }).length + gzipSync(style, { level: 9 }).length;
      assert.ok(packed <= 65 * 1024, `${packed} bytes compressed`);
    },

    'hostile names stay text in every view': async () => {
      const page = await tab();
      for (const view of views) {
        await open(page, hostile, `#v=${view}`);
        assert.equal(await page.evaluate(() => window.PWNED), undefined);
        assert.equal(await page.locator('img').count(), 0);
        assert.equal(await page.locator('script').count(), 3);
        assert.ok((await page.locator('body').innerText()).includes('</script><script>'));
      }
      for (const key of ['?', 'Escape', 'Control+k']) await page.keyboard.press(key);
      assert.equal(await page.evaluate(() => window.PWNED), undefined);
      calm(page);
    },

    "in a notebook's sandboxed frame hostile names stay text, too": async () => {
      const html = readFileSync(new URL(hostile), 'utf8').replaceAll('&', '&amp;').replaceAll('"', '&quot;');
      const notebook = hostile.replace('hostile.html', 'notebook.html');
      writeFileSync(new URL(notebook), `<!doctype html><html lang="en"><title>Notebook</title><iframe title="Profile" width="1200" height="700" sandbox="allow-scripts" srcdoc="${html}"></iframe></html>`);
      const page = await tab();
      await page.goto(notebook);
      const frame = page.frames()[1];
      await frame.waitForSelector('.page');
      const tabs = frame.locator('.tabs > button:has(.tab-key)'), many = await tabs.count();
      assert.ok(many >= 7, `${many} views`);
      for (let i = 0; i < many; i++) {
        const name = await tabs.nth(i).innerText();
        await tabs.nth(i).click();
        assert.equal(await frame.evaluate(() => window.PWNED), undefined, name);
        assert.equal(await frame.locator('img').count(), 0, name);
        assert.ok((await frame.locator('body').innerText()).includes('</script><script>'), name);
      }
      assert.ok(await frame.evaluate(() => { try { return !window.parent.document; } catch { return true; } }));
      assert.equal(await page.evaluate(() => window.PWNED), undefined);
      calm(page);
    },

    'who had the GIL is told beside the line that waited for it': async () => {
      const page = await tab();
      await open(page, small);
      await says(page, '.totals', /GIL held\s+80(\.0)? %\s+by native code 20(\.0)? % · waited for 10(\.0)? %/);
      await open(page, small, '#v=lines&f=/work/app/main.py&l=15');
      const held = page.locator('.details h3', { hasText: 'Had the GIL meanwhile' });
      const rows = held.locator('xpath=following-sibling::div[1]').locator('button');
      assert.deepEqual((await rows.allInnerTexts()).map((each) => each.replace(/\s+/g, ' ').trim()), ['main.py:10 300 ms', 'not known 100 ms']);
      await rows.first().click();
      await says(page, '.details h2', /main\.py:10/);
      calm(page);
    },

    'the hottest line, its reason and the leak are found by keyboard': async () => {
      const page = await tab();
      await open(page, small);
      await says(page, '.lead h2', /main\.py:10/);
      await page.keyboard.press('2');
      await says(page, '.reason-row', /80 % of it is interpreted Python/);
      await page.locator('[role=treegrid] [data-row][tabindex="0"]').first().focus();
      await page.keyboard.press(']');
      await says(page, '.details h2', /main\.py:\d+/);
      await page.keyboard.press('End');
      await page.keyboard.press('ArrowUp');
      assert.notEqual(await focused(page), 'BODY');
      assert.match(await page.locator('.badge.leak').first().innerText(), /280/);
      calm(page);
    },

    'every view opens with its number': async () => {
      const page = await tab();
      await open(page, small);
      for (let i = 0; i < views.length; i++) {
        await page.keyboard.press(String(i + 1));
        await page.waitForFunction((view) => document.querySelector('.page').dataset.view === view, views[i]);
      }
      calm(page);
    },

    'a table moves, folds, sorts and copies by keyboard': async () => {
      const page = await tab();
      await open(page, small, '#v=lines');
      const row = page.locator('[role=treegrid] [data-row][tabindex="0"]').first();
      await row.focus();
      await page.keyboard.press('Home');
      assert.equal(await focused(page), '0');
      await page.keyboard.press('ArrowLeft');
      assert.equal(await page.locator('.line-row').count(), 0);
      await page.keyboard.press('ArrowRight');
      assert.ok((await page.locator('.line-row').count()) > 3);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('s');
      await page.waitForFunction(() => location.hash.includes('s=-'));
      await page.locator('[role=columnheader] button', { hasText: 'time' }).click();
      await page.locator('[role=columnheader] button', { hasText: 'time' }).click();
      calm(page);
    },

    'keys alone reach the rows of every view': async () => {
      const page = await tab();
      const focus = (pattern) => page.waitForFunction((text) => new RegExp(text).test(`${document.activeElement?.tagName} ${document.activeElement?.getAttribute('data-row')}`), pattern, { timeout: 5000 });
      await open(page, compared, '#v=summary');
      for (const [key, at] of [['2', 'DIV 0'], ['3', 'DIV 0'], ['4', 'CANVAS'], ['5', 'CANVAS'], ['8', 'DIV 0'], ['1', 'SECTION'], ['2', 'DIV 0']]) {
        await page.keyboard.press(key);
        await focus(at);
      }
      const onActive = () => page.waitForFunction(() => document.activeElement.matches('.row.active'), null, { timeout: 5000 });
      for (const key of [']', ']', '[', 's', 's', 'n']) { // the ring goes where the selection goes
        await page.keyboard.press(key);
        await onActive();
      }
      await page.keyboard.press('3');
      await focus('DIV \\d');
      for (const key of ['ArrowDown', ']', 'n']) {
        await page.keyboard.press(key);
        await onActive();
      }
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('.page').dataset.view === 'lines');
      await onActive();
      await page.keyboard.press('8');
      await focus('DIV');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('n');
      await onActive();
      await says(page, '.details', /Before → now/);
      await page.keyboard.press('s');
      await says(page, '.notice', /Sorted by before/);
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('.page').dataset.view === 'lines');
      await onActive();
      await page.keyboard.press('Control+k');
      await page.keyboard.type('functions');
      await page.keyboard.press('Enter');
      await focus('DIV \\d');
      await page.keyboard.press('/');
      await page.keyboard.type('load');
      await page.keyboard.press('Enter');
      await focus('INPUT');
      await page.keyboard.press('Escape');
      await focus('DIV \\d');
      await page.locator('a.skip').focus();
      await page.keyboard.press('Enter');
      await focus('DIV \\d');
      calm(page);
    },

    'a profile without a line is a sentence in every view': async () => {
      const page = await tab();
      await open(page, pageOf('no-lines', fixtures.noLinesPayload()), '#v=lines');
      for (const view of views) {
        await page.goto(page.url().replace(/v=\w+/, `v=${view}`));
        assert.ok((await text(page, 'main')).length > 20, view);
      }
      calm(page);
    },

    'what a column means is shown to the keyboard, too': async () => {
      const page = await tab();
      await open(page, small, '#v=lines');
      const button = page.locator('[role=columnheader] button', { hasText: 'waiting' });
      await button.focus();
      await page.keyboard.press('Shift+Tab');
      await page.keyboard.press('Tab');
      assert.match(await button.evaluate((each) => getComputedStyle(each, '::after').content), /waited for longest/);
      calm(page);
    },

    'waiting is told in seconds and its reason': async () => {
      const page = await tab();
      await open(page, small, '#v=lines&f=/work/app/main.py&l=15');
      const chips = await page.locator('.line-row .chip').allInnerTexts();
      assert.ok(chips.length > 0 && chips.every((each) => /\d\s(s|ms)$/.test(each)), chips.join('; '));
      calm(page);
    },

    'views that the range does not narrow say so': async () => {
      const page = await tab();
      for (const view of ['summary', 'lines', 'functions']) {
        await open(page, small, `#v=${view}&r=1-3`);
        await says(page, '.range-note', /whole run/);
      }
      await page.locator('.range-note button').click();
      await page.waitForFunction(() => !location.hash.includes('r='));
      assert.equal(await page.locator('.range-note').count(), 0);
      calm(page);
    },

    'a narrow page reaches every column and breaks no rule': async () => {
      const found = [];
      for (const width of [320, 720]) {
        const page = await tab({ width, height: 800 });
        for (const view of ['summary', 'lines', 'functions', 'compare']) {
          await open(page, compared, `#v=${view}`);
          found.push(...(await axeViolations(page)).map((v) => `${view} ${width}: ${v}`));
          const cut = await page.evaluate(() => { // columns that no scrolling brings into sight
            const table = document.querySelector('.table'), last = table?.querySelector('.head-row')?.lastElementChild;
            if (!last) return 0;
            table.scrollLeft = 1e6;
            return last.getBoundingClientRect().right - table.getBoundingClientRect().right;
          });
          assert.ok(cut <= 1, `${view} at ${width}: ${cut} px`);
        }
        calm(page);
      }
      const page = await tab({ width: 1024, height: 768 });
      await open(page, small, '#v=lines');
      assert.equal(await page.locator('.details').count(), 0);
      await page.locator('.line-row').first().click();
      await page.keyboard.press('Enter');
      await says(page, '.details h2', /main\.py/);
      await page.keyboard.press('Escape');
      assert.equal(await page.locator('.details').count(), 0);
      assert.deepEqual(found, []);
      calm(page);
    },

    'find narrows, counts and clears': async () => {
      const page = await tab();
      await open(page, small, '#v=lines');
      await page.keyboard.press('/');
      await page.keyboard.type('cache[');
      await says(page, '.toolbar [role=status]', /1 match/);
      await page.waitForFunction(() => document.querySelectorAll('.line-row').length === 1);
      await page.locator('#find').fill('total');
      await says(page, '.toolbar [role=status]', /[2-9] matches/);
      await page.locator('#find').blur();
      await page.keyboard.press('n');
      await says(page, '.details h2', /main\.py:8/);
      await page.keyboard.press('n');
      await says(page, '.details h2', /main\.py:10/);
      await page.keyboard.press('N');
      await says(page, '.details h2', /main\.py:8/);
      await page.keyboard.press('Escape');
      assert.ok((await page.locator('.line-row').count()) > 3);
      calm(page);
    },

    'the address restores what was shown': async () => {
      const page = await tab();
      await open(page, small, '#v=lines&f=/work/app/main.py&l=14&s=-time&u=ms&r=1-3&zz=9');
      const hash = await page.evaluate(() => location.hash);
      for (const part of ['v=lines', 'l=14', 's=-time', 'u=ms', 'r=1-3', 'zz=9']) assert.ok(hash.includes(part), `${part} in ${hash}`);
      await says(page, '.details h2', /main\.py:14/);
      await page.reload();
      await page.waitForSelector('.details h2');
      await says(page, '.details h2', /main\.py:14/);
      calm(page);
    },

    'the brush narrows flame and timeline': async () => {
      const page = await tab();
      await open(page, small, '#v=flame');
      await says(page, '.crumbs .value', /./);
      const before = await page.locator('.flame-box canvas').getAttribute('aria-label');
      const box = await page.locator('.overview-plot').boundingBox();
      await page.mouse.move(box.x + box.width * 0.4, box.y + 30);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.45, box.y + 30);
      await page.mouse.up();
      await page.waitForFunction(() => location.hash.includes('r='));
      assert.notEqual(await page.locator('.flame-box canvas').getAttribute('aria-label'), before);
      await page.locator('[role=slider]').first().focus();
      await page.keyboard.press('ArrowRight');
      calm(page);
    },

    'the flame chart is walked, zoomed and inverted by keyboard': async () => {
      const page = await tab();
      await open(page, small, '#v=flame');
      const label = () => page.locator('.flame-box canvas').getAttribute('aria-label');
      await page.locator('.flame-box canvas').focus();
      await page.keyboard.press('Home');
      const root = await label();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      assert.match(await label(), /Store\.load, 62\.5 %/);
      assert.notEqual(await label(), root);
      await says(page, '.details h2', /Store\.load/);
      await page.keyboard.press('ArrowRight');
      assert.match(await label(), /keep/);
      await page.keyboard.press('Enter');
      await page.keyboard.press('i');
      await page.waitForFunction(() => location.hash.includes('d=inverted'));
      await page.keyboard.press('Shift+F10');
      await page.keyboard.press('Escape');
      calm(page);
    },

    'a deep flame chart changes its shape at once and keeps its frame in sight': async () => {
      const page = await tab();
      await open(page, pageOf('deep', fixtures.deepPayload(600)), '#v=flame&d=inverted');
      const canvas = page.locator('.flame-box canvas');
      const seen = () => page.evaluate(() => { const box = document.querySelector('.flame-box canvas').getBoundingClientRect(); return box.height > 100 && box.height <= innerHeight; });
      for (const shape of ['Top-down', 'Sandwich', 'Inverted', 'Top-down']) {
        await page.locator('[role=radio]', { hasText: shape }).click();
        await says(page, '.crumbs', /work|step|all threads/);
        assert.ok(await seen(), shape);
      }
      for (const kind of ['Native', 'Python', 'Both']) await page.locator('[role=radio]', { hasText: kind }).click();
      await canvas.focus();
      for (const key of ['i', 'i', 'f', 'F', 'c', 'Escape']) await page.keyboard.press(key);
      await page.keyboard.press('Home');
      for (let i = 0; i < 45; i++) await page.keyboard.press('ArrowDown');
      assert.ok(await page.locator('div.chart-view').evaluate((box) => box.scrollTop > 100));
      calm(page);
    },

    'find counts frames in the flame chart, moves and clears': async () => {
      const page = await tab();
      await open(page, small, '#v=flame');
      await page.keyboard.press('/');
      await page.keyboard.type('keep');
      await says(page, '.toolbar [role=status]', /1 frame matches · 35\.0 %/);
      await page.keyboard.press('Enter');
      await says(page, '.details h2', /keep/);
      await page.keyboard.press('Escape');
      await says(page, '.toolbar [role=status]', /6 frames/);
      calm(page);
    },

    'what the charts hide, order and narrow to stays in the address': async () => {
      const page = await tab();
      await open(page, small, '#v=timeline');
      await page.locator('.lane-label button', { hasText: 'worker-0' }).click();
      await page.waitForFunction(() => location.hash.includes('t=1'));
      assert.equal(await page.locator('.lane-label .fold').count(), 1);
      await page.keyboard.press('4');
      await says(page, '.toolbar', /only\s+worker-0/);
      await page.locator('.toolbar button', { hasText: 'worker-0' }).click();
      await page.locator('.flame-box canvas').focus();
      for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'x']) await page.keyboard.press(key);
      await page.locator('[role=radio]', { hasText: 'Alphabetical' }).click();
      await says(page, '.toolbar', /1 hidden/);
      await page.reload();
      await page.waitForSelector('.crumbs');
      await says(page, '.toolbar', /1 hidden/);
      assert.match(await page.evaluate(() => location.hash), /e=name/);
      calm(page);
    },

    'memory begins with the line that leaks, each number with its moment': async () => {
      const page = await tab();
      await open(page, small, '#v=memory');
      await says(page, '.details h2', /main\.py:14/);
      await says(page, '.memory-columns .section-head', /Peak of each by line\s+highest live memory of each line/);
      await page.locator('.memory-chart canvas').focus();
      const label = () => page.locator('.memory-chart canvas').getAttribute('aria-label');
      const before = await label();
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('w');
      await page.waitForFunction(() => /r=.*|i=/.test(location.hash));
      assert.notEqual(await label(), before);
      calm(page);
    },

    'another profile is opened: a reference JSON, gzipped; a broken one is a sentence': async () => {
      const page = await tab();
      await open(page, small);
      const line = { lineno: 1, line: 'import x\n', n_cpu_percent_python: 90, n_cpu_percent_c: 0, n_sys_percent: 0 };
      const json = JSON.stringify({ program: '/x/other.py', elapsed_time_sec: 1, files: { '/x/other.py': { percent_cpu_time: 90, functions: [], imports: [], leaks: {}, lines: [line] } } });
      const pick = async (name, buffer) => {
        const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('.tabs button', { hasText: 'Open' }).click()]);
        await chooser.setFiles({ name, mimeType: 'application/octet-stream', buffer });
      };
      await pick('other.json.gz', gzipSync(json));
      await page.waitForFunction(() => document.querySelector('h1').textContent === 'other.py');
      await pick('broken.json', Buffer.from('{"files"'));
      await page.waitForFunction(() => document.querySelector('.notice').textContent.includes('no profile'));
      await pick('cut.json.gz', gzipSync(json).subarray(0, 90));
      await page.waitForFunction(() => /damaged: it is cut off/.test(document.querySelector('.notice').textContent));
      assert.equal(await text(page, 'h1'), 'other.py');
      calm(page);
    },

    'without DecompressionStream there is a sentence': async () => {
      const page = await tab({ init: () => { delete window.DecompressionStream; } });
      await open(page, small);
      await says(page, '[role=alert]', /DecompressionStream/);
      calm(page);
    },

    'a damaged page is a sentence': async () => {
      for (const [name, payload, sentence] of [['cut', Buffer.from(fixtures.smallPayload()).subarray(0, 900), /cut off/], ['bent', '????', /damaged/], ['none', ' ', /no profile/]]) {
        const page = await tab();
        await open(page, pageOf(`damaged-${name}`, payload));
        await says(page, '[role=alert]', sentence);
        calm(page);
        }
    },

    '200,000 lines and 100,000 frames stay small in the page': async () => {
      const page = await tab();
      const large = pageOf('large', fixtures.largePayload(200, 1000, 100_000));
      await open(page, large, '#v=lines&o=all');
      const count = () => page.evaluate(() => document.querySelectorAll('*').length);
      assert.ok((await count()) <= 3000, `${await count()} elements`);
      await page.locator('.table').evaluate((table) => { table.scrollTop = table.scrollHeight; });
      await page.waitForSelector('text=value_998');
      assert.ok((await count()) <= 3000);
      for (const view of ['summary', 'functions', 'flame', 'memory']) {
        await open(page, large, `#v=${view}`);
        assert.ok((await count()) <= 3000, `${view}: ${await count()} elements`);
      }
      calm(page);
    },

    'the shell fits 320 pixels': async () => {
      const page = await tab({ width: 320, height: 800 });
      await open(page, small, '#v=summary');
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 330), `${await page.evaluate(() => document.documentElement.scrollWidth)} px wide`);
      calm(page);
    },
  };

  for (const theme of ['light', 'dark'])
    out[`axe finds nothing in any view, ${theme}`] = async () => {
      const page = await tab({ theme });
      const found = [];
      const rules = theme === 'light' ? undefined : ['color-contrast']; // structure is that of the light theme
      for (const view of [...views, 'compared']) {
        await open(page, view === 'compared' ? compared : small, `#v=${view === 'compared' ? 'compare' : view}`);
        found.push(...(await axeViolations(page, rules)).map((v) => `${view}: ${v}`));
        assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) <= 3000);
        await page.screenshot({ path: path.join(shots, `${view}-${theme}.png`) });
      }
      for (const [key, name] of [['?', 'help'], ['Control+k', 'palette']]) {
        await page.keyboard.press(key);
        await page.waitForSelector('dialog[open]');
        found.push(...(await axeViolations(page, rules)).map((v) => `${name}: ${v}`));
        await page.screenshot({ path: path.join(shots, `${name}-${theme}.png`) });
        await page.keyboard.press('Escape');
      }
      for (const name of ['Settings', 'warning', 'Ask AI']) {
        await page.locator(`button[aria-label^="${name}"], .top button:has-text("${name}"), .actions button:has-text("${name}")`).first().click();
        await page.waitForSelector('dialog[open]');
        found.push(...(await axeViolations(page, rules)).map((v) => `${name}: ${v}`));
        await page.keyboard.press('Escape');
      }
      assert.deepEqual(found, []);
      calm(page);
    };
  return out;
}
