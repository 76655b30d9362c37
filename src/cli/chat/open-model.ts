/** A checkpoint made ready to generate: loaded, frozen, and what ends its answers looked up. */
import { InputError } from '../../errors.ts';
import { freeze } from '../../generate/frozen/freeze.ts';
import type { FrozenModel } from '../../generate/frozen/frozen-model.ts';
import { loadModel } from '../../models/model.ts';
import { Engine } from '../../runtime/engine.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { Terminal } from '../terminal.ts';
import { configuredEnds } from '../../generate/prompt/answer-ends.ts';
import type { ModelFlags } from './model-options.ts';

export interface OpenModel {
  readonly folder: string;
  readonly engine: Engine;
  readonly frozen: FrozenModel;
  readonly tokenizer: Tokenizer;
  /** Tokens that end a text, as the checkpoint's configuration says. */
  readonly endIds: readonly number[];
  /** That it took to load. */
  readonly seconds: number;
  close(): Promise<void>;
}

/**
 * The caller keeps nothing of the loaded weights, so that they leave the memory once they are frozen.
 * @throws UsageError or InputError for a checkpoint that cannot be used, or that has no tokenizer
 */
export async function openModel(folder: string, flags: ModelFlags, terminal: Terminal): Promise<OpenModel> {
  const start = performance.now();
  const model = await loadModel(folder);
  for (const warning of model.warnings) terminal.warn(warning);
  const { config, tokenizer } = model;
  if (!tokenizer) {
    throw new InputError({
      field: folder,
      found: 'a model without a tokenizer',
      expected: 'tokenizer.json beside the weights',
      fix: 'Add the tokenizer of the model.',
    });
  }
  const endIds = await configuredEnds(folder, config, tokenizer);
  terminal.signal.throwIfAborted();
  const engine = new Engine({ threads: flags.threads });
  try {
    const frozen = freeze(engine, model, { precision: flags.precision });
    terminal.signal.throwIfAborted();
    const seconds = (performance.now() - start) / 1000;
    return { folder, engine, frozen, tokenizer, endIds, seconds, close: () => engine.close() };
  } catch (error) {
    await engine.close();
    throw error;
  }
}
