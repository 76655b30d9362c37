import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';

/** A tokenizer for random models: each token is a letter, and none ends a text. Only what generation asks for is there. */
export function letterTokenizer(vocabSize: number): Tokenizer {
  const letters = Array.from({ length: 26 }, (_, i) => Uint8Array.of(97 + i));
  const unused = (): never => {
    throw new Error('a random model reads and writes tokens only');
  };
  return {
    kind: 'byte-level BPE',
    vocabSize,
    encode: unused,
    decode: unused,
    tokenBytes: (id) => letters[id % letters.length],
    exactBytes: true,
    idOf: unused,
    tokenOf: unused,
    bosId: undefined,
    eosId: undefined,
    padId: undefined,
    specialIds: new Set(),
    controlIds: new Set(),
    files: [],
    hash: '',
  };
}
