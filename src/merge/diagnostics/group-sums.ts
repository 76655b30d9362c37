/** The measures of several tensors together: a layer, a kind of module, the whole model. */
import { addDeltaSums, type DeltaSums, emptyDeltaSums } from './delta-sums.ts';
import type { LeadingProducts } from './leading-products.ts';
import type { TensorMeasures } from './measure-tensor.ts';
import { addPairSums, emptyPairSums, type PairSums } from './pair-sums.ts';
import type { Spectrum } from './spectrum.ts';
import type { SubspaceOverlap } from './subspace-overlap.ts';

export interface SideSums {
  /** Sums over matrices of |U_a^T U_b|_F^2, of its mean and variance for random subspaces, and of its largest value. */
  shared: number;
  expected: number;
  variance: number;
  most: number;
}

export interface SpectrumSums {
  matrices: number;
  stableRank: number;
  energy: number;
}

interface PairGroupSums {
  readonly sums: PairSums;
  readonly left: SideSums;
  readonly right: SideSums;
  readonly leading: LeadingProducts;
}

export interface GroupSums {
  tensors: number;
  readonly models: readonly DeltaSums[];
  readonly spectra: readonly SpectrumSums[];
  readonly pairs: readonly PairGroupSums[];
}

const emptySide = (): SideSums => ({ shared: 0, expected: 0, variance: 0, most: 0 });

export const emptyGroup = (models: number, pairs: number): GroupSums => ({
  tensors: 0,
  models: Array.from({ length: models }, emptyDeltaSums),
  spectra: Array.from({ length: models }, () => ({ matrices: 0, stableRank: 0, energy: 0 })),
  pairs: Array.from({ length: pairs }, () => ({
    sums: emptyPairSums(),
    left: emptySide(),
    right: emptySide(),
    leading: { dot: 0, squaresA: 0, squaresB: 0 },
  })),
});

export function addToGroup(group: GroupSums, { models, spectra, pairs }: TensorMeasures): void {
  group.tensors += 1;
  for (const [i, sums] of models.entries()) addDeltaSums(group.models[i], sums);
  for (const [i, spectrum] of spectra.entries()) addSpectrum(group.spectra[i], spectrum);
  for (const [i, pair] of pairs.entries()) {
    addPairSums(group.pairs[i].sums, pair.sums);
    addSide(group.pairs[i].left, pair.left);
    addSide(group.pairs[i].right, pair.right);
    addLeading(group.pairs[i].leading, pair.leading);
  }
}

function addSpectrum(to: SpectrumSums, from: Spectrum | undefined): void {
  if (!from) return;
  to.matrices += 1;
  to.stableRank += from.stableRank;
  to.energy += from.energy;
}

function addSide(to: SideSums, from: SubspaceOverlap | undefined): void {
  if (!from) return;
  to.shared += from.shared;
  to.expected += from.expected;
  to.variance += from.variance;
  to.most += from.cosines.length;
}

function addLeading(to: LeadingProducts, from: LeadingProducts | undefined): void {
  if (!from) return;
  to.dot += from.dot;
  to.squaresA += from.squaresA;
  to.squaresB += from.squaresB;
}
