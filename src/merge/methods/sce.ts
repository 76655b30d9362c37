import { defineMethod } from '../method.ts';
import { magnitudeOrder, type TopThreshold, topThreshold } from '../selection/magnitude-order.ts';
import type { TensorStream } from '../stream/tensor-stream.ts';

const settings = {
  select_topk: {
    kind: 'number',
    default: 1,
    minimum: 0,
    maximum: 1,
    summary: 'share of the varying entries to select',
  },
  int8_mask: { kind: 'boolean', default: false, summary: 'without effect; mergekit stores masks as bytes' },
} as const;

type SceStream = TensorStream<Record<never, never>, typeof settings>;

/** Selects where models differ most, weighs models by the size of their deltas there, and erases minority signs. */
export const sce = defineMethod({
  name: 'sce',
  reference: 'Wan et al. 2024, FuseChat: knowledge fusion of chat models',
  equation:
    'theta = theta_0 + sum_{i agrees} n_i s_i / sum_{i agrees} n_i, s_i = delta_i at the entries of largest variance, n_i = mean(s_i^2) / sum_j mean(s_j^2)',
  paper:
    'the selection decides n only and every entry is merged; n is uniform only where all deltas are 0, in mergekit where their squares sum to less than 1e-6',
  base: 'required',
  models: [1, Number.POSITIVE_INFINITY],
  perModel: {},
  settings,
  cautions: (_, { select_topk: share }) =>
    share === 0
      ? [
          'sce: select_topk 0 selects nothing: the result is the base, or with compat: paper weighs all models the same.',
        ]
      : [],
  merge(tensor: SceStream) {
    const { kernels, models } = tensor;
    const isPaper = tensor.compat === 'paper';
    const select = createSelection(tensor);
    const weights = modelWeights(tensor, select);
    const total = tensor.scratch();
    const divisor = tensor.scratch();
    const erased = isPaper ? undefined : select?.();
    tensor.write(
      ({ base, models: deltas, length }, out) => {
        const [sum, div] = [total.subarray(0, length), divisor.subarray(0, length)];
        erased?.(deltas);
        kernels.fill(sum, 0);
        kernels.fill(div, 0);
        for (const delta of deltas) kernels.accumulate(sum, delta);
        for (let i = 0; i < models.length; i++) kernels.addAgreeing(out, div, deltas[i], sum, weights[i]);
        if (!isPaper) raiseDivisors(div, weights);
        kernels.divideByAgreement(out, div);
        kernels.accumulate(out, base);
      },
      { deltas: true },
    );
  },
});

/** Zeroes in place what is not selected. */
type Selection = (deltas: readonly Float32Array[]) => void;

/** Starts a pass with the same selection each time; undefined where everything is selected. */
function createSelection(tensor: SceStream): (() => Selection) | undefined {
  const {
    kernels,
    length,
    settings: { select_topk: share },
  } = tensor;
  if (share >= 1) return undefined;
  const mean = tensor.scratch();
  const variance = tensor.scratch();
  const sums = tensor.wideScratch();
  // In float64 and rounded, so that deltas which differ in their order or by a shift have one variance, and go by their index.
  const varianceOf = (deltas: readonly Float32Array[]): Float32Array => {
    const [centre, spread] = [mean, variance].map((values) => values.subarray(0, deltas[0].length));
    const squares = sums.subarray(0, centre.length).fill(0);
    kernels.fill(centre, 0);
    for (const delta of deltas) kernels.accumulate(centre, delta);
    kernels.divide(centre, deltas.length);
    for (const delta of deltas) kernels.addSquaredDistance(squares, delta, centre);
    kernels.narrowFloat64(spread, squares);
    return spread;
  };
  let kept = 0;
  const [[statistic]] = magnitudeOrder(
    1,
    ({ total, zeros }) => {
      kept = Math.trunc((total - zeros) * share);
      return kept > 0 ? [total - kept] : [];
    },
    (visit) => tensor.read(({ models }) => visit(0, varianceOf(models)), { deltas: true }),
    tensor,
  );
  const top: TopThreshold | undefined = statistic && topThreshold(statistic, length, kept);
  return () => {
    let quota = top?.quota ?? 0;
    return (deltas) => {
      const selected = varianceOf(deltas);
      if (top) quota = kernels.keepLargest(selected, top.threshold, quota);
      else kernels.fill(selected, 0);
      for (const delta of deltas) kernels.keepWhere(delta, selected);
    };
  };
}

const smallestSum = 1e-6;

function modelWeights(tensor: SceStream, select: (() => Selection) | undefined): readonly number[] {
  const { kernels, models, length } = tensor;
  const lanes = models.map(() => tensor.lanes());
  const selection = select?.();
  tensor.read(
    ({ models: deltas }) => {
      selection?.(deltas);
      for (const [i, delta] of deltas.entries()) kernels.addProducts(lanes[i], delta, delta);
    },
    { deltas: true },
  );
  const squares = lanes.map((sums) => sums.reduce((sum, lane) => sum + lane, 0) / length);
  const sum = squares.reduce((a, b) => a + b, 0);
  const isUniform = tensor.compat === 'paper' ? sum === 0 : sum < smallestSum;
  if (isUniform && sum > 0)
    tensor.note('deltas too small for weights of their own: all models weigh the same (compat: paper weighs them)');
  return squares.map((square) => (isUniform ? 1 / models.length : square / sum));
}

/** As in mergekit, sums of weights below 1e-6 divide as 1e-6. */
function raiseDivisors(divisor: Float32Array, weights: readonly number[]): void {
  if (weights.every((weight) => weight >= smallestSum)) return;
  for (let i = 0; i < divisor.length; i++) if (divisor[i] < smallestSum) divisor[i] = smallestSum;
}
