/** Sums turned into the figures that are read. A figure without a value, such as a cosine with nothing, is null. */
import type { DeltaSums } from './delta-sums.ts';
import type { GroupSums, SideSums, SpectrumSums } from './group-sums.ts';
import { type PairSums, topShares } from './pair-sums.ts';
import type { HalfType } from './rounding-loss.ts';

interface ModelFigures {
  /** |delta| and |delta| / |base|. */
  readonly norm: number;
  readonly relative: number | null;
  /** Root mean square and largest magnitude of the delta's elements. */
  readonly rms: number;
  readonly largest: number;
  /** Share of elements in tensors that are the base's, and share of the other elements that are. */
  readonly frozen: number;
  readonly zero: number | null;
  /** Share of the other elements that rounding base and model to half precision would make the same. */
  readonly lost: Readonly<Record<HalfType, number | null>>;
  /** Means over matrices: |delta|_F^2 / s_1^2, and the share of the squared norm in the leading directions. */
  readonly stableRank: number | null;
  readonly leadingEnergy: number | null;
}

export interface PairFigures {
  /** a . b / (|a| |b|) */
  readonly cosine: number | null;
  /** Standard deviation of the cosine of independent elements, 1 / sqrt(n). */
  readonly independentDeviation: number;
  /** Standard deviation of the cosine when the sign of every row is drawn at random, and the cosine in units of it. */
  readonly signFlipDeviation: number | null;
  readonly signFlipScore: number | null;
  /** Elements that both change. */
  readonly nonzero: number;
  /** |a| / |b| */
  readonly normRatio: number | null;
  /** |a + b|^2 / (|a|^2 + |b|^2) - 1: 0 for vectors that add without meeting. */
  readonly additivity: number | null;
  /** Share of the elements that both change which they change in opposite directions: 0.5 for independent ones. */
  readonly signConflict: number | null;
  /** The same, each element weighted with min(|a|, |b|): the share that an election of signs would erase. */
  readonly weightedConflict: number | null;
  readonly top: readonly TopFigures[];
  /** Leading directions that outputs are written to (left) and inputs are read from (right). */
  readonly left: SideFigures | null;
  readonly right: SideFigures | null;
  /** Cosine of what the leading directions alone make of both: below 0 where they oppose each other there. */
  readonly leadingCosine: number | null;
}

interface TopFigures {
  /** The share of largest magnitudes that was asked for. */
  readonly share: number;
  /** Elements in both sets by elements in either, and what independent sets would have. */
  readonly jaccard: number | null;
  readonly chance: number | null;
  /** Elements in both, by those to expect. */
  readonly lift: number | null;
  /** Share of the common elements whose signs differ, and how many there are. */
  readonly conflict: number | null;
  readonly common: number;
}

interface SideFigures {
  /** Mean squared cosine of the principal angles: 1 for the same subspaces. */
  readonly overlap: number;
  readonly random: number;
  /** The overlap above the random one, in standard deviations of it; null where there is no other value to have. */
  readonly score: number | null;
}

export interface GroupFigures {
  readonly tensors: number;
  readonly elements: number;
  readonly models: readonly ModelFigures[];
  readonly pairs: readonly PairFigures[];
}

export function figuresOf({ tensors, models, spectra, pairs }: GroupSums): GroupFigures {
  return {
    tensors,
    elements: models[0].elements,
    models: models.map((sums, i) => modelFigures(sums, spectra[i])),
    pairs: pairs.map(({ sums, left, right, leading }) => ({
      ...pairFigures(sums),
      left: sideFigures(left),
      right: sideFigures(right),
      leadingCosine: ratio(leading.dot, Math.sqrt(leading.squaresA * leading.squaresB)),
    })),
  };
}

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

function modelFigures(sums: DeltaSums, { matrices, stableRank, energy }: SpectrumSums): ModelFigures {
  const { elements, baseSquares, squares, largest, zero, frozen, lost } = sums;
  return {
    norm: Math.sqrt(squares),
    relative: ratio(Math.sqrt(squares), Math.sqrt(baseSquares)),
    rms: Math.sqrt(ratio(squares, elements) ?? 0),
    largest,
    frozen: ratio(frozen, elements) ?? 0,
    zero: ratio(zero - frozen, elements - frozen),
    lost: { bf16: ratio(lost.bf16, elements - zero), f16: ratio(lost.f16, elements - zero) },
    stableRank: ratio(stableRank, matrices),
    leadingEnergy: ratio(energy, matrices),
  };
}

function pairFigures(sums: PairSums): Omit<PairFigures, 'left' | 'right' | 'leadingCosine'> {
  const { elements, dot, squaresA, squaresB, rowDotSquares, nonzero, opposite, shared, opposed } = sums;
  const norms = Math.sqrt(squaresA) * Math.sqrt(squaresB);
  return {
    cosine: norms > 0 ? dot / norms : null,
    independentDeviation: 1 / Math.sqrt(elements),
    signFlipDeviation: ratio(Math.sqrt(rowDotSquares), norms),
    signFlipScore: rowDotSquares > 0 ? dot / Math.sqrt(rowDotSquares) : null,
    nonzero,
    normRatio: ratio(Math.sqrt(squaresA), Math.sqrt(squaresB)),
    additivity: squaresA + squaresB > 0 ? (2 * dot) / (squaresA + squaresB) : null,
    signConflict: ratio(opposite, nonzero),
    weightedConflict: ratio(opposed, shared),
    top: sums.top.map(({ a, b, both, opposite: differ, expected }, i) => ({
      share: topShares[i],
      jaccard: ratio(both, a + b - both),
      chance: ratio(expected, a + b - expected),
      lift: ratio(both, expected),
      conflict: ratio(differ, both),
      common: both,
    })),
  };
}

function sideFigures({ shared, expected, variance, most }: SideSums): SideFigures | null {
  if (most === 0) return null;
  return {
    overlap: shared / most,
    random: expected / most,
    score: variance > 0 ? (shared - expected) / Math.sqrt(variance) : null,
  };
}
