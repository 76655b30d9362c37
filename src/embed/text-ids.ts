/** Token ids of a text as an embedding model reads it: framed, and cut to what the model has room for. */
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

export interface TextIds {
  readonly ids: Int32Array;
  /** Whether the end of the text is missing. */
  readonly isCut: boolean;
}

/** Cuts the end of the text, not the tokens around it. */
export function textIds(tokenizer: Tokenizer, text: string, maxLength: number): TextIds {
  const framed = tokenizer.encode(text);
  if (framed.length <= maxLength) return { ids: framed, isCut: false };
  const plain = tokenizer.encode(text, { addSpecialTokens: false });
  const frame = framed.length - plain.length;
  const before = beginningOf(framed, plain);
  const ids = Int32Array.from([
    ...framed.subarray(0, before),
    ...plain.subarray(0, maxLength - frame),
    ...framed.subarray(before + plain.length),
  ]);
  return { ids, isCut: true };
}

/** Where the tokens of the text begin among those around it. */
function beginningOf(framed: Int32Array, plain: Int32Array): number {
  let start = 0;
  while (!plain.every((id, i) => framed[start + i] === id)) start++;
  return start;
}
