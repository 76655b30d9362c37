/** An encoder-decoder made ready to answer: loaded, and what ends its texts looked up. */
import { mergeAdapters } from '../../adapters/merge.ts';
import { readAdapter } from '../../adapters/peft/read-adapter.ts';
import { type EncoderDecoderModel, loadEncoderDecoder } from '../../models/encoder-decoder-model.ts';
import { requireTokenizer } from '../../models/require-tokenizer.ts';
import { Engine } from '../../runtime/engine.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { OpenModelOptions } from '../open-model.ts';
import { configuredEnds } from '../prompt/answer-ends.ts';

export interface OpenEncoderDecoder extends Pick<EncoderDecoderModel, 'config' | 'architecture' | 'parameters'> {
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  /** Tokens that end a text, as the checkpoint's configuration says. */
  readonly endIds: readonly number[];
  close(): Promise<void>;
}

/** @throws UsageError or InputError as `loadEncoderDecoder`, and for a model without a tokenizer; UsageError for an adapter that does not fit it */
export async function openEncoderDecoder(
  folder: string,
  { adapter, threads, signal, onWarning }: Pick<OpenModelOptions, 'adapter' | 'threads' | 'signal' | 'onWarning'>,
): Promise<OpenEncoderDecoder> {
  const model = await loadEncoderDecoder(folder);
  const { config, architecture, parameters } = model;
  for (const warning of model.warnings) onWarning?.(warning);
  if (adapter !== undefined) mergeAdapters(model, [{ adapter: await readAdapter(adapter) }]);
  const tokenizer = requireTokenizer(folder, model.tokenizer);
  const endIds = await configuredEnds(folder, { eos_token_id: architecture.endIds, ...config }, tokenizer);
  signal?.throwIfAborted();
  const engine = new Engine({ threads });
  return { engine, config, architecture, parameters, tokenizer, endIds, close: () => engine.close() };
}
