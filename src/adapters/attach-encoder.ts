/**
 * An encoder with an adapter, which is trained alone by contrastive training; see `attach.ts`.
 *
 * ```ts
 * const base = await openAdaptableEmbedder('models/bge-small-en-v1.5');
 * const model = attachEncoderAdapter(base, { method: 'lora', r: 8, alpha: 16, targetModules: 'all-linear' }, { seed: 1 });
 * await contrastive(model, pairs, settings, context);
 * await saveAdapter('adapter', model.adapter, { taskType: 'FEATURE_EXTRACTION' });
 * ```
 */
import type { SentenceModules } from '../embed/sentence-modules.ts';
import { UsageError } from '../errors.ts';
import type { EncoderModel } from '../models/encoder-model.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { adaptLayers } from './adapted-layers.ts';
import { type Attached, attachTo, beginAdapter } from './attach-to.ts';
import type { FrozenParameter } from './base-model.ts';
import { type AdapterSettings, assertSettings } from './settings.ts';
import { resolveTargets } from './target-modules.ts';

/** Those of `adapterMethods` over a base in float32. */
export const embedderAdapterMethods = ['lora', 'rslora', 'dora'] as const;
export type EmbedderAdapterMethod = (typeof embedderAdapterMethods)[number];

/** An encoder that takes an adapter: its parameters are frozen, in float32. */
export interface BaseEmbedder extends Omit<EncoderModel, 'parameters' | 'tokenizer'> {
  readonly parameters: ReadonlyMap<string, FrozenParameter>;
  readonly settings: SentenceModules & { readonly maxLength: number };
  readonly tokenizer: Tokenizer;
}

export interface AdaptedEmbedder extends Omit<BaseEmbedder, 'parameters'>, Attached {
  readonly base: BaseEmbedder;
}

/**
 * A new adapter, which changes nothing before its first step.
 * @throws UsageError for settings out of range, targets that the model does not have, a base in four bits, or dropout,
 * which contrastive training does not have
 */
export function attachEncoderAdapter(
  base: BaseEmbedder,
  settings: AdapterSettings,
  { seed }: { readonly seed: number },
): AdaptedEmbedder {
  assertSettings(settings);
  if (!embedderAdapterMethods.some((method) => method === settings.method)) {
    throw refuse('method', settings.method, embedderAdapterMethods.join(', '));
  }
  if (settings.dropout) throw refuse('dropout', String(settings.dropout), '0');
  const { encoder, parameters, ...model } = base;
  const adapted = adaptLayers(encoder, resolveTargets(encoder, settings.targetModules), settings);
  const attached = attachTo(adapted, parameters, settings);
  beginAdapter(attached, adapted, seed);
  return { ...model, encoder: adapted, base, ...attached };
}

const refuse = (field: string, found: string, expected: string): UsageError =>
  new UsageError({
    field: `adapter ${field}`,
    found: `${found}, for a model that makes vectors`,
    expected,
    fix: 'Correct the adapter settings.',
  });
