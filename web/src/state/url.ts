// The hash is the state: #v=lines&f=src/app.py&l=120&m=time&s=-time,line&q=load&r=3.2-5.9&t=1,4&x=…
// This is the only module that reads and writes it. Unknown keys survive; a bad value falls back and is reported.
// The access token of a served page (`k`) is taken out before the first paint and never written.

export type ViewName = 'summary' | 'lines' | 'functions' | 'flame' | 'timeline' | 'memory' | 'accelerators' | 'compare';
export const views: ViewName[] = ['summary', 'lines', 'functions', 'flame', 'timeline', 'memory', 'accelerators', 'compare'];

export interface UrlState {
  view: ViewName;
  file: string; // path, '' = all
  only: boolean; // the tables show that file alone; else it only says where `line` is
  line: number;
  metric: string;
  sort: { key: string; descending: boolean }[];
  query: string;
  range: [number, number] | null; // s
  threads: number[]; // empty = all
  mode: 'all' | 'data' | 'functions';
  context: 'loops' | number;
  threshold: number; // %
  unit: 'percent' | 'ms' | 'samples';
  shape: 'down' | 'inverted' | 'sandwich';
  frames: 'both' | 'python' | 'native';
  focus: string; // function of the flame chart: name@file
  order: 'heavy' | 'name'; // of the flame chart
  hidden: string[]; // functions that it leaves out: name@file
  lanes: 'swimlanes' | 'interleaved';
  moment: number | null; // s, of the memory view
  other: [string, string][]; // keys of somebody else
}

export const defaults: UrlState = {
  view: 'summary', file: '', only: false, line: 0, metric: 'time', sort: [], query: '', range: null, threads: [], mode: 'data', context: 'loops', threshold: 1,
  unit: 'percent', shape: 'down', frames: 'both', focus: '', order: 'heavy', hidden: [], lanes: 'swimlanes', moment: null, other: [],
};

type Codec<K extends keyof UrlState> = { key: string; read(text: string): UrlState[K] | undefined; write(value: UrlState[K]): string };
const codec = <K extends keyof UrlState>(key: string, read: (text: string) => UrlState[K] | undefined, write: (value: UrlState[K]) => string): Codec<K> => ({ key, read, write });
const oneOf = <T extends string>(...names: T[]) => (text: string) => names.find((name) => name === text);
const plain = (text: string) => text;
const whole = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

const codecs: { [K in Exclude<keyof UrlState, 'other'>]: Codec<K> } = {
  view: codec('v', oneOf(...views), plain),
  file: codec('f', plain, plain),
  only: codec('only', (text) => text === '1', (on) => (on ? '1' : '')),
  line: codec('l', whole, String),
  metric: codec('m', (text) => (/^[\w.+]{1,80}$/.test(text) ? text : undefined), plain),
  sort: codec('s', readSort, (keys) => keys.map(({ key, descending }) => (descending ? '-' : '') + key).join(',')),
  query: codec('q', plain, plain),
  range: codec('r', readRange, (range) => (range ? range.map((t) => Number(t.toFixed(4))).join('-') : '')),
  threads: codec('t', (text) => (/^\d+([.,]\d+)*$/.test(text) ? text.split(/[.,]/).map(Number) : undefined), (list) => list.join('.')),
  mode: codec('o', oneOf('all', 'data', 'functions'), plain),
  context: codec('c', (text) => (text === 'loops' ? 'loops' : whole(text)), String),
  threshold: codec('h', (text) => (Number(text) >= 0 && Number(text) <= 100 ? Number(text) : undefined), String),
  unit: codec('u', oneOf('percent', 'ms', 'samples'), plain),
  shape: codec('d', oneOf('down', 'inverted', 'sandwich'), plain),
  frames: codec('n', oneOf('both', 'python', 'native'), plain),
  focus: codec('x', plain, plain),
  order: codec('e', oneOf('heavy', 'name'), plain),
  hidden: codec('y', (text) => text.split('|').filter(Boolean), (list) => list.join('|')),
  lanes: codec('w', oneOf('swimlanes', 'interleaved'), plain),
  moment: codec('i', (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined), (t) => (t === null ? '' : String(Number(t.toFixed(4))))),
};
const names = Object.keys(codecs) as (keyof typeof codecs)[];

function readSort(text: string): UrlState['sort'] | undefined {
  if (!/^-?[\w.+]+(,-?[\w.+]+){0,3}$/.test(text)) return undefined;
  return text.split(',').map((key) => ({ key: key.replace(/^-/, ''), descending: key.startsWith('-') }));
}
function readRange(text: string): UrlState['range'] | undefined {
  const match = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text);
  return match && Number(match[1]) < Number(match[2]) ? [Number(match[1]), Number(match[2])] : undefined;
}

/** State of a hash, and the keys whose values made no sense. */
export function parseHash(hash: string): { state: UrlState; bad: string[] } {
  const state: UrlState = { ...defaults, other: [] };
  const bad: string[] = [];
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ''))) {
    const name = names.find((each) => codecs[each].key === key);
    if (!name) { if (key !== 'k') state.other.push([key, text]); continue; }
    const value = codecs[name].read(text);
    if (value === undefined) bad.push(`${key}=${text}`);
    else (state as unknown as Record<string, unknown>)[name] = value;
  }
  return { state, bad };
}

export function writeHash(state: UrlState): string {
  const out = new URLSearchParams();
  for (const name of names) {
    const write = codecs[name].write as (value: unknown) => string;
    const text = write(state[name]);
    if (text !== write(defaults[name]) || name === 'view') out.set(codecs[name].key, text);
  }
  for (const [key, text] of state.other) out.append(key, text);
  return '#' + out.toString().replace(/%2F/g, '/').replace(/%2C/g, ',');
}

/** The token that came with the address, if any. */
export const tokenOf = (hash: string): string => new URLSearchParams(hash.replace(/^#/, '')).get('k') ?? '';
