/** A row as the mean of the nearest atoms, each weighted by one over its distance. */
import { type Atoms, batchRows, normOf } from './atoms.ts';
import type { Combination } from './token-rows.ts';

/** @param rows [n, width]; the combinations have numbers of atoms as their rows. */
export async function nearestTokens(atoms: Atoms, rows: Float32Array, most: number): Promise<readonly Combination[]> {
  const { width, count, products, norms } = atoms;
  const combinations: Combination[] = [];
  const total = rows.length / width;
  for (let first = 0; first < total; first += batchRows) {
    const batch = rows.subarray(first * width, (first + batchRows) * width);
    atoms.rows.set(batch);
    await atoms.multiply();
    for (let i = 0; i < batch.length / width; i++) {
      const norm = normOf(batch.subarray(i * width, (i + 1) * width));
      const distances = Float64Array.from(norms, (length, atom) => {
        const squared = norm ** 2 + length ** 2 - 2 * length * products[i * count + atom];
        return Math.sqrt(Math.max(0, squared));
      });
      combinations.push(byDistance(distances, most));
    }
  }
  return combinations;
}

/** Distances are differences of squares in float32: nearer than this share of the farthest is the same place. */
const samePlace = 1e-3;

function byDistance(distances: Float64Array, most: number): Combination {
  const nearest = Array.from(distances.keys())
    .sort((a, b) => distances[a] - distances[b] || a - b)
    .slice(0, most);
  if (distances[nearest[0]] <= samePlace * Math.max(...nearest.map((atom) => distances[atom]))) {
    return { rows: [nearest[0]], weights: [1] };
  }
  const closeness = nearest.map((atom) => 1 / distances[atom]);
  const sum = closeness.reduce((a, b) => a + b, 0);
  return { rows: nearest, weights: closeness.map((value) => value / sum) };
}
