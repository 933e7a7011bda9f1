// Source text of a line, coloured by its words alone.
import { indentOf, statesOf, tokens } from '../model/python-source';
import type { FileData } from '../model/profile';

/** `dedent`: columns left out at the front, for bodies of methods. */
export function Source({ file, line, dedent = 0 }: { file: FileData; line: number; dedent?: number }) {
  const source = file.source();
  if (!source) return <span class="src dim">source not included</span>;
  const text = source[line - 1] ?? '';
  const { tokens: parts } = tokens(text, statesOf(source)[line - 1]);
  let cut = Math.min(dedent, indentOf(text));
  return (
    <span class="src">
      {parts.map(({ text: each, kind }, i) => {
        if (cut > 0) {
          const blank = /^[ \t]*/.exec(each)![0];
          if (!blank.includes('\t')) { const take = Math.min(cut, blank.length); cut -= take; each = each.slice(take); }
          else cut = 0;
        }
        return kind ? <span key={i} class={`w-${kind}`}>{each}</span> : each;
      })}
    </span>
  );
}

export const lineText = (file: FileData, line: number): string => (file.source()?.[line - 1] ?? '').trim();
