/** What a run starts from: a checkpoint, or a new model with its tokenizer. */
import { resolve } from 'node:path';
import type { DownloadProgress } from '../checkpoint/hub/fetch-revision.ts';
import { resolveModel } from '../checkpoint/hub/resolve-model.ts';
import { readSentenceModules } from '../embed/sentence-modules.ts';
import { UsageError } from '../errors.ts';
import type { JsonObject } from '../files/json-file.ts';
import {
  type EncoderDecoderModel,
  holdsEncoderDecoder,
  initEncoderDecoder,
  loadEncoderDecoder,
} from '../models/encoder-decoder-model.ts';
import { type EncoderModel, loadEncoder } from '../models/encoder-model.ts';
import { initModel, loadModel, type Model, type Purpose } from '../models/model.ts';
import { isEncoderDecoder } from '../models/registry.ts';
import { loadTokenizer, tokenizerOf } from '../tokenizer/load.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { trainTokenizer } from '../tokenizer/train/train.ts';
import { type DataSetOptions, type DataSource, trainingTexts } from './data-set.ts';

export type BaseSource =
  /** A Hugging Face folder, or a hub id. */
  | { readonly checkpoint: string }
  | {
      readonly init: {
        readonly config: JsonObject;
        readonly induction_heads: boolean;
        readonly tokenizer: TokenizerSource;
      };
    };

type TokenizerSource =
  | {
      readonly train: TokenizerTraining & { readonly on: readonly string[] };
    }
  | { readonly from: string };

interface TokenizerTraining {
  readonly vocab_size: number;
  readonly min_frequency: number;
  readonly digits: 1 | 3;
}

export interface BaseOptions extends DataSetOptions {
  readonly seed: number;
  /** Gradients and moments are for a model that is trained as a whole, not for one under an adapter. Default `training`. */
  readonly purpose?: Purpose;
  /** Told of an encoder-decoder before its weights are read; may throw. */
  readonly onEncoderDecoder?: () => void;
  /** Of a base that is fetched from the hub. */
  readonly onDownload?: (progress: DownloadProgress) => void;
}

interface OpenBase {
  readonly model: Model | EncoderDecoderModel;
  /** Absolute; undefined for a model that was made here. */
  readonly folder: string | undefined;
}

/** @throws UsageError or InputError as loading does; UsageError for a checkpoint without a tokenizer. */
export async function openBase(
  base: BaseSource,
  data: Readonly<Record<string, DataSource>>,
  { seed, purpose = 'training', onEncoderDecoder, onDownload, ...options }: BaseOptions,
): Promise<OpenBase> {
  if ('checkpoint' in base) {
    const { root, signal, onWarning } = options;
    const folder = await resolveModel(base.checkpoint, { root, signal, onWarning, onProgress: onDownload });
    const isPairwise = await holdsEncoderDecoder(folder);
    if (isPairwise) onEncoderDecoder?.();
    const model = await (isPairwise ? loadEncoderDecoder(folder, purpose) : loadModel(folder, purpose));
    requireTokenizer(model.tokenizer, folder);
    return { model, folder };
  }
  const { config, induction_heads: inductionHeads, tokenizer: source } = base.init;
  const isPairwise = isEncoderDecoder(config);
  if (isPairwise) onEncoderDecoder?.();
  const tokenizer =
    'from' in source
      ? await loadTokenizer(resolve(options.root, source.from))
      : await trainOn(
          source.train.on.map((name) => [name, data[name]]),
          source.train,
          options,
        );
  if (isPairwise) return { model: initEncoderDecoder(config, { seed, tokenizer }), folder: undefined };
  return { model: initModel(config, { seed, tokenizer, inductionHeads, purpose }), folder: undefined };
}

/**
 * A base that makes vectors and is no language model here: an encoder, or a decoder without its head.
 * @throws as `openBase`
 */
export async function openVectorBase(
  { checkpoint }: Extract<BaseSource, { checkpoint: string }>,
  { root, signal, onWarning, onDownload }: Pick<BaseOptions, 'root' | 'signal' | 'onWarning' | 'onDownload'>,
): Promise<{ readonly model: EncoderModel & { readonly tokenizer: Tokenizer }; readonly folder: string }> {
  const folder = await resolveModel(checkpoint, { root, signal, onWarning, onProgress: onDownload });
  const model = await loadEncoder((await readSentenceModules(folder))?.model ?? folder);
  return { model: { ...model, tokenizer: requireTokenizer(model.tokenizer, folder) }, folder };
}

function requireTokenizer(tokenizer: Tokenizer | undefined, folder: string): Tokenizer {
  if (tokenizer) return tokenizer;
  throw new UsageError({
    field: 'base.checkpoint',
    found: `no tokenizer in ${folder}`,
    expected: 'a folder with tokenizer.json',
    fix: 'Put the tokenizer of the model into its folder.',
  });
}

async function trainOn(
  sets: readonly (readonly [name: string, source: DataSource])[],
  { vocab_size, min_frequency, digits }: TokenizerTraining,
  options: DataSetOptions,
): Promise<Tokenizer> {
  async function* texts() {
    for (const [name, source] of sets) yield* trainingTexts(name, source, options);
  }
  const { files } = await trainTokenizer(texts(), {
    vocabSize: vocab_size,
    minFrequency: min_frequency,
    digits,
    signal: options.signal,
  });
  return tokenizerOf(files);
}
