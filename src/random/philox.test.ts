import { describe, expect, it } from 'vitest';
import { philox4x32 } from './philox.ts';

/** Known answers of Random123 (`kat_vectors`, philox4x32 with 10 rounds): counter, key, output. */
const KNOWN = [
  {
    counter: [0, 0, 0, 0],
    key: [0, 0],
    output: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    output: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    output: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
] as const;

/** The same ten rounds in 64-bit integers, as the paper writes them. */
function reference(counter: readonly number[], key: readonly number[]): number[] {
  const mask = 0xffffffffn;
  let [c0, c1, c2, c3] = counter.map(BigInt);
  let [k0, k1] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * c0;
    const p1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & mask, (p0 >> 32n) ^ c3 ^ k1, p0 & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [c0, c1, c2, c3].map(Number);
}

function block(counter: readonly number[], key: readonly number[]): number[] {
  const out = new Uint32Array(4);
  philox4x32(counter[0], counter[1], counter[2], counter[3], key[0], key[1], out);
  return [...out];
}

describe('philox4x32', () => {
  it.each(KNOWN)('gives the published words for counter $counter', ({ counter, key, output }) => {
    expect(block(counter, key)).toEqual([...output]);
  });

  it('equals 64-bit arithmetic on many counters', () => {
    for (let i = 0; i < 2000; i++) {
      const mixed = block([i, 1, 2, 3], [4, 5]);
      const key = [mixed[1], mixed[3]];
      expect(block(mixed, key)).toEqual(reference(mixed, key));
    }
  });
});
