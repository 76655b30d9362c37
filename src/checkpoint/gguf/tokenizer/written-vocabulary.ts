/** What each kind of vocabulary becomes in a GGUF file. */
import { UsageError } from '../../../errors.ts';
import type { TypedValue } from '../write.ts';

export interface WrittenVocabulary {
  /** `tokenizer.ggml.model` */
  readonly model: 'gpt2' | 'bert' | 't5' | 'llama';
  /** By id, as the file spells them. */
  readonly tokens: readonly string[];
  /** The token that stands for what no other can spell. */
  readonly unknownId?: number;
  /** Types of tokens that are not control tokens; without them, what was added is `userDefined` and the rest normal. */
  readonly types?: readonly number[];
  /** Log-probability of each token, or how early it is joined. */
  readonly scores?: readonly number[];
  readonly metadata: Readonly<Record<string, TypedValue>>;
  /** What a GGUF file cannot say. */
  readonly notes: readonly string[];
}

/** The error for a tokenizer that has no form there. */
export function otherTokens(part: string, found: string, expected: string): UsageError {
  const fix = 'llama.cpp would make other tokens of a text. Export the model as a Hugging Face folder.';
  return new UsageError({ field: `tokenizer.json:${part}`, found, expected, fix });
}
