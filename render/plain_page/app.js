// A plain page: headline, what limits the program, the busiest lines. It stands in until web/ is bundled.
'use strict';
(() => {
  const make = (parent, tag, text, kind) => {
    const element = parent.appendChild(document.createElement(tag));
    if (text !== undefined) element.textContent = text;
    if (kind) element.className = kind;
    return element;
  };
  const parts = (parent, list) => {
    for (const part of list || []) {
      if (typeof part === 'string') parent.append(part);
      else make(parent, part[0] === 'code' ? 'code' : 'strong', part[1]);
    }
  };
  const token = (() => {
    const key = new URLSearchParams(location.hash.slice(1)).get('k');
    if (key) history.replaceState(null, '', location.pathname);
    return key;
  })();

  async function inflated() {
    const bytes = Uint8Array.from(atob(document.getElementById('p').textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return new Response(stream).arrayBuffer();
  }
  async function served() {
    const answer = await fetch('/api/profile', { headers: { 'X-Scalene-Token': token || '' } });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.arrayBuffer();
  }

  function show(buffer, app) {
    const view = new DataView(buffer);
    const size = view.getUint32(8, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 16, size)));
    const blob = (16 + size + 7) & ~7;
    const column = (from, name, Kind) => {
      const at = from.columns[name];
      return at ? new Kind(buffer, blob + at[0], at[1]) : [];
    };
    make(app, 'h1', header.program);
    parts(make(app, 'p'), header.headline);
    for (const insight of header.insights) {
      const line = make(app, 'p');
      make(line, 'strong', insight.title + ' ');
      parts(line, insight.parts);
    }
    for (const note of [...header.losses, ...header.warnings, ...header.notes]) make(app, 'p', note);
    const time = header.table.find((each) => each.id === 'time').metrics;
    const lines = [];
    for (const file of header.files) {
      const numbers = column(file, 'line', Uint32Array);
      const values = time.map((id) => column(file, id, Float32Array));
      const at = file.columns.text;
      const text = at ? new TextDecoder().decode(new Uint8Array(buffer, blob + at[0], at[1])).split('\n') : [];
      numbers.forEach((line, i) => {
        const percent = values.reduce((sum, each) => sum + (each[i] || 0), 0);
        if (percent > 0) lines.push({ percent, where: file.path + ':' + line, text: text[line - 1] || '' });
      });
    }
    lines.sort((a, b) => b.percent - a.percent);
    const table = make(app, 'table');
    for (const line of lines.slice(0, 200)) {
      const row = make(table, 'tr');
      make(row, 'td', line.percent.toFixed(1) + ' %', 'n');
      make(make(row, 'td'), 'code', line.where);
      make(make(row, 'td'), 'code', line.text);
    }
  }

  async function start() {
    const app = document.getElementById('app');
    try {
      show(await (document.getElementById('p') ? inflated() : served()), app);
      if (token) fetch('/api/alive', { headers: { 'X-Scalene-Token': token } });
    } catch (trouble) {
      make(app, 'p', String(trouble));
    }
  }
  addEventListener('DOMContentLoaded', start);
})();
