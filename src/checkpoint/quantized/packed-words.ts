/** Unsigned integers of 4 or 8 bits in 32-bit words, the first one in the lowest bits. */

/** Those of the supported forms; a whole number of them fits into a word. */
export type PackedBits = 4 | 8;

export const perWord = (bits: PackedBits): number => 32 / bits;

/** The words of little-endian bytes, whatever their alignment. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** All integers of some words, in their order. */
export function unpackWords(words: Uint32Array, bits: PackedBits): Float32Array {
  const count = perWord(bits);
  const mask = 2 ** bits - 1;
  const values = new Float32Array(words.length * count);
  for (let word = 0; word < words.length; word++) {
    for (let i = 0; i < count; i++) values[word * count + i] = (words[word] >>> (bits * i)) & mask;
  }
  return values;
}
