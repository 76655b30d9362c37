/** What two task vectors have to do with each other, as sums. Sums of parts add up to the sums of the whole. */
import type { TopSet } from './magnitude-histogram.ts';

/** The shares of largest magnitudes that are compared. */
export const topShares = [0.01, 0.05, 0.2] as const;

/** Two sets of largest magnitudes, chosen in each tensor by itself. */
interface TopSums {
  /** Elements of the sets. */
  a: number;
  b: number;
  both: number;
  /** Elements in both sets whose signs differ. */
  opposite: number;
  /** Elements that independent sets of these sizes would have in common: sum of a b / n over tensors. */
  expected: number;
}

export interface PairSums {
  elements: number;
  /** Inner products: of a with b, a with a, b with b. */
  dot: number;
  squaresA: number;
  squaresB: number;
  /** Sum over rows of (a_r . b_r)^2: the variance of `dot` when every row's sign is drawn at random. */
  rowDotSquares: number;
  /** Elements that neither has as 0, and those of them whose signs differ. */
  nonzero: number;
  opposite: number;
  /** Sum of min(|a|, |b|) over all elements, and over those whose signs differ. */
  shared: number;
  opposed: number;
  /** By `topShares`. */
  readonly top: readonly TopSums[];
}

export const emptyPairSums = (): PairSums => ({
  elements: 0,
  dot: 0,
  squaresA: 0,
  squaresB: 0,
  rowDotSquares: 0,
  nonzero: 0,
  opposite: 0,
  shared: 0,
  opposed: 0,
  top: topShares.map(() => ({ a: 0, b: 0, both: 0, opposite: 0, expected: 0 })),
});

export function addPairSums(to: PairSums, from: PairSums): void {
  for (const key of summed) to[key] += from[key];
  for (const [i, top] of to.top.entries()) for (const key of summedTop) top[key] += from.top[i][key];
}

const summed = [
  'elements',
  'dot',
  'squaresA',
  'squaresB',
  'rowDotSquares',
  'nonzero',
  'opposite',
  'shared',
  'opposed',
] as const;

const summedTop = ['a', 'b', 'both', 'opposite', 'expected'] as const;

/** Adds a block of whole rows. The tops are those of the tensor, by `topShares`: largest thresholds first. */
export function sumPair(
  sums: PairSums,
  a: Float32Array,
  b: Float32Array,
  columns: number,
  topsA: readonly TopSet[],
  topsB: readonly TopSet[],
): void {
  const [first, second, third] = topShares.map((_, i) => [topsA[i].threshold, topsB[i].threshold] as const);
  const common = [0, 0, 0];
  const opposed = [0, 0, 0];
  // In locals: a field that is written for every element costs several times the arithmetic.
  let [squaresA, squaresB, nonzero, opposite, shared, opposedSize] = [0, 0, 0, 0, 0, 0];
  for (let start = 0; start < a.length; start += columns) {
    let dot = 0;
    const end = Math.min(a.length, start + columns);
    for (let i = start; i < end; i++) {
      const product = a[i] * b[i];
      squaresA += a[i] * a[i];
      squaresB += b[i] * b[i];
      if (product === 0) continue;
      dot += product;
      const sizeA = Math.abs(a[i]);
      const sizeB = Math.abs(b[i]);
      const smaller = Math.min(sizeA, sizeB);
      const isOpposite = product < 0;
      nonzero++;
      shared += smaller;
      if (isOpposite) {
        opposite++;
        opposedSize += smaller;
      }
      if (sizeA < third[0] || sizeB < third[1]) continue;
      const level = sizeA >= first[0] && sizeB >= first[1] ? 0 : sizeA >= second[0] && sizeB >= second[1] ? 1 : 2;
      common[level]++;
      if (isOpposite) opposed[level]++;
    }
    sums.dot += dot;
    sums.rowDotSquares += dot * dot;
  }
  sums.squaresA += squaresA;
  sums.squaresB += squaresB;
  sums.nonzero += nonzero;
  sums.opposite += opposite;
  sums.shared += shared;
  sums.opposed += opposedSize;
  sums.elements += a.length;
  // What is in a small set is in the larger ones too.
  for (const [i, top] of sums.top.entries()) {
    for (let level = 0; level <= i; level++) {
      top.both += common[level];
      top.opposite += opposed[level];
    }
  }
}

/** Adds the sizes of the sets of a tensor with `length` elements: once for each tensor. */
export function sumTops(sums: PairSums, length: number, topsA: readonly TopSet[], topsB: readonly TopSet[]): void {
  for (const [i, top] of sums.top.entries()) {
    const [a, b] = [topsA[i].count, topsB[i].count];
    top.a += a;
    top.b += b;
    top.expected += (a * b) / length;
  }
}
