import { defineMethod } from '../method.ts';
import { gramMatrix } from '../selection/gram.ts';
import type { TensorStream } from '../stream/tensor-stream.ts';
import { nearlyCancel, weightsOf } from './divisor.ts';
import { arcFactors, clamp } from './sphere.ts';

const perModel = { weight: { kind: 'number', summary: 'weight of the model' } } as const;
const settings = {
  nuslerp_flatten: { kind: 'boolean', default: true, summary: 'take the tensor as one vector' },
  nuslerp_row_wise: {
    kind: 'boolean',
    default: false,
    summary: 'without flatten: vectors are columns where true, rows where false (the name is mergekit’s)',
  },
} as const;

type NuslerpStream = TensorStream<typeof perModel, typeof settings>;

/** Spherical interpolation by weights; of task vectors, where there is a base. */
export const nuslerp = defineMethod({
  name: 'nuslerp',
  reference: 'Shoemake 1985, Animating rotation with quaternion curves',
  equation:
    'theta = (sin((1-t) a) x_0 + sin(t a) x_1) / sin(a), t = w_1 / (w_0 + w_1), x = theta, or delta added to the base',
  base: 'optional',
  models: [2, 2],
  perModel,
  settings,
  cautions: (models) => {
    const weights = weightsOf(models);
    const t = positionOf(weights);
    if (t === undefined) {
      return [
        'nuslerp: the weights add up to nothing, and say no place between the models: it is halfway, as in mergekit.',
      ];
    }
    if (!nearlyCancel(weights)) return [];
    return [
      `nuslerp: weights that nearly cancel place the result at t = ${t.toPrecision(3)}, far from what lies between the models: it may be blown up. Choose weights of one sign.`,
    ];
  },
  merge(tensor: NuslerpStream) {
    const { nuslerp_flatten: flatten, nuslerp_row_wise: columns } = tensor.settings;
    if (flatten || tensor.shape.length < 2) mergeWhole(tensor);
    else if (columns) mergeColumns(tensor);
    else mergeRows(tensor);
  },
});

const shortest = 1e-7;
const smallestSine = 1e-8;

/** Undefined where the weights add up to next to nothing. */
function positionOf([first, second]: readonly number[]): number | undefined {
  return Math.abs(first + second) < 1e-6 ? undefined : second / (first + second);
}

/** As in mergekit, halfway where the weights say nothing. */
const placeIn = ({ models }: NuslerpStream): number =>
  positionOf(weightsOf(models.map(({ parameters }) => parameters))) ?? 0.5;

function factorsOf(aa: number, bb: number, ab: number, t: number): readonly [number, number] {
  const [a, b] = [aa, bb].map((square) => Math.max(Math.sqrt(square), shortest));
  return arcFactors(Math.acos(clamp(ab / (a * b), -1, 1)), t, smallestSine);
}

function mergeWhole(tensor: NuslerpStream): void {
  const { kernels, hasBase } = tensor;
  const [[aa, ab], [, bb]] = gramMatrix(tensor, 2, ({ models }) => models, { deltas: hasBase });
  const [first, second] = factorsOf(aa, bb, ab, placeIn(tensor));
  tensor.write(
    ({ base, models: [a, b] }, out) => {
      kernels.addScaled(out, a, first);
      kernels.addScaled(out, b, second);
      if (hasBase) kernels.accumulate(out, base);
    },
    { deltas: hasBase },
  );
}

function mergeRows(tensor: NuslerpStream): void {
  const { kernels, hasBase, rowLength } = tensor;
  const t = placeIn(tensor);
  const lanes = tensor.lanes();
  const product = (a: Float32Array, b: Float32Array): number => {
    lanes.fill(0);
    kernels.addProducts(lanes, a, b);
    return lanes.reduce((sum, lane) => sum + lane, 0);
  };
  tensor.write(
    ({ base, models, length }, out) => {
      for (let start = 0; start < length; start += rowLength) {
        const [a, b] = models.map((values) => values.subarray(start, start + rowLength));
        const row = out.subarray(start, start + rowLength);
        const [first, second] = factorsOf(product(a, a), product(b, b), product(a, b), t);
        kernels.addScaled(row, a, first);
        kernels.addScaled(row, b, second);
      }
      if (hasBase) kernels.accumulate(out, base);
    },
    { rows: true, deltas: hasBase },
  );
}

/** Vectors along the first axis: entries whose index is the same modulo the number of vectors. */
function mergeColumns(tensor: NuslerpStream): void {
  const { kernels, hasBase, length, shape } = tensor;
  const t = placeIn(tensor);
  const count = length / shape[0];
  const [aa, bb, ab] = [0, 1, 2].map(() => new Float64Array(count));
  tensor.read(
    ({ models: [a, b], start }) => {
      for (let i = 0; i < a.length; i++) {
        const column = (start + i) % count;
        aa[column] += a[i] * a[i];
        bb[column] += b[i] * b[i];
        ab[column] += a[i] * b[i];
      }
    },
    { deltas: hasBase },
  );
  const factors = Array.from(aa, (square, column) => factorsOf(square, bb[column], ab[column], t));
  tensor.write(
    ({ base, models: [a, b], start }, out) => {
      for (let i = 0; i < a.length; i++) {
        const [first, second] = factors[(start + i) % count];
        out[i] = a[i] * first + b[i] * second;
      }
      if (hasBase) kernels.accumulate(out, base);
    },
    { deltas: hasBase },
  );
}
