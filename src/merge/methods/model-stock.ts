import { sourceScratchLength } from '../kernels/kernels.ts';
import { defineMethod } from '../method.ts';
import { type GramMatrix, gramMatrix, gramOf } from '../selection/gram.ts';
import type { TensorStream } from '../stream/tensor-stream.ts';
import { clamp } from './sphere.ts';

const settings = {
  filter_wise: { kind: 'boolean', default: false, summary: 'one angle for each row instead of one for the tensor' },
} as const;

type StockStream = TensorStream<Record<never, never>, typeof settings>;

/** The point between base and average that is nearest to the centre of fine-tuned weights, from the angle between them. */
export const modelStock = defineMethod({
  name: 'model_stock',
  reference: 'Jang et al. 2024, Model Stock: all we need is just a few fine-tuned models',
  equation: 'theta = t mean_i theta_i + (1-t) theta_0, t = N c / (1 + (N-1) c), c = mean cosine between two deltas',
  paper: 'c stays in [0, 1], and deltas of any length have an angle; mergekit lets t turn negative',
  base: 'required',
  models: [2, Number.POSITIVE_INFINITY],
  perModel: {},
  settings,
  merge(tensor: StockStream) {
    if (tensor.settings.filter_wise && tensor.shape.length > 1) mergeRows(tensor);
    else mergeWhole(tensor);
  },
});

function mergeWhole(tensor: StockStream): void {
  const count = tensor.models.length;
  const gram = gramMatrix(tensor, count, ({ models }) => models, { deltas: true });
  const t = ratio(gram, tensor);
  const scratch = tensor.counts(sourceScratchLength(count + 1));
  tensor.writeStored(({ base, models }, out) => tensor.kernels.interpolate(out, base, models, t, scratch));
}

function mergeRows(tensor: StockStream): void {
  const { kernels, rowLength } = tensor;
  const count = tensor.models.length;
  const lanes = tensor.lanes((count * (count + 1)) / 2);
  const scratch = tensor.counts(sourceScratchLength(count + 1));
  tensor.write(
    ({ base, models, length }, out) => {
      for (let start = 0; start < length; start += rowLength) {
        const cut = (values: Float32Array): Float32Array => values.subarray(start, start + rowLength);
        const [centre, points] = [cut(base), models.map(cut)];
        lanes.fill(0);
        kernels.addGram(lanes, points, scratch, centre);
        kernels.interpolate(cut(out), centre, points, ratio(gramOf(lanes, count), tensor), scratch);
      }
    },
    { rows: true },
  );
}

/** Products of lengths below this count as this, in mergekit. */
const smallestProduct = 1e-6;

function ratio(gram: GramMatrix, tensor: StockStream): number {
  const isPaper = tensor.compat === 'paper';
  const count = gram.length;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const product = Math.sqrt(gram[i][i] * gram[j][j]);
      const divisor = isPaper ? product : Math.max(product, smallestProduct);
      sum += divisor > 0 ? clamp(gram[i][j] / divisor, -1, 1) : 0;
    }
  }
  const mean = sum / ((count * (count - 1)) / 2);
  const cosine = isPaper ? clamp(mean, 0, 1) : mean;
  const divisor = 1 + (count - 1) * cosine;
  // As in mergekit: where deltas cancel, there is no point to go to.
  const isSingular = Math.abs(divisor) < 1e-6;
  if (mean < 0) {
    tensor.note(
      isPaper || isSingular
        ? 'deltas point away from each other: the base is kept'
        : 'deltas point away from each other: the result lies beyond the base',
    );
  }
  return isSingular ? 0 : (count * cosine) / divisor;
}
