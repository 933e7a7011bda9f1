import { describe, expect, it } from 'vitest';
import { dvar, encodePayload, u32, utf8 } from '../../test/fixture/encode';
import { comparedPayload, hostilePayload, smallHeader, smallPayload, source } from '../../test/fixture/profiles';
import { columnOf, rowOfLine, value } from '../model/profile';
import { decodePayload, PayloadError } from './decode';

const base64 = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

describe('payload', () => {
  it('reads rows, source and regions of a file', () => {
    const p = decodePayload(smallPayload());
    const file = p.files[0];
    expect(p.name).toBe('main.py');
    expect(file.source()).toEqual(source);
    expect(Array.from(file.lines.line)).toEqual([9, 10, 14, 15, 19]);
    expect(columnOf(file.lines, 'time')[1]).toBe(50);
    expect(value(file.lines, 'memory.peak', rowOfLine(file.lines, 14))).toBe(1177);
    expect(file.regions()!.regionStart[9]).toBe(9);
    expect(file.functions.name).toEqual(['Store.load', 'keep']);
    expect(file.leaks).toEqual([{ line: 14, likelihood: 0.99, velocity: 280 }]);
  });

  it('reads curves, tree, timeline and tracks', () => {
    const p = decodePayload(smallPayload());
    expect(Array.from(p.files[0].lines.spark(2)!.t)).toEqual([0, 4 / 3, 8 / 3, 4].map((t) => expect.closeTo(t, 2)));
    expect(p.frames!.count).toBe(7);
    expect(p.frames!.self.get('memory')![4]).toBe(3600);
    expect(Array.from(p.runs!.start)).toEqual([0, 1, 1.5, 2, 3]);
    expect(p.tracks[0].spans).toEqual([[0.5, 0.04], [2.5, 0.03]]);
    expect(p.footprintPython![0]).toBe(80);
  });

  it('knows who held what a row waited for', () => {
    const p = decodePayload(smallPayload());
    expect(p.files[0].lines.holders.gil).toEqual([[3, [['/work/app/main.py', 10, 0.3], ['', 0, 0.1]]]]);
    expect(p.files[0].functions.holders).toEqual({});
    expect(p.gil!.contended).toBe(0.4);
  });

  it('keeps an older profile beside the newer one', () => {
    const p = decodePayload(comparedPayload());
    expect(p.before!.lines.get(0)!.columns.get('time.python')![1]).toBe(70);
    expect(p.files[0].lines.columns.has('before.time.python')).toBe(false);
    expect(p.before!.gone[0].line).toBe(8);
  });

  it('reads differences that are negative and longer than 32 bits', () => {
    const p = decodePayload(encodePayload({ ...smallHeader(), timeline: { columns: { t: dvar([9e12, 5, 2 ** 40]), length: dvar([1, 1, 1]) } } }));
    expect(Array.from(p.runs!.start)).toEqual([9e6, 5e-6, 2 ** 40 / 1e6]);
  });

  it('reads the example of docs/payload.md', () => {
    const header = JSON.stringify({ program: '/demo/app.py', elapsed: 2, total: 2, files: [{ path: '/demo/app.py', lines: 1, columns: { line: [0, 1, 'u32'], 'time.python': [4, 1, 'f32'], text: [8, 3, 'utf8'], 'region.start': [11, 1, 'dvar'] } }] });
    const blob = base64('AQAAAAAASEJmKCkC');
    const out = new Uint8Array(((16 + header.length + 7) & ~7) + blob.length);
    out.set([0x53, 0x43, 0x4c, 0x50]);
    new DataView(out.buffer).setUint32(4, 1, true);
    new DataView(out.buffer).setUint32(8, header.length, true);
    new DataView(out.buffer).setUint32(12, blob.length, true);
    out.set(new TextEncoder().encode(header), 16);
    out.set(blob, (16 + header.length + 7) & ~7);
    const p = decodePayload(out);
    expect(p.files[0].source()).toEqual(['f()']);
    expect(value(p.files[0].lines, 'time.python', 0)).toBe(50);
    expect(p.files[0].regions()!.regionStart[0]).toBe(1);
  });

  it('takes missing parts for empty', () => {
    const p = decodePayload(encodePayload({ program: 'x.py', elapsed: 0 }));
    expect([p.files, p.frames, p.runs, p.tracks, p.insights]).toEqual([[], null, null, [], []]);
    expect(Array.from(decodePayload(encodePayload({ files: [{ path: 'a', lines: 1, columns: { line: u32([1]), text: utf8('') } }] })).files[0].source()!)).toEqual(['']);
  });

  it.each([
    ['nothing', new Uint8Array(0), /not a Scalene profile/], ['something else', new TextEncoder().encode('{"files": {}, "x": 1234}'), /not a Scalene profile/],
    ['a newer version', encodePayload(smallHeader(), 2), /newer Scalene/], ['a cut-off one', smallPayload().slice(0, 2000), /cut off/],
  ])('refuses %s with a sentence', (_, bytes, sentence) => {
    expect(() => decodePayload(bytes)).toThrow(PayloadError);
    expect(() => decodePayload(bytes)).toThrow(sentence);
  });

  it('refuses columns outside of the blob and parents behind their children', () => {
    const broken = (change: (header: any) => void) => () => { const header = smallHeader(); change(header); decodePayload(encodePayload(header)); };
    expect(broken((h) => { h.files[0].columns.line = [1 << 30, 5, 'u32']; })).toThrow(PayloadError);
    expect(broken((h) => { h.tree.columns.parent = u32([0, 3, 1, 2, 1, 4, 2]); })).toThrow(PayloadError);
  });

  it('never throws anything but sentences, wherever a payload is cut or bent', () => {
    const whole = hostilePayload();
    for (let at = 0; at < whole.length; at += 97) {
      for (const bytes of [whole.slice(0, at), whole.map((b, i) => (i === at ? b ^ 0x5a : b))]) {
        try { decodePayload(bytes); } catch (error) { expect(error).toBeInstanceOf(Error); expect((error as Error).message).not.toBe(''); }
      }
    }
  });
});
