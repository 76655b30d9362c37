import { expect, it } from 'vitest';
import { requireCacheMemory } from './cache-memory.ts';

it('refuses a cache that does not fit, in bytes of keys and values', () => {
  const sizes = { hidden: 8, intermediate: 8, layers: 3, heads: 4, vocabulary: 9, positions: 99 };
  const decoder = {
    sizes: { ...sizes, keyValueHeads: 2, headSize: 16 },
    layerKinds: [{ window: undefined }],
    kindOfLayer: [0, 0, 0],
  };
  // Keys and values in float32, for each layer, head and element.
  const bytes = 2 * 4 * 3 * 2 * 16 * (5 * 100);
  expect(() => requireCacheMemory('--n', decoder, { slots: 5, capacity: 100 }, bytes)).not.toThrow();
  expect(() => requireCacheMemory('--n', decoder, { slots: 5, capacity: 100 }, bytes - 1)).toThrow(
    /--n: found 5 sequences of up to 100 tokens, which take 375 KiB/,
  );
});
