/** The named sets of a recipe as token ids: one part to train on, one that is held out. */
import { basename } from 'node:path';
import { memoryStore, subStore, type TokenStore } from '../data/token-store.ts';
import { tokenizeDocuments } from '../data/tokenize.ts';
import type { HeldOutSet } from '../eval/held-out.ts';
import type { TaskGroup } from '../eval/tasks/task.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { loadConversationSet } from './conversation-set.ts';
import { type ConversationSource, isConversationSource } from './conversation-source.ts';
import {
  type DocumentSource,
  type FilesSource,
  type FinworldSource,
  first,
  generate,
  readOptions,
  splitTexts,
} from './document-source.ts';
import { inRecipe } from './in-recipe.ts';
import { isPairSource, type PairSource } from './pair-source.ts';
import type { HeldOutAnswers } from './score-answers.ts';
import { groupField, splitNames } from './split-names.ts';

export type DataSource = DocumentSource | ConversationSource | PairSource;

export type SourceKind = 'documents' | 'conversations' | 'pairs';

export function kindOfSource(source: DataSource): SourceKind {
  if (isPairSource(source)) return 'pairs';
  return isConversationSource(source) ? 'conversations' : 'documents';
}

interface DataStatistics {
  readonly documents: number;
  readonly tokens: number;
  readonly bytes: number;
  readonly heldOutDocuments: number;
  /** Records that were left out because they could not be read. */
  readonly skipped: number;
}

export interface DataSet {
  readonly name: string;
  readonly train: TokenStore;
  /** What is measured: all of each document, or of conversations what the assistant says. */
  readonly heldOut: HeldOutSet | HeldOutAnswers;
  readonly statistics: DataStatistics;
}

export interface DataSetOptions {
  /** Folder that file names are relative to. */
  readonly root: string;
  /** Where token ids are kept between runs. */
  readonly cacheDir: string;
  /** Conversations become pairs of a text and the answer to it, which an encoder-decoder learns. Default no. */
  readonly asPairs?: boolean;
  /** Of sets that ask about documents, by the name of the set. */
  readonly questions?: ReadonlyMap<string, TaskGroup>;
  readonly onProgress?: (progress: { readonly step: number; readonly total: number; readonly tokens: number }) => void;
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

export function loadDataSet(
  name: string,
  source: DataSource,
  tokenizer: Tokenizer,
  options: DataSetOptions,
): Promise<DataSet> {
  if (isPairSource(source)) throw new Error(`${name} is a set of pairs`);
  if ('finworld' in source) return Promise.resolve(generateSet(name, source.finworld, tokenizer));
  const loading = isConversationSource(source)
    ? loadConversationSet(name, source, tokenizer, options)
    : readSet(name, source, tokenizer, options);
  return loading.catch((error: unknown) => {
    throw inRecipe(name, error);
  });
}

/** The texts of the training part, for what has to be made before there is a tokenizer. */
export async function* trainingTexts(
  name: string,
  source: DataSource,
  options: DataSetOptions,
): AsyncGenerator<string> {
  if (isConversationSource(source) || isPairSource(source)) throw new Error(`${name} is no set of documents`);
  for await (const { text, isHeldOut } of splitTexts(name, source, options)) if (!isHeldOut) yield text;
}

function generateSet(name: string, source: FinworldSource, tokenizer: Tokenizer): DataSet {
  let bytes = 0;
  const train = memoryStore(
    [...generate(source, 'train')].map(({ text }) => {
      bytes += Buffer.byteLength(text);
      return { ids: tokenizer.encode(text, { addSpecialTokens: false }) };
    }),
  );
  const documents = [...generate(source, 'heldOut')].map(({ id, source: genre, text }) => {
    return { id, source: genre, ids: tokenizer.encode(text, { addSpecialTokens: false }) };
  });
  const statistics = { bytes, skipped: 0, heldOutDocuments: documents.length };
  return { name, train, heldOut: { name, documents }, statistics: { ...count(train), ...statistics } };
}

async function readSet(
  name: string,
  source: FilesSource,
  tokenizer: Tokenizer,
  options: DataSetOptions,
): Promise<DataSet> {
  const { hash, vocabSize } = tokenizer;
  const encode = (text: string) => tokenizer.encode(text, { addSpecialTokens: false });
  const corpus = await tokenizeDocuments(
    [...source.files],
    { hash, vocabSize, encode },
    {
      ...readOptions(source, options),
      groupField: groupField(source.held_out),
      cacheDir: options.cacheDir,
      onProgress: ({ bytes, totalBytes, tokens }) => options.onProgress?.({ step: bytes, total: totalBytes, tokens }),
    },
  );
  const names = Array.from({ length: corpus.documents }, (_, document) => corpus.name(document));
  const { train, heldOut } = splitNames(first(names, source.max_documents), source.held_out);
  const documents = Array.from(heldOut, (document) => ({
    id: names[document].id,
    source: basename(names[document].source),
    ids: Int32Array.from(corpus.ids(document)),
  }));
  const store = subStore(corpus, train);
  const bytes = train.reduce((sum, document) => sum + corpus.byteLength(document), 0);
  const statistics = { bytes, skipped: corpus.skipped.records, heldOutDocuments: documents.length };
  return { name, train: store, heldOut: { name, documents }, statistics: { ...count(store), ...statistics } };
}

function count(store: TokenStore) {
  let tokens = 0;
  for (let document = 0; document < store.documents; document++) tokens += store.length(document);
  return { documents: store.documents, tokens };
}
