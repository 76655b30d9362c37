import { expect, it } from 'vitest';
import { batchesByLength, shapeOfTexts } from './length-classes.ts';

const lengths = Array.from({ length: 700 }, (_, i) => 1 + ((i * 37) % 600));

it('puts every text into one batch, in a row that it fits and fills by more than two thirds', () => {
  const batches = batchesByLength(lengths);
  expect(batches.flatMap(({ members }) => members).sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
  for (const { rows, length, members } of batches) {
    expect(members.length).toBeLessThanOrEqual(rows);
    for (const i of members) {
      expect(lengths[i]).toBeLessThanOrEqual(length);
      if (length > 8) expect(lengths[i]).toBeGreaterThan((2 / 3) * length);
    }
  }
});

it('has few shapes, none of which is larger than a batch may be', () => {
  const batches = batchesByLength(lengths);
  const shapes = new Set(batches.map(({ rows, length }) => `${rows}x${length}`));
  expect(shapes.size).toBeLessThanOrEqual(14);
  for (const { rows, length } of batches) expect(rows * length).toBeLessThanOrEqual(2048);
  expect(batchesByLength([9])).toEqual([{ rows: 1, length: 12, members: [0] }]);
  expect(batchesByLength([])).toEqual([]);
});

it.each([
  [3, 5],
  [13, 8],
  [16, 300],
  [4000, 2],
])('says the shape of texts of %i tokens, %i of them, without a list', (tokens, texts) => {
  for (const { rows, length } of batchesByLength(new Array(texts).fill(tokens))) {
    expect(shapeOfTexts(tokens, texts)).toEqual({ rows, length });
  }
});
