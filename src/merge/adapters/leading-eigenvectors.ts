/**
 * The leading eigenvectors of a symmetric matrix, of which many are wanted: reflections to a tridiagonal matrix (Householder
 * 1958), implicit QL steps for that (Dubrulle, Martin and Wilkinson 1968), and the reflections back for the vectors that are
 * wanted. Vectors are rows here, so that every inner loop goes along memory; it can be ended within a fraction of a second.
 */
import type { Dense } from '../diagnostics/dense.ts';
import type { Pause } from './matrix-products.ts';

/** Multiplications between two pauses. */
const turn = 2 ** 26;

/** QL steps for one eigenvalue, of which two are usual. */
const mostSteps = 100;

/**
 * @param matrix n x n, overwritten
 * @returns [n, count], orthonormal, by descending eigenvalue
 */
export async function leadingEigenvectors({ values, columns: n }: Dense, count: number, pause: Pause): Promise<Dense> {
  const pauseAfter = pacer(pause);
  const { diagonal, beside, factors } = await tridiagonalise(values, n, pauseAfter);
  const vectors = await diagonalise(diagonal, beside, pauseAfter);
  const order = [...diagonal.keys()].sort((i, j) => diagonal[j] - diagonal[i]).slice(0, count);
  const leading = new Float64Array(n * count);
  for (const [k, place] of order.entries()) {
    await pauseAfter(n * n);
    const vector = vectors.subarray(place * n, (place + 1) * n);
    // The reflections in the reverse of their order; each is the rest of its row in the matrix.
    for (let row = n - 3; row >= 0; row--) {
      const reflector = values.subarray(row * n + row + 1, (row + 1) * n);
      const part = vector.subarray(row + 1);
      addScaled(part, reflector, -factors[row] * dot(reflector, part));
    }
    for (let i = 0; i < n; i++) leading[i * count + k] = vector[i];
  }
  return { values: leading, columns: count };
}

function pacer(pause: Pause): (work: number) => Promise<void> | undefined {
  let done = 0;
  return (work) => {
    done += work;
    if (done < turn) return undefined;
    done = 0;
    return pause();
  };
}

/** H A H for each row but the last two, with H = 1 - factor v v'; v is left in what was the row beside the diagonal. */
async function tridiagonalise(a: Float64Array, n: number, pauseAfter: ReturnType<typeof pacer>) {
  const [diagonal, beside, factors, image] = [0, 0, 0, 0].map(() => new Float64Array(n));
  for (let row = 0; row < n - 2; row++) {
    await pauseAfter(3 * (n - row) ** 2);
    const v = a.subarray(row * n + row + 1, (row + 1) * n);
    const length = Math.sqrt(dot(v, v));
    // Away from zero, so that nothing cancels.
    const target = v[0] > 0 ? -length : length;
    diagonal[row] = a[row * n + row];
    beside[row] = target;
    if (length === 0) continue;
    v[0] -= target;
    const factor = 2 / dot(v, v);
    factors[row] = factor;
    const w = image.subarray(row + 1);
    for (let i = row + 1; i < n; i++) w[i - row - 1] = factor * dot(a.subarray(i * n + row + 1, (i + 1) * n), v);
    addScaled(w, v, (-factor / 2) * dot(w, v));
    for (let i = row + 1; i < n; i++) {
      const line = a.subarray(i * n + row + 1, (i + 1) * n);
      const vi = v[i - row - 1];
      const wi = w[i - row - 1];
      for (let j = 0; j < line.length; j++) line[j] -= vi * w[j] + wi * v[j];
    }
  }
  for (let row = Math.max(0, n - 2); row < n; row++) {
    diagonal[row] = a[row * n + row];
    if (row + 1 < n) beside[row] = a[row * n + row + 1];
  }
  return { diagonal, beside, factors };
}

/** Brings the diagonal to the eigenvalues. @returns their vectors as rows, [n, n] */
async function diagonalise(
  diagonal: Float64Array,
  beside: Float64Array,
  pauseAfter: ReturnType<typeof pacer>,
): Promise<Float64Array> {
  const n = diagonal.length;
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  // As a share of the whole: rounding has left no more of what is small.
  const negligible = diagonal.reduce((most, d, i) => Math.max(most, Math.abs(d) + Math.abs(beside[i])), 0) * 2 ** -52;
  for (let first = 0; first < n; first++) {
    for (let step = 0; ; step++) {
      const last = endOfBlock(beside, first, negligible);
      if (last === first) break;
      if (step === mostSteps) throw new Error(`eigenvalue ${first} of ${n} is not found after ${mostSteps} steps`);
      await pauseAfter(4 * n * (last - first));
      stepOfQl({ diagonal, beside, vectors }, first, last);
    }
  }
  return vectors;
}

/** The last place of the block that begins here: nothing beside the diagonal leads on from it. */
function endOfBlock(beside: Float64Array, first: number, negligible: number): number {
  let last = first;
  while (last < beside.length - 1 && Math.abs(beside[last]) > negligible) last++;
  return last;
}

interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
  readonly vectors: Float64Array;
}

/** One implicit step from the end of a block to its beginning, shifted by the eigenvalue of its first two rows that is near. */
function stepOfQl({ diagonal: d, beside: e, vectors }: Tridiagonal, first: number, last: number): void {
  const ratio = (d[first + 1] - d[first]) / (2 * e[first]);
  let g = d[last] - d[first] + e[first] / (ratio + (ratio < 0 ? -1 : 1) * Math.hypot(ratio, 1));
  let [sine, cosine, moved] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const f = sine * e[i];
    const b = cosine * e[i];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The block falls apart here.
      d[i + 1] -= moved;
      e[last] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1] - moved;
    const t = (d[i] - g) * sine + 2 * cosine * b;
    moved = sine * t;
    d[i + 1] = g + moved;
    g = cosine * t - b;
    rotate(vectors, i, d.length, cosine, sine);
  }
  d[first] -= moved;
  e[first] = g;
  e[last] = 0;
}

/** Turns rows i and i + 1. */
function rotate(vectors: Float64Array, i: number, n: number, cosine: number, sine: number): void {
  for (let at = i * n, next = at + n; at < (i + 1) * n; at++, next++) {
    const lower = vectors[at];
    const upper = vectors[next];
    vectors[next] = sine * lower + cosine * upper;
    vectors[at] = cosine * lower - sine * upper;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let [even, odd] = [0, 0];
  let i = 0;
  for (; i + 1 < a.length; i += 2) {
    even += a[i] * b[i];
    odd += a[i + 1] * b[i + 1];
  }
  return i < a.length ? even + odd + a[i] * b[i] : even + odd;
}

function addScaled(target: Float64Array, source: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * source[i];
}
