import { expect, it } from 'vitest';
import { spelledIds } from './spelled-ids.ts';

it.each([
  [1, 40],
  [31, 64],
  [32, 33],
  [33, 64],
  [63, 70],
])('of %i spelled ids among %i, those and no other have a bit', (spelled, vocabulary) => {
  const mask = spelledIds(spelled, vocabulary)!;
  const bits = Array.from({ length: vocabulary }, (_, id) => (mask[Math.floor(id / 32)] >>> (id % 32)) & 1);
  expect(bits).toEqual(Array.from({ length: vocabulary }, (_, id) => (id < spelled ? 1 : 0)));
});

it('there is no mask where every id is spelled', () => {
  expect(spelledIds(64, 64)).toBeUndefined();
});
