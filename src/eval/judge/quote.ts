/**
 * Text of others inside a judge's prompt, so that it stays data. Four layers, each enough against most attacks: lines that
 * say where it begins and ends carry a code that it cannot know; every line of it begins with a bar, so that none looks
 * like such a line, a role or a verdict; nothing in it is invisible; and what could be read as a control token or as a
 * verdict is spelt otherwise.
 */
import { createHash } from 'node:crypto';
import { stream } from '../../random/stream.ts';
import { wellFormed } from '../../tokenizer/well-formed.ts';

/**
 * 128 bits for the lines around quoted texts. They depend on the texts, so that one who knows the seed and this code still
 * cannot write a text that holds its own code.
 * @param labels what tells requests about the same texts apart
 */
export function delimiterCode(seed: number, texts: readonly string[], labels: readonly (string | number)[]): string {
  const digest = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  const random = stream(seed, 'judge-delimiter', digest, ...labels);
  return Array.from({ length: 4 }, () => random.uint32().toString(16).padStart(8, '0')).join('');
}

export interface QuoteOptions {
  /** In capitals: what it is. */
  readonly title: string;
  readonly code: string;
  /** UTF-16 units, at least 2; of longer texts the middle is left out. */
  readonly maximumCharacters: number;
}

/** A block of lines, without a line feed at its end. */
export function quote(text: string, { title, code, maximumCharacters }: QuoteOptions): string {
  const [head, tail] = cut(text, maximumCharacters);
  const lines = [...quotedLines(head)];
  if (tail !== undefined) {
    // The only line of a block without a bar: it is ours.
    lines.push(`[${text.length - maximumCharacters} characters left out here]`, ...quotedLines(tail));
  }
  return [`===== BEGIN ${title} ${code} =====`, ...lines, `===== END ${title} ${code} =====`].join('\n');
}

/** Beginning and end, where conclusions stand; the end is undefined where nothing is left out. */
function cut(text: string, maximumCharacters: number): readonly [string, string | undefined] {
  if (text.length <= maximumCharacters) return [text, undefined];
  const half = Math.floor(maximumCharacters / 2);
  return [text.slice(0, maximumCharacters - half), text.slice(text.length - half)];
}

function quotedLines(text: string): string[] {
  return neutralize(text)
    .split('\n')
    .map((line) => `| ${line}`);
}

/** Everything that a reader or a tokenizer may take for the end of a line. */
const lineEnds = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;

/** Controls, and characters without a shape: zero-width, directional, tags, fillers, variation selectors. */
const invisible = /(?![\n\t])\p{Cc}|\p{Cf}|\p{Default_Ignorable_Code_Point}/gu;

/** `<|im_start|>`, `<s>`, `</think>`, `<<SYS>>`, and the same with full-width bars. */
const tagStart = /<(?=[|｜/!?_<\p{L}])/gu;
const tagEnd = /(?<=[|｜])>/g;
/** `[INST]`, `[/INST]`, `[SYSTEM_PROMPT]`. */
const bracketTag = /\[(?=\/?[A-Z][A-Z_]+\])/g;

/** Invisible characters go first: what they were put between may be a token without them. */
function neutralize(text: string): string {
  return wellFormed(text)
    .replace(lineEnds, '\n')
    .replace(invisible, '')
    .replace(tagStart, '‹')
    .replace(tagEnd, '›')
    .replace(bracketTag, '⟦')
    .replace(/(ver)(dict)/gi, '$1-$2');
}
