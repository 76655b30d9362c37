/** An encoder to be trained, with what its folder says about vectors and what is wanted instead. */
import { type EncoderModel, loadEncoder } from '../models/encoder-model.ts';
import { requireTokenizer } from '../models/require-tokenizer.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { type EmbedderOptions, embeddingSettings } from './embedder.ts';
import { prefixesOf, type RetrievalPrefixes } from './measure-retrieval.ts';
import type { TrainableEmbedder } from './save-embedder.ts';
import { readSentenceModules, type SentenceModules } from './sentence-modules.ts';

export interface TrainableEmbedderOptions extends Pick<EmbedderOptions, 'pooling' | 'normalize' | 'maxLength'> {
  /** In place of the folder's prompts; kept with the model under the names `query` and `document`. */
  readonly prefixes?: Partial<RetrievalPrefixes>;
}

interface Described {
  readonly tokenizer: Tokenizer;
  readonly settings: ReturnType<typeof embeddingSettings>;
  readonly prefixes: RetrievalPrefixes;
}

/** @throws UsageError or InputError for a folder that cannot be used */
export async function openTrainableEmbedder(
  folder: string,
  options: TrainableEmbedderOptions = {},
): Promise<TrainableEmbedder & Described> {
  const modules = await readSentenceModules(folder);
  const model = await loadEncoder(modules?.model ?? folder, 'training');
  return { ...model, ...described(model, modules, folder, options) };
}

/** The same without gradients and moments, for an adapter over it. @throws as `openTrainableEmbedder` */
export async function openAdaptableEmbedder(
  folder: string,
  options: TrainableEmbedderOptions = {},
): Promise<EncoderModel & Described> {
  const modules = await readSentenceModules(folder);
  const model = await loadEncoder(modules?.model ?? folder);
  return { ...model, ...described(model, modules, folder, options) };
}

function described(
  model: EncoderModel,
  modules: SentenceModules | undefined,
  folder: string,
  options: TrainableEmbedderOptions,
): Described {
  const tokenizer = requireTokenizer(folder, model.tokenizer);
  const settings = embeddingSettings(model, modules, options);
  const said = prefixesOf(settings);
  const { query = said.query, document = said.document } = options.prefixes ?? {};
  const prefixes = { query, document };
  return { tokenizer, prefixes, settings: { ...settings, prompts: { ...settings.prompts, ...prefixes } } };
}
