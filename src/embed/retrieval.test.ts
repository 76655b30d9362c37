import { describe, expect, it } from 'vitest';
import { ndcg10Of, ranksOfOwn, scoresOfRanks } from './retrieval.ts';

const at = (degrees: number): Float32Array => {
  const radians = (degrees * Math.PI) / 180;
  return Float32Array.of(Math.cos(radians), Math.sin(radians));
};

const scoreVectors = async (...vectors: Parameters<typeof ranksOfOwn>) => scoresOfRanks(await ranksOfOwn(...vectors));

describe('ranks of own documents', () => {
  it('scores the place of each own document among all', async () => {
    const documents = [at(0), at(40), at(20), at(90)];
    // Nearest to the first query is its own; to the second the third, then its own.
    const { accuracy, mrr, ndcg10 } = await scoreVectors([at(5), at(25)], documents, ['a', 'b', 'c', 'd']);
    expect(accuracy).toBe(0.5);
    expect(mrr).toBeCloseTo((1 + 1 / 2) / 2, 12);
    expect(ndcg10).toBeCloseTo((1 + 1 / Math.log2(3)) / 2, 12);
  });

  it('takes lengths for nothing, and equal texts for one document', async () => {
    const far = at(10).map((value) => 100 * value);
    expect((await scoreVectors([at(0)], [at(1), far], ['a', 'b'])).accuracy).toBe(1);
    expect((await scoreVectors([at(0)], [at(9), at(1)], ['a', 'a'])).accuracy).toBe(1);
    expect((await scoreVectors([at(0)], [at(9), at(1), at(2)], ['a', 'b', 'b'])).mrr).toBe(1 / 2);
  });

  it('finds nothing by vectors that are all alike, or no numbers', async () => {
    const names = ['a', 'b', 'c', 'd'];
    for (const vector of [at(0), Float32Array.of(0, 0), Float32Array.of(Number.NaN, 1)]) {
      const alike = names.map(() => vector);
      expect(await scoreVectors(alike, alike, names)).toMatchObject({ accuracy: 0, mrr: 1 / 4 });
    }
  });

  it('counts nothing behind the tenth', () => {
    expect([1, 10, 11, 1e9].map(ndcg10Of)).toEqual([1, 1 / Math.log2(11), 0, 0]);
  });

  it('stops when it is told to', async () => {
    const many = Array.from({ length: 50 }, (_, i) => at(i));
    const controller = new AbortController();
    setImmediate(() => controller.abort(new Error('enough')));
    const ranks = ranksOfOwn(many, many, many.map(String), controller.signal);
    await expect(ranks).rejects.toThrow('enough');
  });
});
