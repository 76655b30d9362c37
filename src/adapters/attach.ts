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
import type { Model } from '../models/model.ts';
import { type Adapter, assertFits } from './adapter.ts';
import { type Attached, attachTo, beginAdapter } from './attach-to.ts';
import type { BaseModel } from './base-model.ts';
import { quantizeModel } from './nf4/quantized-model.ts';
import { type AdapterSettings, assertSettings, packsBase } from './settings.ts';
import { type LinearModule, linearModules, moduleName, resolveTargets } from './target-modules.ts';

export interface AdaptedModel extends Omit<Model, 'parameters'>, Attached {
  readonly base: BaseModel;
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
  beginAdapter({ ...adapted, layers: adapted.decoder }, seed);
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

function attach(model: BaseModel, settings: AdapterSettings, modules: readonly LinearModule[]): AdaptedModel {
  const { layers: decoder, ...attached } = attachTo(model.decoder, model.parameters, settings, modules);
  const { config, tokenizer, warnings } = model;
  return { config, tokenizer, warnings, decoder, base: model, ...attached };
}

const refuse = (field: string, found: string, expected: string): UsageError =>
  new UsageError({ field: `adapter ${field}`, found, expected, fix: 'Correct the adapter settings.' });
