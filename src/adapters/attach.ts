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
import type { Model } from '../models/model.ts';
import { adaptLayers } from './adapted-layers.ts';
import { type Adapter, assertFits, copyAdapter, resolveModules } from './adapter.ts';
import { type Attached, attachTo, beginAdapter } from './attach-to.ts';
import type { BaseModel } from './base-model.ts';
import { quantizeModel } from './nf4/quantized-model.ts';
import { type AdapterSettings, assertSettings, packsBase } from './settings.ts';
import { type LinearModule, resolveTargets, stacksOf } from './target-modules.ts';

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
  beginAdapter(adapted, adapted.decoder, seed);
  return adapted;
}

/** Goes on with an adapter that there is; its arrays are copied. @throws UsageError if it does not fit the model. */
export function attachTrainedAdapter(model: BaseModel, adapter: Adapter): AdaptedModel {
  assertFits(adapter, model.decoder);
  const [targets] = resolveModules(stacksOf(model.decoder), adapter);
  const adapted = attach(model, adapter.settings, targets);
  copyAdapter(adapter, adapted.adapter);
  return adapted;
}

function attach(model: BaseModel, settings: AdapterSettings, modules: readonly LinearModule[]): AdaptedModel {
  const { config, tokenizer, warnings, parameters } = model;
  const decoder = adaptLayers(model.decoder, modules, settings);
  return { config, tokenizer, warnings, decoder, base: model, ...attachTo(decoder, parameters, settings) };
}
