import { expect, it } from 'vitest';
import { ndcg10Of, scoresOfRanks } from './retrieval.ts';

it('scores ranks, and counts nothing behind the tenth', () => {
  const { accuracy, ndcg10, mrr } = scoresOfRanks([1, 2, 20]);
  expect(accuracy).toBeCloseTo(1 / 3, 12);
  expect(ndcg10).toBeCloseTo((1 + 1 / Math.log2(3)) / 3, 12);
  expect(mrr).toBeCloseTo((1 + 1 / 2 + 1 / 20) / 3, 12);
  expect([1, 10, 11, 1e9].map(ndcg10Of)).toEqual([1, 1 / Math.log2(11), 0, 0]);
});
