/** Buckets of distances against those of transformers (scripts/goldens/encoder_decoders.py). */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createEncoderDecoder } from '../registry.ts';
import { relativeBucket } from './relative-buckets.ts';

const golden = new URL('../../../test/golden/encoder-decoders/', import.meta.url);

describe.each(readdirSync(golden))('%s', (name) => {
  it.each(['encoder', 'decoder'] as const)("has transformers' buckets for distances in its %s", (side) => {
    const read = (file: string) => JSON.parse(readFileSync(new URL(`${name}/${file}`, golden), 'utf8'));
    const stack = createEncoderDecoder(read('config.json'))[side];
    const expected: number[] = read('expected.json').buckets[side];
    expect(new Set(expected).size).toBeGreaterThan(6);
    expect(expected.map((_, i) => stack.bucket(i - 300))).toEqual(expected);
  });
});

describe('the usual rule', () => {
  const rule = { buckets: 32, maxDistance: 128, bidirectional: true };

  it('separates near keys, and joins far ones at borders that are powers of the root of two', () => {
    const before = (distance: number) => relativeBucket(-distance, rule);
    expect([0, 1, 7, 8, 11, 12, 15, 16, 22, 23].map(before)).toEqual([0, 1, 7, 8, 8, 9, 9, 10, 10, 11]);
    expect([127, 128, 1e6].map(before)).toEqual([15, 15, 15]);
    expect(relativeBucket(5, rule)).toBe(16 + before(5));
  });
});
