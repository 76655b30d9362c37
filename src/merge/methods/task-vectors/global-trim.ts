/**
 * The trim of TIES as its authors have it: one threshold for the whole model. Two rounds of counting over all tensors find the
 * k-th smallest magnitude, k = d - trunc(d density), and everything at or above it stays, so one entry at
 * least; but nothing at density 0.
 */
import { findBin, lowerBins, upperBins } from '../../selection/magnitude-order.ts';
import type { TaskStream, Thinning } from './sparsifier.ts';

type TrimSurvey = (tensor: TaskStream) => Float64Array;

const countUpper: TrimSurvey = (tensor) => {
  const counts = tensor.models.map(() => tensor.counts(upperBins));
  tensor.read(
    ({ models }) => {
      for (const [model, delta] of models.entries()) tensor.kernels.countMagnitudes(counts[model], delta);
    },
    { deltas: true },
  );
  return concatenated(counts);
};

const countLower: TrimSurvey = (tensor) => {
  const bins = upperBinsOf(tensor);
  const counts = bins.map(() => tensor.counts(lowerBins));
  tensor.read(
    ({ models }) => {
      for (const [model, delta] of models.entries()) {
        tensor.kernels.countMagnitudesWithin(counts[model], delta, bins[model].bin);
      }
    },
    { deltas: true },
  );
  return concatenated(counts);
};

export const globalTrimSurveys: readonly TrimSurvey[] = [countUpper, countLower];

export function prepareGlobalTrim(tensor: TaskStream): () => Thinning {
  const [, lower] = tensor.surveys;
  const thresholds = upperBinsOf(tensor).map(({ bin, below, rank }, model) => {
    const counts = lower.subarray(model * lowerBins, (model + 1) * lowerBins);
    return bin * lowerBins + findBin(counts, rank - below).bin;
  });
  // Everything at the threshold stays.
  const all = 2 ** 32 - 1;
  return () => (model, delta) => {
    const { density } = tensor.models[model].parameters;
    if (density <= 0) tensor.kernels.fill(delta, 0);
    else if (density < 1) tensor.kernels.keepLargest(delta, thresholds[model], all);
  };
}

function upperBinsOf({ surveys: [upper], models }: TaskStream) {
  return models.map(({ parameters: { density } }, model) => {
    const counts = upper.subarray(model * upperBins, (model + 1) * upperBins);
    const total = counts.reduce((sum, count) => sum + count, 0);
    return findBin(counts, Math.max(0, total - Math.trunc(total * density) - 1));
  });
}

function concatenated(counts: readonly Uint32Array[]): Float64Array {
  const result = new Float64Array(counts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const each of counts) {
    result.set(each, end);
    end += each.length;
  }
  return result;
}
