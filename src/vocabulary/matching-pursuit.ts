/**
 * Orthogonal matching pursuit (Pati, Rezaiifar and Krishnaprasad 1993): a row as a sum of few atoms. Again and again the atom
 * whose direction is nearest to what is left joins, and the weights of all that have joined are solved for anew.
 *
 * Directions are compared at norm 1: else long atoms, which frequent tokens have, would join whatever they point to.
 */
import { type Atoms, batchRows, normOf } from './atoms.ts';
import type { Combination } from './token-rows.ts';

/** What is left of a row, and of an atom beside those that joined, counts as nothing below this share. */
const tolerance = 1e-6;

/** @param rows [n, width]; the combinations have numbers of atoms as their rows. */
export async function matchingPursuit(atoms: Atoms, rows: Float32Array, most: number): Promise<readonly Combination[]> {
  const { width, count, products } = atoms;
  const pursuits = Array.from({ length: rows.length / width }, (_, i) => {
    return startPursuit(atoms, rows.subarray(i * width, (i + 1) * width));
  });
  for (let first = 0; first < pursuits.length; first += batchRows) {
    const batch = pursuits.slice(first, first + batchRows);
    for (let step = 0; step < Math.min(most, count) && batch.some(({ isDone }) => !isDone()); step++) {
      for (const [i, { residual }] of batch.entries()) atoms.rows.set(residual, i * width);
      await atoms.multiply();
      for (const [i, pursuit] of batch.entries()) pursuit.join(products.subarray(i * count, (i + 1) * count));
    }
  }
  return pursuits.map(({ solve }) => solve());
}

interface Pursuit {
  readonly residual: Float64Array;
  isDone(): boolean;
  /** Takes the next atom, by the products of the residual with all of them. */
  join(products: Float32Array): void;
  solve(): Combination;
}

/** Keeps a QR decomposition of the atoms that have joined: their directions made orthogonal, and what that took. */
function startPursuit({ values, norms, width }: Atoms, row: Float32Array): Pursuit {
  const residual = Float64Array.from(row);
  const enough = tolerance * normOf(row);
  const joined: number[] = [];
  const basis: Float64Array[] = [];
  /** Column by column: products of an atom with the basis before it, then its own length. */
  const triangle: number[][] = [];
  const along: number[] = [];
  let isDone = !(enough > 0);

  function join(products: Float32Array): void {
    if (isDone) return;
    let best = -1;
    for (let atom = 0; atom < products.length; atom++) {
      if (best >= 0 && Math.abs(products[atom]) <= Math.abs(products[best])) continue;
      if (!joined.includes(atom)) best = atom;
    }
    const direction = Float64Array.from(values.subarray(best * width, (best + 1) * width));
    const column = basis.map(() => 0);
    // Once is not enough where an atom lies almost among the others.
    for (let pass = 0; pass < 2; pass++) {
      for (const [i, axis] of basis.entries()) {
        const part = dot(axis, direction);
        column[i] += part;
        subtract(direction, axis, part);
      }
    }
    const length = normOf(direction);
    isDone = !(length > tolerance * norms[best]);
    if (isDone) return;
    for (let i = 0; i < width; i++) direction[i] /= length;
    const part = dot(direction, residual);
    subtract(residual, direction, part);
    joined.push(best);
    basis.push(direction);
    triangle.push([...column, length]);
    along.push(part);
    isDone = normOf(residual) <= enough;
  }

  function solve(): Combination {
    const weights = [...along];
    for (let i = weights.length - 1; i >= 0; i--) {
      for (let later = i + 1; later < weights.length; later++) weights[i] -= triangle[later][i] * weights[later];
      weights[i] /= triangle[i][i];
    }
    return { rows: joined, weights };
  }

  return { residual, isDone: () => isDone, join, solve };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function subtract(from: Float64Array, direction: Float64Array, amount: number): void {
  for (let i = 0; i < from.length; i++) from[i] -= amount * direction[i];
}
