/**
 * An encoder-decoder with an adapter, which is trained alone; see `attach.ts`.
 *
 * ```ts
 * const base = await loadEncoderDecoder('models/flan-t5-small');
 * const settings = { method: 'lora', r: 8, alpha: 16, targetModules: ['q', 'v'] } as const;
 * const model = attachEncoderDecoderAdapter(base, settings, { seed: 1 });
 * const program = new Seq2SeqProgram(engine, model.architecture, model.parameters, shape);
 * // ... train model.trainable, then
 * await saveAdapter('adapter', model.adapter, { taskType: 'SEQ_2_SEQ_LM' });
 * ```
 */
import { UsageError } from '../errors.ts';
import type { EncoderDecoderModel } from '../models/encoder-decoder-model.ts';
import type { ParameterArrays } from '../objectives/causal-lm/program.ts';
import { adaptEncoderDecoder } from './adapted-encoder-decoder.ts';
import { type Adapter, assertFits, copyAdapter, resolveModules } from './adapter.ts';
import { type Attached, attachTo, beginAdapter } from './attach-to.ts';
import { type AdapterSettings, assertSettings, packsBase } from './settings.ts';
import { type LinearModule, resolveTargetsIn, stacksOf } from './target-modules.ts';

export interface AdaptedEncoderDecoder
  extends Omit<EncoderDecoderModel, 'parameters'>,
    Pick<Attached, 'trainable' | 'adapter'> {
  readonly base: EncoderDecoderModel;
  /** Those of the base, frozen, and those of the adapter. */
  readonly parameters: ReadonlyMap<string, ParameterArrays & { readonly weight: Float32Array }>;
}

/**
 * A new adapter, which changes nothing before its first step.
 * @throws UsageError for settings out of range, targets that the model does not have, a base in four bits, or dropout,
 * which the training of encoder-decoders does not have
 */
export function attachEncoderDecoderAdapter(
  base: EncoderDecoderModel,
  settings: AdapterSettings,
  { seed }: { readonly seed: number },
): AdaptedEncoderDecoder {
  assertEncoderDecoderSettings(settings);
  const adapted = attach(base, settings, resolveTargetsIn(stacksOf(base.architecture), settings.targetModules));
  beginAdapter(adapted, adapted.architecture, seed);
  return adapted;
}

/** Settings that training can keep to. @throws UsageError */
export function assertEncoderDecoderSettings(settings: AdapterSettings): void {
  assertSettings(settings);
  const { method, dropout = 0 } = settings;
  if (packsBase(method)) throw refuse('method', method, 'lora, rslora or dora, over a base in float32');
  if (dropout > 0) throw refuse('dropout', String(dropout), '0: training has no dropout here');
}

/** Goes on with an adapter that there is; its arrays are copied. @throws UsageError if it does not fit the model. */
export function attachTrainedEncoderDecoderAdapter(base: EncoderDecoderModel, adapter: Adapter): AdaptedEncoderDecoder {
  assertFits(adapter, base.architecture);
  const adapted = attach(base, adapter.settings, resolveModules(stacksOf(base.architecture), adapter));
  copyAdapter(adapter, adapted.adapter);
  return adapted;
}

function attach(
  base: EncoderDecoderModel,
  settings: AdapterSettings,
  modules: readonly (readonly LinearModule[])[],
): AdaptedEncoderDecoder {
  const { config, tokenizer, warnings } = base;
  const architecture = adaptEncoderDecoder(base.architecture, modules, settings);
  const { parameters, trainable, adapter } = attachTo(architecture, base.parameters, settings);
  return { config, tokenizer, warnings, architecture, base, parameters: unpacked(parameters), trainable, adapter };
}

/** A base in float32 has no other weights. */
function unpacked(parameters: Attached['parameters']): AdaptedEncoderDecoder['parameters'] {
  return new Map(
    [...parameters].map(([name, { weight, gradient }]) => {
      if (!(weight instanceof Float32Array)) throw new Error(`${name} is packed`);
      return [name, { weight, ...(gradient && { gradient }) }] as const;
    }),
  );
}

const refuse = (field: string, found: string, expected: string): UsageError =>
  new UsageError({
    field: `adapter ${field}`,
    found: `${found}, for an encoder-decoder`,
    expected,
    fix: 'Correct the adapter settings.',
  });
