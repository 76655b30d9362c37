import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { syntheticTokenizer } from '../synthetic-tokenizer.ts';

/** A tokenizer for random models: each token is a letter, and none ends a text. */
export function letterTokenizer(vocabSize: number): Tokenizer {
  const letters = Array.from({ length: 26 }, (_, i) => Uint8Array.of(97 + i));
  return syntheticTokenizer(Array.from({ length: vocabSize }, (_, id) => letters[id % letters.length]));
}
