import { describe, expect, it } from 'vitest';
import { Candidates } from './candidates.ts';
import { LogitsRow } from './logits-row.ts';

const none = { topK: 0, topP: 1, minP: 0 };

describe('Candidates', () => {
  const values = new Float32Array(1000).fill(-3);
  for (const id of [3, 4, 700, 701]) values[id] = 2;
  const row = new LogitsRow(1000);
  row.view(values);
  const candidates = new Candidates(1000);

  it.each([
    ['top-k', { ...none, topK: 4 }],
    ['top-p', { ...none, topP: 4 / row.weightSum() - 1e-9 }],
    ['min-p', { ...none, minP: 0.5 }],
    ['all', { topK: 500, topP: 0.5, minP: 0.9 }],
  ])('shares of [0, 1) go to what %s leaves, in proportion and by ascending id', (_, filters) => {
    const shares = [0, 0.249, 0.25, 0.499, 0.5, 0.749, 0.75, 1 - 2 ** -53];
    expect(shares.map((share) => candidates.draw(row, filters, 1, share))).toEqual([3, 3, 4, 4, 700, 700, 701, 701]);
  });

  it('lists the likeliest, ties by ascending id', () => {
    expect(candidates.likeliest(row, 6)).toEqual([3, 4, 700, 701, 0, 1]);
    expect(candidates.likeliest(row, 0)).toEqual([]);
    expect(candidates.likeliest(row, 1000)).toHaveLength(1000);
  });
});
