/** An encoder-decoder made ready to answer: loaded, and what ends its texts looked up. */
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

/** @throws UsageError or InputError as `loadEncoderDecoder`, and for a model without a tokenizer */
export async function openEncoderDecoder(
  folder: string,
  { threads, signal, onWarning }: Pick<OpenModelOptions, 'threads' | 'signal' | 'onWarning'>,
): Promise<OpenEncoderDecoder> {
  const { config, architecture, parameters, tokenizer: found, warnings } = await loadEncoderDecoder(folder);
  for (const warning of warnings) onWarning?.(warning);
  const tokenizer = requireTokenizer(folder, found);
  const endIds = await configuredEnds(folder, { eos_token_id: architecture.endIds, ...config }, tokenizer);
  signal?.throwIfAborted();
  const engine = new Engine({ threads });
  return { engine, config, architecture, parameters, tokenizer, endIds, close: () => engine.close() };
}
