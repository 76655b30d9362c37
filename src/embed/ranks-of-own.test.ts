import { afterAll, describe, expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import { ranksOfOwn, type UnitVectors } from './ranks-of-own.ts';
import { dot, normalizeVector } from './vectors.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const unit = (vectors: readonly Float32Array[]): UnitVectors => {
  const width = vectors[0].length;
  const values = new Float32Array(vectors.length * width);
  for (const [i, vector] of vectors.entries()) values.set(normalizeVector(vector.slice()), i * width);
  return { width, values };
};

const ranks = (queries: readonly Float32Array[], documents: readonly Float32Array[], own = queries.map((_, i) => i)) =>
  ranksOfOwn(unit(queries), unit(documents), own, { engine });

/** The definition, pair by pair. */
function slowRanks(queries: UnitVectors, documents: UnitVectors, own: readonly number[]): number[] {
  const row = ({ values, width }: UnitVectors, i: number) => values.subarray(i * width, (i + 1) * width);
  const count = documents.values.length / documents.width;
  return own.map((mine, i) => {
    const limit = dot(row(queries, i), row(documents, mine));
    let rank = 1;
    for (let j = 0; j < count; j++) {
      if (j !== mine && !(dot(row(queries, i), row(documents, j)) < limit)) rank++;
    }
    return rank;
  });
}

const at = (degrees: number): Float32Array => {
  const radians = (degrees * Math.PI) / 180;
  return Float32Array.of(Math.cos(radians), Math.sin(radians));
};

describe('ranks of own documents', () => {
  it('are the places by cosine, whatever the lengths', async () => {
    const documents = [at(0), at(40), at(20).map((value) => 100 * value), at(90)];
    // Nearest to the first query is its own; to the second the third, then its own.
    expect(await ranks([at(5), at(25)], documents)).toEqual([1, 2]);
    expect(await ranks([at(5), at(25)], documents, [3, 2])).toEqual([4, 1]);
  });

  it('find nothing by vectors that are all alike, or no numbers', async () => {
    for (const vector of [at(0), Float32Array.of(0, 0), Float32Array.of(Number.NaN, 1)]) {
      const alike = [vector, vector, vector, vector];
      expect(await ranks(alike, alike)).toEqual([4, 4, 4, 4]);
    }
  });

  it('are exact across blocks, for near and equal vectors too', { timeout: 60_000 }, async () => {
    const width = 12;
    const draws = stream(7, 'ranks');
    const vector = () => Float32Array.from({ length: width }, () => draws.normal());
    const documents = Array.from({ length: 4500 }, vector);
    // Some are each other's neighbours by less than float32 tells of a sum, some are equal, one is nothing.
    for (let i = 0; i < 4500; i += 5) documents[i + 1] = documents[i].map((x) => x * (1 + 1e-7 * draws.normal()));
    for (let i = 0; i < 4500; i += 50) documents[i + 2] = documents[i];
    documents[9] = new Float32Array(width);
    documents[19] = new Float32Array(width).fill(Number.NaN);
    const own = Array.from({ length: 1100 }, (_, i) => (4 * i) % 4500);
    const queries = own.map((i) => documents[i].map((x) => x + draws.normal()));
    const [q, d] = [unit(queries), unit(documents)];
    const expected = slowRanks(q, d, own);
    expect(new Set(expected).size).toBeGreaterThan(200);
    const done: number[] = [];
    expect(await ranksOfOwn(q, d, own, { engine, onProgress: (queries) => done.push(queries) })).toEqual(expected);
    expect(done).toEqual([512, 1024, 1100]);
  });

  it('stop when they are told to', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => at(i));
    const controller = new AbortController();
    setImmediate(() => controller.abort(new Error('enough')));
    const found = ranksOfOwn(unit(many), unit(many), [...many.keys()], { engine, signal: controller.signal });
    await expect(found).rejects.toThrow('enough');
  });
});
