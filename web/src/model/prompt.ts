// The prompt for a proposal: a template with named fields, filled from the profile. A number that is not known is left out.
import { percent, size } from './format';
import { functionAt, rowOfLine, value, valueOf, type FileData, type Profile } from './profile';

export type Goal = 'speed' | 'memory';

export function promptFor(p: Profile, file: FileData, start: number, end: number, goal: Goal, gpu: boolean): string {
  const source = file.source();
  const owner = functionAt(file, start);
  const lines: string[] = [];
  lines.push(goal === 'speed' ? 'Goal: make the region below faster. Keep its results the same.' : 'Goal: make the region below use less memory. Keep its results the same.');
  lines.push(`Region: ${file.name}, ${start === end ? `line ${start}` : `lines ${start} to ${end}`}${owner >= 0 ? `, in ${file.functions.name[owner]}` : ''}.`);
  const facts = regionFacts(p, file, start, end);
  if (facts.length) lines.push('Profile of the region:', ...facts.map((fact) => `  ${fact}`));
  lines.push(gpu ? 'A GPU may be used.' : 'Do not use a GPU.');
  if (p.python) lines.push(`Python ${p.python}.`);
  if (file.imports.length) lines.push('Native modules imported in this file:', ...file.imports.map((each) => `  ${each}`));
  if (source) {
    const from = Math.max(1, start - 15), to = Math.min(source.length, end + 15);
    lines.push('', 'Source, each line with its share of the program\'s time; > marks the region:', '');
    for (let line = from; line <= to; line++) {
      const row = rowOfLine(file.lines, line);
      const share = row >= 0 ? percent(valueOf(file.lines, 'time', row)) : '';
      lines.push(`${line >= start && line <= end ? '>' : ' '} ${String(line).padStart(5)} ${(share && `${share}%`).padStart(7)}  ${source[line - 1]}`);
    }
  }
  lines.push('', 'Answer with a unified diff of the region in a ```diff block, and one sentence that says why it is better.');
  return lines.join('\n').replace(/\u202f/g, ' ');
}

function regionFacts(p: Profile, file: FileData, start: number, end: number): string[] {
  let python = 0, native = 0, system = 0, allocated = 0, copied = 0, gpu = 0, peak = 0, cores = 0, cpuRows = 0;
  for (let line = start; line <= end; line++) {
    const row = rowOfLine(file.lines, line);
    if (row < 0) continue;
    const at = (id: string) => value(file.lines, id, row);
    python += at('time.python'); native += at('time.native'); system += at('time.system');
    allocated += at('memory'); copied += at('copy'); gpu = Math.max(gpu, at('gpu')); peak = Math.max(peak, at('memory.peak'));
    if (at('cores') > 0) { cores += at('cores'); cpuRows++; }
  }
  const out: string[] = [];
  const time = python + native + system;
  if (time >= 0.05) out.push(`${percent(time)} % of the program's time: ${percent(python) || '0'} Python, ${percent(native) || '0'} native, ${percent(system) || '0'} system and waiting.`);
  if (cpuRows) out.push(`${percent((cores / cpuRows) * 100) || '0'} % of the usable CPUs busy meanwhile.`);
  if (allocated >= 0.5) out.push(`${size(allocated)} allocated, peak of a line ${size(peak) || '0 MB'}; the program's peak is ${size(p.peak)}.`);
  if (copied >= 0.5) out.push(`${copied.toFixed(0)} MB/s copied.`);
  if (gpu >= 1) out.push(`${percent(gpu)} % GPU utilisation.`);
  return out;
}
