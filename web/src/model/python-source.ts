// Enough of Python's lexical structure to set keywords, names after `def`, strings and comments apart. Works line by
// line: `statesOf` finds which lines begin inside a triple-quoted string, `tokens` needs one line and that state.

export type TokenKind = '' | 'keyword' | 'defined' | 'string' | 'comment';
export interface Token { text: string; kind: TokenKind }

/** What a line begins inside of: 0 code, 1 ''' string, 2 """ string; + 4 when that string is a docstring. */
export type LineState = number;

const keywords = new Set(('False None True and as assert async await break class continue def del elif else except finally for from global '
  + 'if import in is lambda match case nonlocal not or pass raise return try while with yield').split(' '));
const soft = new Set(['match', 'case']);
const scanner = /(#.*)|((?:\b[rRbBuUfFtT]{1,2})?(?:'''|"""|'|"))|([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)|(\d[\w.]*)|(\s+)|(.)/gsy;
const longest = 4000; // columns that are looked at; what lies beyond is plain text

export function tokens(line: string, state: LineState = 0): { tokens: Token[]; end: LineState } {
  const out: Token[] = [];
  const add = (text: string, kind: TokenKind) => {
    if (!text) return;
    const last = out[out.length - 1];
    if (last && last.kind === kind) last.text += text;
    else out.push({ text, kind });
  };
  let rest = '';
  if (line.length > longest) { rest = line.slice(longest); line = line.slice(0, longest); }
  let at = 0;
  if (state) {
    const close = endOfString(line, 0, state & 2 ? '"""' : "'''");
    const kind: TokenKind = state & 4 ? 'comment' : 'string';
    if (close < 0) { add(line, kind); add(rest, kind); return { tokens: out, end: state }; }
    add(line.slice(0, close), kind);
    at = close;
  }
  let afterDef = false, first = at === 0;
  while (at < line.length) {
    scanner.lastIndex = at;
    const match = scanner.exec(line)!;
    const text = match[0];
    let end = at + text.length;
    if (match[1] !== undefined) add(text, 'comment');
    else if (match[2] !== undefined) {
      const quote = text.replace(/^[a-zA-Z]+/, '');
      const close = endOfString(line, end, quote);
      const doc = first && quote.length === 3;
      if (close < 0 && quote.length === 3) {
        const inside = (quote === '"""' ? 2 : 1) + (doc ? 4 : 0);
        add(line.slice(at), doc ? 'comment' : 'string'); add(rest, doc ? 'comment' : 'string');
        return { tokens: out, end: inside };
      }
      end = close < 0 ? line.length : close;
      add(line.slice(at, end), doc ? 'comment' : 'string');
    } else if (match[3] !== undefined) {
      const key = keywords.has(text) && (!soft.has(text) || (first && /^\s*\w+\s+[^=.,)\s].*:\s*(#.*)?$/.test(line)));
      add(text, afterDef ? 'defined' : key ? 'keyword' : '');
      afterDef = key && (text === 'def' || text === 'class');
    } else add(text, '');
    if (match[5] === undefined) first = false;
    at = end;
  }
  add(rest, '');
  return { tokens: out, end: 0 };
}

function endOfString(line: string, from: number, quote: string): number {
  for (let at = from; at < line.length; at++) {
    if (line[at] === '\\') at++;
    else if (line.startsWith(quote, at)) return at + quote.length;
  }
  return -1;
}

const known = new WeakMap<string[], Uint8Array>();
const triple = /'''|"""/;

/** The state at the beginning of every line. A line without a triple quote can't change it, so most lines cost one search. */
export function statesOf(source: string[]): Uint8Array {
  let states = known.get(source);
  if (states) return states;
  states = new Uint8Array(source.length);
  let state = 0;
  for (let i = 0; i < source.length; i++) {
    states[i] = state;
    if (triple.test(source[i])) state = tokens(source[i], state).end;
  }
  known.set(source, states);
  return states;
}

export function indentOf(line: string): number {
  let columns = 0;
  for (const c of line) {
    if (c === ' ') columns++;
    else if (c === '\t') columns += 8 - (columns % 8);
    else break;
  }
  return columns;
}
