/** What `diffModels` finds: the document of `finery diff --json` and all that its page shows. */
import type { GroupFigures } from './figures.ts';
import type { Finding } from './finding.ts';
import type { Recommendation } from './recommendation.ts';
import type { Spectrum } from './spectrum.ts';

export interface DiffedModel {
  /** A, B, ... */
  readonly letter: string;
  /** As it was named. */
  readonly name: string;
  /** Magnitudes of the whole task vector's elements, to within 1/256 of themselves. */
  readonly magnitudes: Readonly<Record<'p50' | 'p90' | 'p99' | 'p99.9', number>>;
  /** Share of elements whose magnitude is above 0.005. */
  readonly aboveSmall: number;
}

export interface DiffedPair {
  /** Letters; `noise` and `A + noise` are those of the control. */
  readonly a: string;
  readonly b: string;
  readonly kind: 'models' | 'negative control' | 'positive control';
}

export interface Group {
  readonly name: string;
  readonly figures: GroupFigures;
}

export interface DiffedCell {
  readonly layer: number;
  readonly module: string;
  readonly figures: GroupFigures;
}

export interface DiffedTensor {
  readonly name: string;
  readonly layer: number | null;
  readonly module: string;
  readonly shape: readonly number[];
  readonly figures: GroupFigures;
  /** By model; null for what is no matrix or did not change. */
  readonly spectra: readonly (Spectrum | null)[];
  /** Cosines of principal angles between leading subspaces, by pair; null where there are none. */
  readonly angles: readonly (PrincipalAngles | null)[];
}

interface PrincipalAngles {
  /** Descending. */
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** The largest cosine that random subspaces approach. */
  readonly randomLeft: number;
  readonly randomRight: number;
}

export interface ModelDiff {
  readonly base: string;
  readonly models: readonly DiffedModel[];
  readonly pairs: readonly DiffedPair[];
  readonly settings: {
    readonly rank: number;
    readonly seed: number;
    /** Root mean square of the control's noise, as a multiple of that of A. */
    readonly noise: number;
  };
  readonly findings: readonly Finding[];
  /** One for each pair of models. */
  readonly recommendations: readonly Recommendation[];
  /** All tensors; and only the matrices inside layers, on which the recommendation rests. */
  readonly total: GroupFigures;
  readonly matrices: GroupFigures | null;
  readonly layers: readonly Group[];
  readonly modules: readonly Group[];
  readonly cells: readonly DiffedCell[];
  readonly tensors: readonly DiffedTensor[];
}
