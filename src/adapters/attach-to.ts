/** An adapter put on a model, whatever its layers are. */
import { elementCount } from '../graph/tensor.ts';
import { allocateParameters, type Parameter } from '../kernels/allocate-parameters.ts';
import type { ParameterSpec } from '../models/decoder.ts';
import { initializeParameter } from '../models/model.ts';
import { requireWeightMemory } from '../models/weight-memory.ts';
import type { ParameterArrays } from '../objectives/causal-lm/program.ts';
import { parameterEndings, partOf } from './adapted-layers.ts';
import type { Adapter, AdapterModule } from './adapter.ts';
import type { FrozenParameter } from './base-model.ts';
import type { AdapterSettings } from './settings.ts';

export interface Attached {
  /** Those of the base, frozen, and those of the adapter. */
  readonly parameters: ReadonlyMap<string, ParameterArrays>;
  /** What is trained: the parameters of the adapter with gradients and moments. */
  readonly trainable: ReadonlyMap<string, Parameter>;
  /** Sees each step: its arrays are those of `trainable`. */
  readonly adapter: Adapter;
}

interface WithParameters {
  readonly parameters: readonly ParameterSpec[];
}

/** The arrays of an adapted model's adapter made and all zero, but for what follows from the base, whose `weights` are given. */
export function attachTo(
  adapted: WithParameters,
  weights: ReadonlyMap<string, FrozenParameter>,
  settings: AdapterSettings,
): Attached {
  const added = adapted.parameters.filter(({ name }) => !weights.has(name));
  const learnt = added.filter(({ name }) => partOf(name) !== 'squaredNorms');
  requireWeightMemory('adapter', 16 * learnt.reduce((total, { shape }) => total + elementCount(shape), 0));
  const trainable = allocateParameters(learnt, ['weight', 'gradient', 'm', 'v']);
  const parameters = new Map<string, ParameterArrays>();
  for (const [name, { weight }] of weights) parameters.set(name, { weight });
  for (const { name } of added) {
    const module = name.slice(0, -parameterEndings.squaredNorms.length);
    parameters.set(name, trainable.get(name) ?? { weight: squaredNorms(weights.get(`${module}weight`)!) });
  }
  return { parameters, trainable, adapter: { settings, modules: modulesOf(trainable) } };
}

/** Draws a new adapter, which changes nothing before its first step. */
export function beginAdapter(attached: Attached, { parameters }: WithParameters, seed: number): void {
  for (const spec of parameters) {
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
