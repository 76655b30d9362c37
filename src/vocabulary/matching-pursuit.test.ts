import { afterAll, describe, expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import { createAtoms } from './atoms.ts';
import { matchingPursuit } from './matching-pursuit.ts';
import { nearestTokens } from './nearest-tokens.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const width = 8;

function randomRows(count: number, seed: number): Float32Array {
  const random = stream(seed, 'rows');
  return Float32Array.from({ length: count * width }, () => random.normal());
}

/** Sum of the atoms of a combination. */
function sumOf(
  atoms: Float32Array,
  { rows, weights }: { rows: readonly number[]; weights: readonly number[] },
): number[] {
  return Array.from({ length: width }, (_, column) =>
    rows.reduce((sum, atom, i) => sum + weights[i] * atoms[atom * width + column], 0),
  );
}

async function pursue(values: Float32Array, rows: Float32Array, most: number) {
  const atoms = createAtoms(engine, values, width);
  const combinations = await matchingPursuit(atoms, rows, most);
  atoms.release();
  return combinations;
}

describe('matchingPursuit', () => {
  it('finds the atoms and weights that a row was made of', async () => {
    // Axes, made long and short: what joins must not depend on it.
    const values = new Float32Array(width * width);
    for (let i = 0; i < width; i++) values[i * width + i] = 10 ** (i % 3);
    const row = Float32Array.from([0, 3, 0, 0, -20, 0, 0.5, 0]);
    const [{ rows, weights }] = await pursue(values, row, 5);
    expect(rows).toEqual([4, 1, 6]);
    [-2, 0.3, 0.5].forEach((weight, i) => {
      expect(weights[i]).toBeCloseTo(weight, 6);
    });
  });

  it('prefers a direction to a long atom', async () => {
    const long = [100, 100, 0, 0, 0, 0, 0, 0];
    const exact = [1, 0, 0, 0, 0, 0, 0, 0];
    const [{ rows }] = await pursue(
      Float32Array.from([...long, ...exact]),
      Float32Array.from([2, 0, 0, 0, 0, 0, 0, 0]),
      1,
    );
    expect(rows).toEqual([1]);
  });

  it('says any row exactly with as many independent atoms as there are columns', async () => {
    const [values, rows] = [randomRows(30, 1), randomRows(100, 2)];
    for (const [i, combination] of (await pursue(values, rows, 64)).entries()) {
      expect(combination.rows.length).toBeLessThanOrEqual(width);
      expect(new Set(combination.rows).size).toBe(combination.rows.length);
      sumOf(values, combination).forEach((value, column) => {
        expect(value).toBeCloseTo(rows[i * width + column], 4);
      });
    }
  });

  it('solves for the weights of all: what is left is at right angles to every atom that joined', async () => {
    const [values, rows] = [randomRows(30, 3), randomRows(5, 4)];
    for (const [i, combination] of (await pursue(values, rows, 3)).entries()) {
      const said = sumOf(values, combination);
      expect(combination.rows).toHaveLength(3);
      for (const atom of combination.rows) {
        const product = said.reduce(
          (sum, value, column) => sum + (rows[i * width + column] - value) * values[atom * width + column],
          0,
        );
        expect(Math.abs(product)).toBeLessThan(1e-5);
      }
    }
  });

  it('stands rows and atoms of zeros, and an atom twice', async () => {
    const values = new Float32Array(3 * width);
    values.set([1, 1], width);
    values.set([1, 1], 2 * width);
    const [nothing, twice, other] = await pursue(
      values,
      Float32Array.from([...Array(8).fill(0), 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0]),
      8,
    );
    expect(nothing).toEqual({ rows: [], weights: [] });
    expect(twice.rows).toEqual([1]);
    expect(twice.weights[0]).toBeCloseTo(2, 6);
    expect(sumOf(values, other).every((value) => Math.abs(value) < 1e-6)).toBe(true);
  });
});

describe('nearestTokens', () => {
  it('weighs the nearest by one over their distance', async () => {
    const values = new Float32Array(4 * width);
    // At 1, 3, 5 and 100 on the first axis; the row at 2 is as far from the first as from the second.
    [1, 3, 5, 100].forEach((value, atom) => {
      values[atom * width] = value;
    });
    const atoms = createAtoms(engine, values, width);
    const row = new Float32Array(2 * width);
    row[0] = 2;
    row[width] = 3;
    const [between, same] = await nearestTokens(atoms, row, 3);
    atoms.release();
    expect(between.rows).toEqual([0, 1, 2]);
    [3 / 7, 3 / 7, 1 / 7].forEach((weight, i) => {
      expect(between.weights[i]).toBeCloseTo(weight, 5);
    });
    expect(same).toEqual({ rows: [1], weights: [1] });
  });
});
