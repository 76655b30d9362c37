/** An adapter put on layers, whatever is computed before and after them. */
import { elementCount } from '../graph/tensor.ts';
import { allocateParameters, type Parameter } from '../kernels/allocate-parameters.ts';
import { initializeParameter } from '../models/model.ts';
import { requireWeightMemory } from '../models/weight-memory.ts';
import type { ParameterArrays } from '../objectives/causal-lm/program.ts';
import { type AdaptableLayers, adaptLayers, parameterEndings, partOf } from './adapted-layers.ts';
import type { Adapter, AdapterModule } from './adapter.ts';
import type { FrozenParameter } from './base-model.ts';
import type { AdapterSettings } from './settings.ts';
import type { LinearModule } from './target-modules.ts';

export interface Attached {
  /** Those of the base, frozen, and those of the adapter. */
  readonly parameters: ReadonlyMap<string, ParameterArrays>;
  /** What is trained: the parameters of the adapter with gradients and moments. */
  readonly trainable: ReadonlyMap<string, Parameter>;
  /** Sees each step: its arrays are those of `trainable`. */
  readonly adapter: Adapter;
}

/** The adapter's arrays made and all zero, but for what follows from the base. */
export function attachTo<Model extends AdaptableLayers>(
  base: Model,
  weights: ReadonlyMap<string, FrozenParameter>,
  settings: AdapterSettings,
  modules: readonly LinearModule[],
): Attached & { readonly layers: Model } {
  const layers = adaptLayers(base, modules, settings);
  const added = layers.parameters.filter(({ name }) => !weights.has(name));
  const learnt = added.filter(({ name }) => partOf(name) !== 'squaredNorms');
  requireWeightMemory('adapter', 16 * learnt.reduce((total, { shape }) => total + elementCount(shape), 0));
  const trainable = allocateParameters(learnt, ['weight', 'gradient', 'm', 'v']);
  const parameters = new Map<string, ParameterArrays>();
  for (const [name, { weight }] of weights) parameters.set(name, { weight });
  for (const { name } of added) {
    const module = name.slice(0, -parameterEndings.squaredNorms.length);
    parameters.set(name, trainable.get(name) ?? { weight: squaredNorms(weights.get(`${module}weight`)!) });
  }
  return { layers, parameters, trainable, adapter: { settings, modules: modulesOf(trainable) } };
}

/** Draws a new adapter, which changes nothing before its first step. */
export function beginAdapter(attached: Attached & { readonly layers: AdaptableLayers }, seed: number): void {
  for (const spec of attached.layers.parameters) {
    const parameter = attached.trainable.get(spec.name);
    if (parameter) initializeParameter(parameter.weight, spec, seed);
  }
  for (const [name, { magnitude }] of attached.adapter.modules) {
    magnitude?.set(squaredNormsOf(attached, name).map(Math.sqrt));
  }
}

/** The arrays of each module, found by the names of the parameters. */
function modulesOf(trainable: ReadonlyMap<string, Parameter>): ReadonlyMap<string, AdapterModule> {
  const modules = new Map<string, { -readonly [Part in keyof AdapterModule]: AdapterModule[Part] }>();
  for (const [name, { weight }] of trainable) {
    const part = partOf(name) as keyof AdapterModule;
    const module = name.slice(0, -parameterEndings[part].length - 1);
    const arrays = modules.get(module) ?? { a: weight, b: weight };
    arrays[part] = weight;
    modules.set(module, arrays);
  }
  return modules;
}

const squaredNormsOf = ({ parameters }: Attached, module: string): Float32Array =>
  parameters.get(`${module}.${parameterEndings.squaredNorms}`)!.weight as Float32Array;

/** Of each row of a matrix [out, input]; of a packed one as it is computed with. */
function squaredNorms({ shape: [out, input], weight }: FrozenParameter): Float32Array {
  if (!(weight instanceof Float32Array)) return weight.squaredNorms(out);
  return Float32Array.from({ length: out }, (_, row) => {
    let total = 0;
    for (let i = row * input; i < (row + 1) * input; i++) total += weight[i] * weight[i];
    return total;
  });
}
