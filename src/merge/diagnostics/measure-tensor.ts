/** All measurements of one tensor: its task vectors one by one, in pairs, and by their leading directions. */
import { stream } from '../../random/stream.ts';
import { noiseFor } from './control-noise.ts';
import { type DeltaBlock, type TensorDeltas, wholeLength } from './delta-blocks.ts';
import { type DeltaSums, emptyDeltaSums, sumDelta } from './delta-sums.ts';
import { leadingColumns } from './dense.ts';
import { findDirections, type LeadingDirections } from './leading-directions.ts';
import { type LeadingPart, type LeadingProducts, leadingProducts } from './leading-products.ts';
import { countMagnitudes, emptyHistogram, type MagnitudeHistogram, topSet } from './magnitude-histogram.ts';
import { emptyPairSums, type PairSums, sumPair, sumTops, topShares } from './pair-sums.ts';
import { describeSpectrum, roundingNoise, type Spectrum } from './spectrum.ts';
import { type SubspaceOverlap, subspaceOverlap } from './subspace-overlap.ts';

export interface MeasureOptions {
  /** Leading directions of each matrix; 0 for none. */
  readonly rank: number;
  /** Of the noise and of the directions that iterations start from. */
  readonly seed: number;
  /** Root mean square of the control's noise, as a multiple of that of the first task vector. */
  readonly noise: number;
  /** Relative size of a rounding step of the weights as they are stored. */
  readonly unitRoundoff: number;
  /** Called for every block, with the elements of it. May throw to stop. */
  readonly onBlock?: (elements: number) => void;
}

/** The task vectors that are compared: those of models, or the control's. */
export interface VectorPair {
  /** `model` and its index; or noise by itself; or the first task vector and noise. */
  readonly a: number;
  readonly b: number | 'noise' | 'noisy';
}

export interface TensorMeasures {
  readonly models: readonly DeltaSums[];
  readonly histograms: readonly MagnitudeHistogram[];
  /** Of matrices whose task vector is not 0. */
  readonly spectra: readonly (Spectrum | undefined)[];
  /** In the order of `vectorPairs`. */
  readonly pairs: readonly PairMeasures[];
}

interface PairMeasures {
  readonly sums: PairSums;
  /** Where both have a direction above rounding; never of noise by itself. */
  readonly left?: SubspaceOverlap;
  readonly right?: SubspaceOverlap;
  readonly leading?: LeadingProducts;
}

/** All pairs of models, then the first with noise, and with itself plus noise. */
export function vectorPairs(models: number): readonly VectorPair[] {
  if (models < 2) return [];
  const pairs: VectorPair[] = [];
  for (let a = 0; a < models; a++) for (let b = a + 1; b < models; b++) pairs.push({ a, b });
  return [...pairs, { a: 0, b: 'noise' }, { a: 0, b: 'noisy' }];
}

/** How often all blocks of a tensor are gone over. */
export function passesOver(models: number, { isMatrix, rows, columns }: TensorDeltas, rank: number): number {
  const pairs = models < 2 ? 0 : 2;
  if (!isMatrix || rank === 0) return 1 + pairs;
  return 1 + pairs + findDirections({ rows, columns }, 1, rows * columns <= wholeLength, () => 0).passes;
}

export async function measureTensor(
  tensor: TensorDeltas,
  models: number,
  options: MeasureOptions,
): Promise<TensorMeasures> {
  const { onBlock } = options;
  async function* blocks(): AsyncGenerator<DeltaBlock> {
    for await (const block of tensor.blocks()) {
      yield block;
      onBlock?.(block.base.length);
    }
  }

  const sums = Array.from({ length: models }, emptyDeltaSums);
  const histograms = Array.from({ length: models }, emptyHistogram);
  for await (const block of blocks()) {
    for (let model = 0; model < models; model++) await sumDelta(sums[model], histograms[model], block, model);
  }
  for (const sum of sums) if (sum.squares === 0) sum.frozen = sum.elements;

  // Noise is made anew in every pass: it has a value for each element, whatever the block.
  const noise = noiseFor(options.seed, tensor.name);
  const noiseSize = options.noise * Math.sqrt(sums[0].squares / tensor.length);
  async function* withControls(): AsyncGenerator<readonly [deltas: readonly Float32Array[], start: number]> {
    for await (const { deltas, start } of blocks()) {
      if (models < 2) {
        yield [deltas, start];
        continue;
      }
      const alone = new Float32Array(deltas[0].length);
      noise(alone, start);
      const noisy = new Float32Array(alone.length);
      for (let i = 0; i < alone.length; i++) {
        alone[i] *= noiseSize;
        noisy[i] = deltas[0][i] + alone[i];
      }
      yield [[...deltas, alone, noisy], start];
    }
  }

  const indexOf = (b: VectorPair['b']): number => (b === 'noise' ? models : b === 'noisy' ? models + 1 : b);
  const chosen = vectorPairs(models).map(({ a, b }) => ({ a, b: indexOf(b) }));
  const pairs = chosen.map(emptyPairSums);
  if (chosen.length > 0) {
    const all = [...histograms, emptyHistogram(), emptyHistogram()];
    for await (const [vectors] of withControls())
      for (const control of [models, models + 1]) countMagnitudes(all[control], vectors[control]);
    const tops = all.map((histogram, i) => {
      const nonzero = tensor.length - (sums[i]?.zero ?? 0);
      return topShares.map((share) => topSet(histogram, share, tensor.length, nonzero));
    });
    for await (const [vectors] of withControls())
      for (const [i, { a, b }] of chosen.entries())
        sumPair(pairs[i], vectors[a], vectors[b], tensor.columns, tops[a], tops[b]);
    for (const [i, { a, b }] of chosen.entries()) sumTops(pairs[i], tensor.length, tops[a], tops[b]);
  }

  const directions = await leadingDirections(tensor, withControls, sums, options);
  return {
    models: sums,
    histograms,
    spectra: sums.map((_, i) => directions.get(i)?.spectrum),
    pairs: chosen.map(({ a, b }, i) => ({ sums: pairs[i], ...overlaps(directions.get(a), directions.get(b)) })),
  };
}

interface Described {
  readonly found: LeadingDirections;
  readonly spectrum: Spectrum;
}

/** By index of the vector: the models', and with two or more of them the noisy one. */
async function leadingDirections(
  tensor: TensorDeltas,
  vectors: () => AsyncIterable<readonly [readonly Float32Array[], number]>,
  sums: readonly DeltaSums[],
  { rank, seed, noise, unitRoundoff }: MeasureOptions,
): Promise<ReadonlyMap<number, Described>> {
  const described = new Map<number, Described>();
  if (rank === 0 || !tensor.isMatrix || tensor.length === 0) return described;
  const { rows, columns } = tensor;
  const side = Math.min(rows, columns);
  const squares = new Map(sums.map((sum, i) => [i, sum.squares]));
  if (sums.length > 1) squares.set(sums.length + 1, sums[0].squares * (1 + noise ** 2));
  const finders = [...squares]
    .filter(([, size]) => size > 0)
    .map(([i]) => {
      const random = stream(seed, 'diff', 'directions', tensor.name, i);
      return [i, findDirections(tensor, rank, tensor.length <= wholeLength, () => random.normal())] as const;
    });
  if (finders.length === 0) return described;
  for (let pass = 0; pass < finders[0][1].passes; pass++) {
    for await (const [values, start] of vectors()) for (const [i, finder] of finders) finder.take(values[i], start);
    for (const [, finder] of finders) finder.endPass();
  }
  const rounding = roundingNoise(sums[0].baseSquares, rows, columns, unitRoundoff);
  for (const [i, finder] of finders) {
    const found = finder.finish();
    described.set(i, {
      found,
      spectrum: describeSpectrum(found, { squares: squares.get(i)!, side, rank, rounding }),
    });
  }
  return described;
}

function overlaps(
  a: Described | undefined,
  b: Described | undefined,
): Pick<PairMeasures, 'left' | 'right' | 'leading'> {
  const [countA, countB] = [a, b].map((one) => one?.spectrum.aboveRounding ?? 0);
  if (!a || !b || countA === 0 || countB === 0) return {};
  const compare = (side: 'left' | 'right'): SubspaceOverlap =>
    subspaceOverlap(leadingColumns(a.found[side], countA), leadingColumns(b.found[side], countB));
  return {
    left: compare('left'),
    right: compare('right'),
    leading: leadingProducts(leadingPart(a, countA), leadingPart(b, countB)),
  };
}

function leadingPart({ found }: Described, count: number): LeadingPart {
  return {
    values: found.values.slice(0, count),
    left: leadingColumns(found.left, count),
    right: leadingColumns(found.right, count),
  };
}
