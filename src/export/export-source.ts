/** A stored model of any kind, opened to be written in another form; adapters are merged into each weight as it is read. */
import type { WeightedAdapter } from '../adapters/merge.ts';
import { openMergedCheckpoint, withMerged } from '../adapters/merged-checkpoint.ts';
import type { Pooling } from '../checkpoint/gguf/pooling-types.ts';
import { readSentenceModules, type SentenceModules } from '../embed/sentence-modules.ts';
import type { JsonObject } from '../files/json-file.ts';
import type { Decoder, ParameterSpec } from '../models/decoder.ts';
import type { Encoder } from '../models/encoder.ts';
import type { EncoderDecoder } from '../models/encoder-decoder.ts';
import { openEncoderDecoderCheckpoint } from '../models/encoder-decoder-model.ts';
import { type EncoderCheckpoint, openEncoderCheckpoint } from '../models/encoder-model.ts';
import { storedConfig } from '../models/open-stored.ts';
import { isEncoder, isEncoderDecoder } from '../models/registry.ts';
import type { StoredTensors } from '../models/stored-weights.ts';
import { parameterReader } from '../models/streamed-model.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

export interface ExportSourceOptions {
  readonly adapters?: readonly WeightedAdapter[];
  /** How vectors are made, in place of what the model says: that of an adapter which learnt to make others. */
  readonly modules?: SentenceModules;
}

interface OpenedModel {
  /** As in `config.json`. */
  readonly config: JsonObject;
  readonly parameters: readonly ParameterSpec[];
  /** The weights, by the names of the parameters. */
  readonly stored: StoredTensors;
  readonly tokenizer: Tokenizer | undefined;
  readonly warnings: readonly string[];
  /** How vectors of texts are made; undefined for a model that makes none, or does not say. */
  readonly modules: SentenceModules | undefined;
  close(): Promise<void>;
}

export type ExportSource = OpenedModel &
  (
    | { readonly kind: 'decoder'; readonly decoder: Decoder }
    | { readonly kind: 'encoder'; readonly encoder: Encoder; readonly carried: EncoderCheckpoint['carried'] }
    | { readonly kind: 'encoder-decoder'; readonly architecture: EncoderDecoder }
  );

/**
 * Opens a Hugging Face folder, one of sentence-transformers, or a GGUF file. Close it after use.
 * @throws UsageError or InputError for a model that is not supported or broken; UsageError where an adapter does not fit it.
 * Reading throws InputError for weights that are not finite.
 */
export async function openExportSource(
  path: string,
  { adapters = [], modules }: ExportSourceOptions = {},
): Promise<ExportSource> {
  const ofFolder = await readSentenceModules(path);
  const folder = ofFolder?.model ?? path;
  const said = modules ?? ofFolder;
  const config = await storedConfig(folder);
  if (isEncoder(config)) return openEncoder(folder, said, adapters);
  if (isEncoderDecoder(config)) return openEncoderDecoder(folder, adapters);
  const { checkpoint, decoder, pooling, ...opened } = await openMergedCheckpoint(folder, adapters);
  return {
    ...opened,
    kind: 'decoder',
    decoder,
    config: checkpoint.config,
    parameters: decoder.parameters,
    stored: checkpoint,
    modules: said ?? modulesOf(pooling),
    close: () => checkpoint.close(),
  };
}

async function openEncoder(
  folder: string,
  said: SentenceModules | undefined,
  adapters: readonly WeightedAdapter[],
): Promise<ExportSource> {
  const { stored, encoder, pooling, ...opened } = await openEncoderCheckpoint(folder);
  try {
    return {
      ...opened,
      kind: 'encoder',
      encoder,
      parameters: encoder.parameters,
      stored: withMerged(folder, stored, encoder, adapters),
      modules: said ?? modulesOf(pooling),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function openEncoderDecoder(folder: string, adapters: readonly WeightedAdapter[]): Promise<ExportSource> {
  const { stored, architecture, ...opened } = await openEncoderDecoderCheckpoint(folder);
  try {
    return {
      ...opened,
      kind: 'encoder-decoder',
      architecture,
      parameters: architecture.parameters,
      stored: withMerged(folder, stored, architecture, adapters),
      modules: undefined,
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The parameters one at a time; the array is that of an earlier one. @param signal asked before each */
export const sourceValues = (
  { parameters, stored }: Pick<ExportSource, 'parameters' | 'stored'>,
  signal?: AbortSignal,
): ((name: string) => Promise<Float32Array>) =>
  parameterReader({ parameters }, async (name, target) => {
    signal?.throwIfAborted();
    await stored.readAllInto([[name, target]]);
  });

/** What a GGUF file says about vectors is their pooling; programs that open it make them of length 1. */
const modulesOf = (pooling: Pooling | undefined): SentenceModules | undefined =>
  pooling && { pooling, normalize: true, maxLength: undefined, prompts: {}, defaultPrompt: undefined };
