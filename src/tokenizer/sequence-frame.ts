/** The special tokens that a tokenizer puts around one sequence, such as `<s>` before or `</s>` after it. */

import type { TokenizerDefinition } from './definition.ts';
import { describe, type JsonRecord, refuse } from './json-fields.ts';

export interface SequenceFrame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Reads the post-processors; the last one's tokens are outermost. Throws an `InputError` for an unknown token. */
export function readSequenceFrame({ postProcessor, ids }: TokenizerDefinition, file: string): SequenceFrame {
  const idOf = (token: unknown): number => {
    const id = typeof token === 'string' ? ids.get(token) : undefined;
    return id ?? refuse(`${file}:post_processor`, describe(token), 'a token of the vocabulary');
  };
  let frame: SequenceFrame = { before: [], after: [] };
  for (const part of postProcessor) {
    const { before, after } = partFrame(part, idOf);
    frame = { before: [...before, ...frame.before], after: [...frame.after, ...after] };
  }
  return frame;
}

function partFrame(part: JsonRecord, idOf: (token: unknown) => number): SequenceFrame {
  if (part.type === 'BertProcessing' || part.type === 'RobertaProcessing') {
    const [cls, sep] = [part.cls, part.sep] as readonly (readonly unknown[])[];
    return { before: [idOf(cls[0])], after: [idOf(sep[0])] };
  }
  if (part.type !== 'TemplateProcessing') return { before: [], after: [] };
  const items = part.single as readonly JsonRecord[];
  const split = items.findIndex((item) => item.Sequence !== undefined);
  const special = (some: readonly JsonRecord[]): number[] =>
    some.flatMap((item) => (item.SpecialToken === undefined ? [] : [idOf((item.SpecialToken as JsonRecord).id)]));
  return split < 0
    ? { before: special(items), after: [] }
    : { before: special(items.slice(0, split)), after: special(items.slice(split)) };
}
