/**
 * Whether the base of a merge is an ancestor of its models, and near enough for arithmetic on their differences, told from a
 * sample of the weights before anything is written.
 *
 * A model that was trained from the base lies near it, by |theta - theta_0| / |theta_0|. Models with nothing in common lie
 * sqrt(1 + s^2) apart, for a ratio s of their norms, and then it does not matter in which order the base's weights stand. With
 * an independent delta of relative size r the distance is r / sqrt(r^2 + 2) of that to the shuffled base: the limit of 0.9 is
 * reached where the delta is 2.9 times as large as the base. Both limits have to be exceeded, so that weights which are all
 * alike, for which any order is the same, are no strangers. They are rules of thumb with much room on either side.
 *
 * A model may come from the base and still be too far: sums of task vectors are a first-order argument (Ilharco et al. 2023).
 * In `finery reproduce cpt-merge` a vector of 0.18 of the base merges and one of 1.56 ruins both skills (its V4); the limit of
 * 0.5, which `finery diff` has too, lies in the middle of their logarithms.
 */
import { InputError } from '../../errors.ts';
import { stream } from '../../random/stream.ts';
import { elementCount } from '../../tensor/element-type.ts';
import { FileTable } from '../stream/file-table.ts';
import { isStorageType, type TensorJob } from '../stream/job.ts';
import { type Operand, openOperand } from '../stream/operand.ts';
import { Workspace } from '../stream/workspace.ts';
import { layerPlace } from './tensor-place.ts';

/** Share of the base's norm. */
const farthest = 0.5;

/** Share of the distance to the base in random order. */
const leastShare = 0.9;

/** Matrices of the sample, spread over the layers, and what is read of each: windows at equal distances. */
const mostMatrices = 64;
const windows = 4;
const windowLength = 1024;

export interface Ancestry {
  readonly model: string;
  /** |theta - theta_0| / |theta_0|, over the sample. */
  readonly distance: number;
  /** The same to the base with the weights of each matrix shuffled. */
  readonly shuffled: number;
}

/** Distances from the base, by model; empty where no matrix inside the layers is merged with a base. */
export function measureAncestry(jobs: readonly TensorJob[]): readonly Ancestry[] {
  const matrices = jobs.filter(
    ({ name, shape, base, output }) =>
      base && shape.length === 2 && !shape.includes(0) && layerPlace(name) && isStorageType(output.dtype),
  );
  if (matrices.length === 0) return [];
  const step = Math.max(1, matrices.length / mostMatrices);
  const sample = matrices.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  const resources = { files: new FileTable(), workspace: new Workspace(), capacity: windowLength };
  const sums = new Map<string, { base: number; distance: number; shuffled: number }>();
  // The same for all matrices of one length, which most are.
  let order: Uint32Array = new Uint32Array();
  try {
    for (const { base, models, shape } of sample) {
      resources.workspace.reset();
      const length = elementCount(shape)!;
      const read = (operand: Operand): Float32Array => readSample(operand, length, resources.workspace);
      const origin = read(openOperand(base!.tensor, resources));
      if (order.length !== origin.length) order = stream(0, 'merge', 'ancestry').permutation(origin.length);
      for (const { id, tensor } of models) {
        const values = read(openOperand(tensor, resources));
        const sum = sums.get(id) ?? { base: 0, distance: 0, shuffled: 0 };
        for (let i = 0; i < values.length; i++) {
          sum.base += origin[i] ** 2;
          sum.distance += (values[i] - origin[i]) ** 2;
          sum.shuffled += (values[i] - origin[order[i]]) ** 2;
        }
        sums.set(id, sum);
      }
    }
  } finally {
    resources.files.close();
  }
  return [...sums].map(([model, { base, distance, shuffled }]) => ({
    model,
    distance: Math.sqrt(distance / base),
    shuffled: Math.sqrt(shuffled / base),
  }));
}

function readSample(operand: Operand, length: number, workspace: Workspace): Float32Array {
  const size = Math.min(windowLength, length);
  const count = Math.min(windows, Math.ceil(length / size));
  const window = workspace.floats(size);
  const result = new Float32Array(count * size);
  for (let index = 0; index < count; index++) {
    const start = count === 1 ? 0 : Math.floor((index * (length - size)) / (count - 1));
    operand.read(start, window);
    result.set(window, index * size);
  }
  return result;
}

/**
 * What to say of models that do not come from the base, and of those that are far from it.
 * @throws InputError for the first that does not come from it where `strict`
 */
export function ancestryWarnings(jobs: readonly TensorJob[], base: string, strict: boolean): readonly string[] {
  const far = measureAncestry(jobs).filter(({ distance }) => distance > farthest);
  const isStranger = ({ distance, shuffled }: Ancestry): boolean => distance > leastShare * shuffled;
  const measured = ({ distance, shuffled }: Ancestry): string =>
    `weights ${distance.toFixed(2)} times the norm of ${base} away from it, and ${shuffled.toFixed(2)} from it in random order`;
  const first = far.find(isStranger);
  if (strict && first) {
    throw new InputError({
      field: `model ${first.model}`,
      found: measured(first),
      expected: `a model that was trained from ${base}: at most ${farthest}, or ${leastShare} of the second`,
      fix: 'Name the model that it was trained from as base_model.',
    });
  }
  return far.map((model) => {
    const conclusion = isStranger(model)
      ? `${base} is no ancestor of it`
      : `it comes from ${base}, but task vectors this large may not add up; measure the result`;
    return `${model.model}: ${measured(model)}: ${conclusion}.`;
  });
}
