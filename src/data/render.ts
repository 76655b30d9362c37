/** Inspections as text for people: a bar chart of lengths, and a packed row with its segments and what of it is learnt. */

import { type HistogramBin, rowSegments } from './inspect.ts';
import { IGNORED, type PackedBatch } from './packed-batch.ts';

const RESET = '\x1b[0m';
const GREEN = '\x1b[32m';
const DIM = '\x1b[2m';
const BOLD = '\x1b[1m';

/** One line a bin: `   128-255     1,024  ########`. */
export function renderHistogram(
  bins: readonly HistogramBin[],
  { width = 40 }: { readonly width?: number } = {},
): string {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const lines = bins.map(({ from, to, count }) => {
    const range = to - from === 1 ? group(from) : `${group(from)}-${group(to - 1)}`;
    // Any document shows: a bar is empty only where the bin is.
    const bar = '#'.repeat(Math.ceil((count / most) * width));
    return { range, count: group(count), bar };
  });
  const rangeWidth = Math.max(0, ...lines.map(({ range }) => range.length));
  const countWidth = Math.max(0, ...lines.map(({ count }) => count.length));
  return lines
    .map(({ range, count, bar }) => `${range.padStart(rangeWidth)}  ${count.padStart(countWidth)}  ${bar}`.trimEnd())
    .join('\n');
}

export interface RenderRowOptions {
  /** Text of some ids; called with runs of tokens, since one token alone may be part of a character. */
  readonly decode: (ids: number[]) => string;
  /** Green for what is learnt and dim for context; without colour, context stands in `[- -]`. */
  readonly color: boolean;
}

/**
 * A packed row, one segment after another:
 *
 *     segment 1: 6 tokens, 5 trained
 *     [-Net-] sales rose.<|end|>
 *     padding: 2
 *
 * A token counts as trained if it is a target, so the first of a segment never is. Control characters are shown escaped.
 */
export function renderRow(batch: PackedBatch, row: number, { decode, color }: RenderRowOptions): string {
  if (!(row >= 0 && row < batch.rows)) throw new Error(`row ${row} of a batch of ${batch.rows}`);
  const lines: string[] = [];
  let used = 0;
  for (const { segment, start, end } of rowSegments(batch, row)) {
    const trained = (at: number) => at > start && batch.labels[at - 1] !== IGNORED;
    let count = 0;
    let text = '';
    for (let from = start; from < end; ) {
      let to = from + 1;
      while (to < end && trained(to) === trained(from)) to++;
      if (trained(from)) count += to - from;
      const run = visible(decode(Array.from(batch.ids.subarray(from, to))));
      text += mark(run, trained(from), color);
      from = to;
    }
    const title = `segment ${segment}: ${group(end - start)} tokens, ${group(count)} trained`;
    lines.push(color ? `${BOLD}${title}${RESET}` : title, text);
    used += end - start;
  }
  if (used < batch.length) lines.push(`padding: ${group(batch.length - used)}`);
  return lines.join('\n');
}

function mark(text: string, trained: boolean, color: boolean): string {
  if (color) return `${trained ? GREEN : DIM}${text}${RESET}`;
  return trained ? text : `[-${text}-]`;
}

/** Documents are strangers' text: what would move the cursor, recolour the terminal or turn the writing round is escaped. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${character.codePointAt(0)?.toString(16)}}`;
  });
}

function group(n: number): string {
  return n.toLocaleString('en-US');
}
