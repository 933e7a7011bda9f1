// How the own time of a Python frame divides into Python, native and system. Stacks without native frames don't say; the
// frame's line does.
import { FrameKind, rowOfLine, value, valueOf, type Profile } from './profile';

export interface OwnSplit { native: Float32Array; system: Float32Array } // shares of a node's own time

const known = new WeakMap<Profile, OwnSplit | null>();

export function ownSplit(p: Profile): OwnSplit | null {
  let split = known.get(p);
  if (split === undefined) known.set(p, (split = makeSplit(p)));
  return split;
}

function makeSplit(p: Profile): OwnSplit | null {
  const tree = p.frames;
  if (!tree || tree.kind.includes(FrameKind.Native)) return null;
  const files = new Map(p.files.map((file) => [tree.strings.indexOf(file.path), file]));
  const split = { native: new Float32Array(tree.count), system: new Float32Array(tree.count) };
  for (let i = 1; i < tree.count; i++) {
    const rows = files.get(tree.file[i])?.lines;
    const row = rows && tree.kind[i] === FrameKind.Python ? rowOfLine(rows, tree.line[i]) : -1;
    const time = row < 0 ? 0 : valueOf(rows!, 'time', row);
    if (time <= 0) continue;
    split.native[i] = value(rows!, 'time.native', row) / time;
    split.system[i] = value(rows!, 'time.system', row) / time;
  }
  return split;
}
