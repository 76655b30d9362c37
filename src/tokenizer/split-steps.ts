/**
 * The pre-tokenizers of byte-level vocabularies as regular expressions: how text falls into words before byte pair
 * encoding looks inside them.
 */

import { SplitPreTokenizer } from './hugging-face-library.ts';
import type { JsonRecord } from './json-fields.ts';

/** One regular expression, compiled twice: to match right here, and to find the next match. */
export interface SplitStep {
  readonly here: RegExp;
  readonly next: RegExp;
}

/**
 * GPT-2's words. Whitespace is Unicode's White_Space as in the Rust and Python implementations; JavaScript's `\s`
 * differs in U+0085 and U+FEFF.
 */
const GPT2_PATTERN =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** The steps of a pre-tokenizer that ends in ByteLevel; undefined when it has a part that is not expressed here. */
export function splitSteps(preTokenizer: readonly JsonRecord[]): readonly SplitStep[] | undefined {
  const last = preTokenizer.at(-1);
  // A prefix space is added unless the file says otherwise.
  if (last?.type !== 'ByteLevel' || last.add_prefix_space !== false) return undefined;
  const steps: SplitStep[] = [];
  for (const part of preTokenizer.slice(0, -1)) {
    const pattern = isolatedPattern(part);
    if (pattern === undefined) return undefined;
    steps.push(compile(pattern));
  }
  if (last.use_regex !== false) steps.push(compile(GPT2_PATTERN));
  return steps;
}

const compile = (pattern: RegExp): SplitStep => ({
  here: new RegExp(pattern.source, 'uy'),
  next: new RegExp(pattern.source, 'gu'),
});

function isolatedPattern(part: JsonRecord): RegExp | undefined {
  if (part.type !== 'Split' || part.behavior !== 'Isolated' || part.invert === true) return undefined;
  // The library translates Oniguruma's syntax into JavaScript's.
  const { pattern } = new SplitPreTokenizer({ ...part, invert: false });
  return pattern ?? undefined;
}

/** Calls `onWord` for the words of `text` in order: the matches of each step, and what lies between them. */
export function splitWords(text: string, steps: readonly SplitStep[], onWord: (word: string) => void, from = 0): void {
  if (from === steps.length) {
    if (text !== '') onWord(text);
    return;
  }
  const { here, next } = steps[from];
  const pass = from + 1 === steps.length ? onWord : (piece: string) => splitWords(piece, steps, onWord, from + 1);
  let start = 0;
  let search = 0;
  while (search < text.length) {
    // Good patterns cover all text, so that a match mostly begins where the last one ended. `test` allocates nothing.
    here.lastIndex = search;
    if (start === search && here.test(text) && here.lastIndex > start) {
      search = here.lastIndex;
      pass(text.slice(start, search));
      start = search;
      continue;
    }
    next.lastIndex = search;
    const match = next.exec(text);
    if (match === null) break;
    if (start < match.index) pass(text.slice(start, match.index));
    start = match.index + match[0].length;
    if (match[0] !== '') pass(match[0]);
    search = match[0] !== '' ? start : start + (text.codePointAt(start)! > 0xffff ? 2 : 1);
  }
  if (start < text.length) pass(text.slice(start));
}
