import type { Tokenizer } from '../src/tokenizer/tokenizer.ts';

/** A tokenizer of nothing but tokens, none of them special. It spells a text byte by byte, with tokens of one byte. */
export function syntheticTokenizer(tokens: readonly Uint8Array[]): Tokenizer {
  const idOfByte = new Map(tokens.flatMap((bytes, id) => (bytes.length === 1 ? [[bytes[0], id]] : [])));
  const spell = (byte: number): number => {
    const id = idOfByte.get(byte);
    if (id === undefined) throw new Error(`no token is the byte ${byte}`);
    return id;
  };
  return {
    kind: 'byte-level BPE',
    vocabSize: tokens.length,
    encode: (text) => Int32Array.from(Buffer.from(text), spell),
    decode: (ids) => Buffer.concat(Array.from(ids, (id) => tokens[id])).toString(),
    tokenBytes: (id) => tokens[id],
    exactBytes: true,
    idOf: () => undefined,
    tokenOf: (id) => Buffer.from(tokens[id]).toString('latin1'),
    bosId: undefined,
    eosId: undefined,
    padId: undefined,
    specialIds: new Set(),
    controlIds: new Set(),
    files: [],
    hash: '',
  };
}
