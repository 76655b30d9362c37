/**
 * Adapters merged into the weights of their base, one or several at once, of any ranks:
 *
 *   W <- W + sum over adapters of w (V f - W)      V = W + s B A,   f = m / |V| row by row with `dora`, else 1
 *
 * which for one adapter with w = 1 is the adapted weight itself. Sums are made in float64 and rounded once.
 */
import { UsageError } from '../errors.ts';
import type { Layers } from '../models/decoder.ts';
import type { EncoderDecoder } from '../models/encoder-decoder.ts';
import { type Adapter, type AdapterModule, assertFits } from './adapter.ts';
import { scaleOf } from './settings.ts';
import { type AdaptableModel, modulesByName } from './target-modules.ts';

export type MergeableModel = (
  | { readonly decoder: Layers }
  | { readonly encoder: Layers }
  | { readonly architecture: EncoderDecoder }
) & {
  /** Those of adapted layers in float32; they are changed in place. */
  readonly parameters: ReadonlyMap<string, { readonly weight: unknown }>;
};

function adaptableOf(model: MergeableModel): AdaptableModel {
  if ('architecture' in model) return model.architecture;
  return 'decoder' in model ? model.decoder : model.encoder;
}

export interface WeightedAdapter {
  readonly adapter: Adapter;
  /** Share of the adapter's change. Default 1. */
  readonly weight?: number;
}

/** What `unmergeAdapters` needs. The adapters must not have changed meanwhile. */
export interface MergedAdapters {
  readonly model: MergeableModel;
  readonly adapters: readonly Required<WeightedAdapter>[];
  /** With `dora`, for each adapter and linear layer: f of each row. */
  readonly factors: readonly ReadonlyMap<string, Float64Array>[];
}

/** An adapter's part in one linear layer. */
interface Part {
  readonly module: AdapterModule;
  readonly r: number;
  readonly scale: number;
  readonly weight: number;
  /** Written by merging, read by unmerging; undefined where nobody will. */
  readonly factors: Float64Array | undefined;
}

/** @throws UsageError where an adapter does not fit the model, or the model's weights are packed; nothing has changed then. */
export function mergeAdapters(model: MergeableModel, adapters: readonly WeightedAdapter[]): MergedAdapters {
  const complete = completed(adapters, adaptableOf(model));
  const factors = complete.map(({ adapter }) => {
    const scaled = [...adapter.modules].flatMap(([name, { magnitude }]) =>
      magnitude ? [[name, magnitude] as const] : [],
    );
    return new Map(scaled.map(([name, magnitude]) => [name, new Float64Array(magnitude.length)]));
  });
  const merged = { model, adapters: complete, factors };
  forEachRow(merged, mergeRow);
  return merged;
}

/** Merges adapters into one parameter of a model at a time, as `mergeAdapters` into all; one that they leave alone stays. */
export type ParameterMerger = (parameter: string, weight: Float32Array) => void;

/** @throws UsageError where an adapter does not fit the model */
export function parameterMerger(model: AdaptableModel, adapters: readonly WeightedAdapter[]): ParameterMerger {
  const complete = completed(adapters, model);
  return (parameter, weight) => {
    const [, module] = /^(.*)\.weight$/.exec(parameter) ?? [];
    const parts = module === undefined ? [] : partsOf(module, complete, []);
    if (parts.length > 0) changeRows(weight, parts, mergeRow);
  };
}

function completed(adapters: readonly WeightedAdapter[], model: AdaptableModel): Required<WeightedAdapter>[] {
  const complete = adapters.map(({ adapter, weight = 1 }) => ({ adapter, weight }));
  for (const { adapter, weight } of complete) {
    assertFits(adapter, model);
    if (!Number.isFinite(weight)) throw refuse('weight', String(weight), 'a finite number');
  }
  return complete;
}

/** Takes the adapters out again: weights are what they were to within a few roundings. */
export function unmergeAdapters(merged: MergedAdapters): void {
  forEachRow(merged, unmergeRow);
}

type RowChange = (row: Float32Array, index: number, parts: readonly Part[], update: Float64Array) => void;

function forEachRow({ model, adapters, factors }: MergedAdapters, change: RowChange): void {
  const { parameters } = model;
  const adapted = [...modulesByName(adaptableOf(model)).keys()].filter((name) =>
    adapters.some(({ adapter }) => adapter.modules.has(name)),
  );
  const weights = adapted.map((name) => float32WeightOf(parameters, name));
  for (const [i, name] of adapted.entries()) changeRows(weights[i], partsOf(name, adapters, factors), change);
}

function partsOf(
  name: string,
  adapters: readonly Required<WeightedAdapter>[],
  factors: MergedAdapters['factors'],
): Part[] {
  return adapters.flatMap(({ adapter: { settings, modules }, weight }, k): Part[] => {
    const module = modules.get(name);
    return module ? [{ module, r: settings.r, scale: scaleOf(settings), weight, factors: factors[k]?.get(name) }] : [];
  });
}

function changeRows(weight: Float32Array, parts: readonly Part[], change: RowChange): void {
  const [{ module, r }] = parts;
  const input = module.a.length / r;
  const update = new Float64Array(input);
  for (let row = 0; row * input < weight.length; row++) {
    change(weight.subarray(row * input, (row + 1) * input), row, parts, update);
  }
}

const mergeRow: RowChange = (row, index, parts, update) => {
  const sum = Float64Array.from(row);
  for (const part of parts) {
    updateOf(part, index, update);
    const factor = part.module.magnitude ? factorOf(part, index, row, update) : 1;
    if (part.factors) part.factors[index] = factor;
    for (let i = 0; i < row.length; i++) sum[i] += part.weight * ((row[i] + update[i]) * factor - row[i]);
  }
  row.set(sum);
};

/** Solves the sum for W: every part is linear in it once its factor is known. */
const unmergeRow: RowChange = (row, index, parts, update) => {
  const rest = Float64Array.from(row);
  let share = 1;
  for (const part of parts) {
    updateOf(part, index, update);
    const factor = part.factors?.[index] ?? 1;
    for (let i = 0; i < row.length; i++) rest[i] -= part.weight * factor * update[i];
    share += part.weight * (factor - 1);
  }
  if (share === 0) throw refuse(`row ${index}`, 'a weight that merging scaled to nothing', 'one that can be restored');
  for (let i = 0; i < row.length; i++) row[i] = rest[i] / share;
};

/** s B A, one row. */
function updateOf({ module: { a, b }, r, scale }: Part, index: number, update: Float64Array): void {
  const input = update.length;
  update.fill(0);
  for (let k = 0; k < r; k++) {
    const factor = scale * b[index * r + k];
    const from = k * input;
    for (let i = 0; i < input; i++) update[i] += factor * a[from + i];
  }
}

/** m / |V|; a row without length stays as it is. */
function factorOf({ module: { magnitude } }: Part, index: number, row: Float32Array, update: Float64Array): number {
  let square = 0;
  for (let i = 0; i < row.length; i++) square += (row[i] + update[i]) ** 2;
  return square === 0 ? 1 : magnitude![index] / Math.sqrt(square);
}

function float32WeightOf(parameters: MergeableModel['parameters'], module: string): Float32Array {
  const weight = parameters.get(`${module}.weight`)?.weight;
  if (weight instanceof Float32Array) return weight;
  throw new UsageError({
    field: `${module}.weight`,
    found: 'a matrix in four bits',
    expected: 'float32',
    fix: 'Merge into the model as it was loaded, or into what dequantizeModel makes of this one.',
  });
}

const refuse = (field: string, found: string, expected: string): UsageError =>
  new UsageError({ field: `merging, ${field}`, found, expected, fix: 'Correct the adapters to merge.' });
