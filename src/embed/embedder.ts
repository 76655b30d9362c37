/**
 * Vectors of texts, by an encoder or by the last token of a decoder.
 *
 * ```ts
 * const embedder = await openEmbedder('models/bge-small-en-v1.5');
 * const [query] = await embedder.embed(['What is working capital?'], { prompt: 'query' });
 * const documents = await embedder.embed(passages);
 * const scores = documents.map((document) => cosine(query, document));
 * await embedder.close();
 * ```
 */
import { basename, resolve } from 'node:path';
import { mergeAdapters } from '../adapters/merge.ts';
import { readAdapter } from '../adapters/peft/read-adapter.ts';
import { InputError, UsageError } from '../errors.ts';
import { type EncoderModel, loadEncoder } from '../models/encoder-model.ts';
import { requireTokenizer } from '../models/require-tokenizer.ts';
import { EncoderPrograms } from '../objectives/encoder/encoder-programs.ts';
import { batchesByLength } from '../objectives/encoder/length-classes.ts';
import { layOutTexts, type Pooling } from '../objectives/encoder/text-batch.ts';
import type { ParameterArrays } from '../objectives/layers/parameter-buffers.ts';
import { Engine } from '../runtime/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { readSentenceModules, type SentenceModules } from './sentence-modules.ts';
import { textIds } from './text-ids.ts';
import { normalizeVector } from './vectors.ts';

/** What is not given is read from the folder; a folder that says nothing is an encoder's mean or a decoder's last token. */
export interface EmbedderOptions {
  readonly pooling?: Pooling;
  /** Whether vectors have length 1. Default, where the folder says nothing: yes. */
  readonly normalize?: boolean;
  /**
   * Folder of a LoRA or DoRA adapter, as PEFT writes it, to merge into the model. What it says about pooling, length and
   * prompts goes before what the model says.
   */
  readonly adapter?: string;
  /** Tokens of a text, at most the positions of the model. */
  readonly maxLength?: number;
  /** Default: all cores. */
  readonly threads?: number;
  /** What computes, in place of an engine of its own with `threads`. */
  readonly engine?: Engine;
  readonly onWarning?: (warning: string) => void;
}

export interface EmbedOptions {
  /** Name of the folder's prompt that goes before each text. Default: the folder's own default. */
  readonly prompt?: string;
  /** Text that goes before each text, in place of a prompt. */
  readonly prefix?: string;
  /** The first so many numbers of each vector, for models that learnt to say most in them (Matryoshka). Default: all. */
  readonly dimensions?: number;
  readonly signal?: AbortSignal;
  /** Told how many texts are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Opens a Hugging Face folder, one of sentence-transformers, or a GGUF file. @throws UsageError or InputError for one that cannot be used */
export async function openEmbedder(folder: string, options: EmbedderOptions = {}): Promise<Embedder> {
  const said = await readSentenceModules(folder);
  const model = await loadEncoder(said?.model ?? folder);
  for (const warning of model.warnings) options.onWarning?.(warning);
  const { adapter } = options;
  if (adapter !== undefined) mergeAdapters(model, [{ adapter: await readAdapter(adapter) }]);
  // An adapter that learnt to make vectors in another way than its base says so.
  const learnt = adapter === undefined ? undefined : await readSentenceModules(adapter);
  const settings = embeddingSettings(model, learnt ?? said, options);
  // Before there is an engine, which nobody would close.
  const tokenizer = requireTokenizer(folder, model.tokenizer);
  const { threads, engine = new Engine({ threads }) } = options;
  return new Embedder(basename(resolve(folder)), tokenizer, model, settings, engine);
}

/**
 * What makes vectors of a model's hidden states, out of what is wanted and what its folder says.
 * @throws UsageError for the first token of a decoder, or a length without room for text
 */
export function embeddingSettings(
  { encoder, pooling: ofFile, tokenizer }: Pick<EncoderModel, 'encoder' | 'pooling' | 'tokenizer'>,
  said: SentenceModules | undefined,
  { pooling, normalize, maxLength }: Pick<EmbedderOptions, 'pooling' | 'normalize' | 'maxLength'> = {},
): SentenceModules & { readonly maxLength: number } {
  const isCausal = encoder.layerKinds.some(({ bidirectional }) => !bidirectional);
  const most = Math.min(maxLength ?? said?.maxLength ?? encoder.sizes.positions, encoder.sizes.positions);
  const frame = tokenizer?.encode('').length ?? 0;
  if (most <= frame) {
    throw new UsageError({
      field: 'maxLength',
      found: String(most),
      expected: `more than the ${frame} tokens that the tokenizer puts around a text`,
      fix: 'Raise it.',
    });
  }
  const chosen = pooling ?? said?.pooling ?? ofFile ?? (isCausal ? 'last' : 'mean');
  if (isCausal && chosen === 'cls') {
    throw new UsageError({
      field: 'pooling',
      found: 'cls, for a model whose first token sees nothing but itself',
      expected: 'last or mean',
      fix: 'Leave it out to take the last token, which has seen the whole text.',
    });
  }
  return {
    pooling: chosen,
    normalize: normalize ?? said?.normalize ?? true,
    maxLength: most,
    prompts: said?.prompts ?? {},
    defaultPrompt: said?.defaultPrompt,
  };
}

/** Shapes of batches that are kept ready. */
const mostPrograms = 12;

export class Embedder {
  /** For people: the folder's name. */
  readonly name: string;
  readonly settings: SentenceModules & { readonly maxLength: number };
  /** Numbers of a vector. */
  readonly dimensions: number;
  /** What computes. */
  readonly engine: Engine;
  readonly #tokenizer: Tokenizer;
  readonly #programs: EncoderPrograms;
  /** Texts that were cut since it was opened. */
  #cut = 0;
  /** The end of what is under way: buffers belong to one call at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    name: string,
    tokenizer: Tokenizer,
    model: Pick<EncoderModel, 'encoder'> & { readonly parameters: ReadonlyMap<string, ParameterArrays> },
    settings: SentenceModules & { readonly maxLength: number },
    engine: Engine,
  ) {
    this.name = name;
    this.settings = settings;
    this.dimensions = model.encoder.sizes.hidden;
    this.#tokenizer = tokenizer;
    this.engine = engine;
    this.#programs = new EncoderPrograms(engine, model, { most: mostPrograms });
  }

  /** Texts that were longer than `maxLength` so far, and lost their ends. */
  get cutTexts(): number {
    return this.#cut;
  }

  /**
   * One vector for each text, in their order.
   * @throws UsageError for a prompt that there is none of, or dimensions that there are none of; InputError for a text without tokens
   */
  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    const turn = this.#turn.then(() => this.#embed(texts, options));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Waits for what is under way and frees everything but the engine. */
  async release(): Promise<void> {
    await this.#turn;
    this.#programs.release();
  }

  /** The same, and the engine too. */
  async close(): Promise<void> {
    await this.release();
    await this.engine.close();
  }

  async #embed(texts: readonly string[], { signal, onProgress, ...options }: EmbedOptions): Promise<Float32Array[]> {
    const width = this.#requireDimensions(options.dimensions);
    const prefix = this.#prefixOf(options);
    const ids = texts.map((text, i) => this.#idsOf(prefix + text, i));
    const vectors: Float32Array[] = [];
    let done = 0;
    for (const { rows, length, members } of batchesByLength(ids.map((one) => one.length))) {
      signal?.throwIfAborted();
      const { pooling, normalize } = this.settings;
      const batch = layOutTexts(
        members.map((i) => ids[i]),
        { rows, length, pooling },
      );
      const encoded = await this.#programs.of(batch).encode(batch);
      for (const [row, i] of members.entries()) {
        const start = row * this.dimensions;
        const vector = encoded.slice(start, start + width);
        vectors[i] = normalize ? normalizeVector(vector) : vector;
      }
      done += members.length;
      onProgress?.(done, texts.length);
    }
    return vectors;
  }

  #idsOf(text: string, index: number): Int32Array {
    const { ids, isCut } = textIds(this.#tokenizer, text, this.settings.maxLength);
    if (isCut) this.#cut++;
    if (ids.length > 0) return ids;
    throw new InputError({
      field: `text ${index + 1}`,
      found: 'a text without tokens',
      expected: 'at least one token to make a vector of',
      fix: 'Leave the text out, or give it a prefix.',
    });
  }

  #prefixOf({ prompt, prefix }: EmbedOptions): string {
    if (prefix !== undefined) return prefix;
    const { prompts, defaultPrompt } = this.settings;
    const name = prompt ?? defaultPrompt;
    if (name === undefined) return '';
    if (Object.hasOwn(prompts, name)) return prompts[name];
    const names = Object.keys(prompts).map((one) => JSON.stringify(one));
    throw new UsageError({
      field: 'prompt',
      found: JSON.stringify(name),
      expected: names.length > 0 ? `one of ${names.join(', ')}` : 'none: the model has no prompts',
      fix: 'Name a prompt of the model, or give the text that goes before as prefix.',
    });
  }

  #requireDimensions(wanted = this.dimensions): number {
    if (Number.isInteger(wanted) && wanted >= 1 && wanted <= this.dimensions) return wanted;
    throw new UsageError({
      field: 'dimensions',
      found: String(wanted),
      expected: `a whole number from 1 to ${this.dimensions}`,
      fix: 'Ask for fewer.',
    });
  }
}
