/** Blocks of code in an answer, between fences as in Markdown. */

import type { Span } from './reading.ts';

export interface CodeBlock extends Span {
  /** What follows the opening fence, in lower case: `python`, or nothing. */
  readonly language: string;
  /** False where the closing fence is missing: the block goes to the end of the text. */
  readonly isClosed: boolean;
}

const FENCE = /^[ \t]{0,3}(`{3,20}|~{3,20})[ \t]{0,3}([^\s`]{0,40})[^\n`]{0,200}$/gm;

/** The blocks in their order; `start` and `end` enclose the code without its fences. A fence is closed by one like it. */
export function codeBlocks(text: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { readonly fence: string; readonly language: string; readonly start: number } | undefined;
  for (const { index, 0: line, 1: fence, 2: language } of text.matchAll(FENCE)) {
    if (open === undefined) {
      open = { fence, language: language.toLowerCase(), start: Math.min(index + line.length + 1, text.length) };
    } else if (language === '' && fence[0] === open.fence[0] && fence.length >= open.fence.length) {
      blocks.push({ language: open.language, start: open.start, end: Math.max(open.start, index - 1), isClosed: true });
      open = undefined;
    }
  }
  if (open !== undefined)
    blocks.push({ language: open.language, start: open.start, end: text.length, isClosed: false });
  return blocks;
}
