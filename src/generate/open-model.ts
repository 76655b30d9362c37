/** A checkpoint made ready to generate: loaded, frozen, and what ends its texts looked up. */
import { mergeAdapters } from '../adapters/merge.ts';
import { readAdapter } from '../adapters/peft/read-adapter.ts';
import type { Precision } from '../models/inference-graph.ts';
import { loadModel } from '../models/model.ts';
import { modelHash } from '../models/model-hash.ts';
import { requireTokenizer } from '../models/require-tokenizer.ts';
import { requireWeightMemory } from '../models/weight-memory.ts';
import { Engine } from '../runtime/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { freeze } from './frozen/freeze.ts';
import { frozenBytes } from './frozen/frozen-bytes.ts';
import type { FrozenModel } from './frozen/frozen-model.ts';
import { configuredEnds } from './prompt/answer-ends.ts';

export interface OpenModel {
  readonly folder: string;
  readonly engine: Engine;
  readonly frozen: FrozenModel;
  readonly tokenizer: Tokenizer;
  /** Tokens that end a text, as the checkpoint's configuration says. */
  readonly endIds: readonly number[];
  /** Of the weights, an adapter merged into them, and the tokenizer; where it was asked for. */
  readonly hash: string | undefined;
  /** That it took to load. */
  readonly seconds: number;
  close(): Promise<void>;
}

export interface OpenModelOptions {
  readonly precision: Precision;
  /** Folder of an adapter that is merged into the model as it was read. Default none. */
  readonly adapter?: string;
  /** Default: all cores. */
  readonly threads?: number;
  /** Whether to compute `OpenModel.hash`, which reads all weights once more. Default false. */
  readonly withHash?: boolean;
  readonly signal?: AbortSignal;
  readonly onWarning?: (warning: string) => void;
}

/**
 * The caller keeps nothing of the loaded weights, so that they leave the memory once they are frozen.
 * @throws UsageError or InputError for a checkpoint that cannot be used, that does not fit into memory, or that has no
 *   tokenizer; UsageError for an adapter that does not fit it
 */
export async function openModel(folder: string, options: OpenModelOptions): Promise<OpenModel> {
  const { precision, adapter, threads, withHash = false, signal, onWarning } = options;
  const start = performance.now();
  const model = await loadModel(folder);
  for (const warning of model.warnings) onWarning?.(warning);
  if (adapter !== undefined) mergeAdapters(model, [{ adapter: await readAdapter(adapter) }]);
  const { config } = model;
  const tokenizer = requireTokenizer(folder, model.tokenizer);
  requireWeightMemory(`${folder} frozen in ${precision}`, frozenBytes(model.decoder, precision));
  const endIds = await configuredEnds(folder, config, tokenizer);
  const hash = withHash ? modelHash(model) : undefined;
  signal?.throwIfAborted();
  const engine = new Engine({ threads });
  try {
    const frozen = freeze(engine, model, { precision });
    signal?.throwIfAborted();
    const seconds = (performance.now() - start) / 1000;
    return { folder, engine, frozen, tokenizer, endIds, hash, seconds, close: () => engine.close() };
  } catch (error) {
    await engine.close();
    throw error;
  }
}
