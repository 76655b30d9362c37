/**
 * A model with an adapter: the base frozen, the adapter to be trained. What a trained model offers, it offers too:
 *
 * ```ts
 * const base = await loadModel(folder);
 * const model = attachAdapter(base, { method: 'lora', r: 16, alpha: 32, targetModules: 'all-linear' }, { seed: 1 });
 * const optimizer = createAdamW(model.trainable.values());
 * const program = new CausalLmProgram(engine, model.decoder, model.parameters, { rows, length });
 * // ... train, then
 * await saveAdapter('adapter', model.adapter);
 * ```
 */
import { UsageError } from '../errors.ts';
import { elementCount } from '../graph/tensor.ts';
import { allocateParameters, type Parameter } from '../kernels/allocate-parameters.ts';
import { initializeParameter, type Model } from '../models/model.ts';
import { requireWeightMemory } from '../models/weight-memory.ts';
import type { ParameterArrays } from '../objectives/causal-lm/program.ts';
import { adaptDecoder, parameterEndings, partOf } from './adapted-decoder.ts';
import { type Adapter, type AdapterModule, assertFits } from './adapter.ts';
import type { BaseModel, FrozenParameter } from './base-model.ts';
import { quantizeModel } from './nf4/quantized-model.ts';
import { type AdapterSettings, assertSettings, packsBase } from './settings.ts';
import { type LinearModule, linearModules, moduleName, resolveTargets } from './target-modules.ts';

export interface AdaptedModel extends Omit<Model, 'parameters'> {
  readonly base: BaseModel;
  /** Those of the base, frozen, and those of the adapter. */
  readonly parameters: ReadonlyMap<string, ParameterArrays>;
  /** What is trained: the parameters of the adapter with gradients and moments. */
  readonly trainable: ReadonlyMap<string, Parameter>;
  /** Sees each step: its arrays are those of `trainable`. */
  readonly adapter: Adapter;
}

/**
 * A new adapter, which changes nothing before its first step. With `qlora` and `qdora` a base in float32 is packed first; where that
 * is too large for memory, load it with `loadQuantizedModel`.
 * @throws UsageError for settings out of range, targets that the model does not have, a base that does not go with the
 * method, or no memory for the adapter.
 */
export function attachAdapter(
  model: BaseModel,
  settings: AdapterSettings,
  { seed }: { readonly seed: number },
): AdaptedModel {
  assertSettings(settings);
  const targets = resolveTargets(model.decoder, settings.targetModules);
  const adapted = attach(packsBase(settings.method) ? quantizeModel(model) : model, settings, targets);
  for (const spec of adapted.decoder.parameters) {
    const parameter = adapted.trainable.get(spec.name);
    if (parameter) initializeParameter(parameter.weight, spec, seed);
  }
  for (const [name, { magnitude }] of adapted.adapter.modules) {
    magnitude?.set(squaredNormsOf(adapted, name).map(Math.sqrt));
  }
  return adapted;
}

/** Goes on with an adapter that there is; its arrays are copied. @throws UsageError if it does not fit the model. */
export function attachTrainedAdapter(model: BaseModel, adapter: Adapter): AdaptedModel {
  assertFits(adapter, model.decoder);
  const { decoder } = model;
  const has = (layer: number) => (module: LinearModule) => adapter.modules.has(moduleName(decoder, layer, module.name));
  const targets = linearModules(decoder).filter(has(0));
  for (let layer = 1; layer < decoder.sizes.layers; layer++) {
    const odd = linearModules(decoder).find((module) => has(0)(module) !== has(layer)(module));
    if (odd) throw refuse('modules', `${odd.name} in some layers only`, 'the same linear layers in every block');
  }
  const adapted = attach(model, adapter.settings, targets);
  for (const [name, { a, b, magnitude }] of adapter.modules) {
    const own = adapted.adapter.modules.get(name)!;
    own.a.set(a);
    own.b.set(b);
    if (magnitude) own.magnitude!.set(magnitude);
  }
  return adapted;
}

/** The adapter's arrays made and all zero, but for what follows from the base. */
function attach(model: BaseModel, settings: AdapterSettings, modules: readonly LinearModule[]): AdaptedModel {
  const decoder = adaptDecoder(model.decoder, modules, settings);
  const added = decoder.parameters.filter(({ name }) => !model.parameters.has(name));
  const learnt = added.filter(({ name }) => partOf(name) !== 'squaredNorms');
  requireWeightMemory('adapter', 16 * learnt.reduce((total, { shape }) => total + elementCount(shape), 0));
  const trainable = allocateParameters(learnt, ['weight', 'gradient', 'm', 'v']);
  const parameters = new Map<string, ParameterArrays>();
  for (const [name, { weight }] of model.parameters) parameters.set(name, { weight });
  for (const { name } of added) {
    const base = name.slice(0, -parameterEndings.squaredNorms.length);
    parameters.set(name, trainable.get(name) ?? { weight: squaredNorms(model.parameters.get(`${base}weight`)!) });
  }
  const { config, tokenizer, warnings } = model;
  const adapter = { settings, modules: modulesOf(trainable) };
  return { config, tokenizer, warnings, decoder, base: model, parameters, trainable, adapter };
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

const squaredNormsOf = ({ parameters }: AdaptedModel, module: string): Float32Array =>
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

const refuse = (field: string, found: string, expected: string): UsageError =>
  new UsageError({ field: `adapter ${field}`, found, expected, fix: 'Correct the adapter settings.' });
