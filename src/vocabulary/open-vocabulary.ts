/** A stored model seen from its vocabulary: its tokenizer and its token tables. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '../checkpoint/huggingface/open-checkpoint.ts';
import { type ReplacedTensor, rewriteCheckpoint } from '../checkpoint/huggingface/rewrite-checkpoint.ts';
import { InputError, UsageError } from '../errors.ts';
import { requireAbsent } from '../files/atomic-write.ts';
import { type JsonObject, readJsonObject } from '../files/json-file.ts';
import { storedDecoder } from '../models/own-head.ts';
import { asParameters } from '../models/stored-weights.ts';
import { headName } from '../models/tied-head.ts';
import { assertVocabularyAgrees } from '../tokenizer/assert-vocabulary-agrees.ts';
import { loadTokenizer } from '../tokenizer/load.ts';
import type { Tokenizer, TokenizerFile } from '../tokenizer/tokenizer.ts';
import { makeRows, type RowRecipe, type TokenTable } from './token-rows.ts';

export interface ModelVocabulary {
  readonly folder: string;
  readonly checkpoint: Checkpoint;
  /** What is true of the tensors: a head of its own is not called tied. */
  readonly config: JsonObject;
  readonly tokenizer: Tokenizer;
  readonly embedding: TokenTable;
  /** Absent where the head reads the embedding. */
  readonly head: TokenTable | undefined;
  /** Rows of the tables: the tokens, and padding behind them. */
  readonly rows: number;
  /** What is odd about the folder. */
  readonly warnings: readonly string[];
}

/** @throws InputError for a folder whose tables, configuration and tokenizer do not go together. Close the checkpoint after use. */
export async function openVocabulary(folder: string): Promise<ModelVocabulary> {
  const checkpoint = await openCheckpoint(folder);
  try {
    // Quantised linear layers are copied as they are, and their configuration with them.
    const { quantization_config: _, ...plain } = checkpoint.config;
    const found = await storedDecoder(folder, plain, (decoder) => asParameters(checkpoint, decoder));
    const { names, tied, sizes } = found.decoder;
    const tokenizer = await loadTokenizer(folder);
    assertVocabularyAgrees(tokenizer, { vocab_size: sizes.vocabulary });
    const open = (name: string): TokenTable => {
      // Checkpoints without their head lack the first part of each name.
      const stored = [name, name.slice(name.indexOf('.') + 1)].find((each) => checkpoint.tensors.has(each));
      const shape = stored === undefined ? undefined : checkpoint.tensors.get(stored)!.shape;
      if (stored === undefined || shape?.join() !== `${sizes.vocabulary},${sizes.hidden}`) {
        throw new InputError({
          field: `${folder}, tensor ${JSON.stringify(name)}`,
          found: shape ? `shape [${shape.join(', ')}]` : 'no such tensor',
          expected: `shape [${sizes.vocabulary}, ${sizes.hidden}]`,
          fix: 'Use a checkpoint whose token tables are not quantised and agree with its config.json.',
        });
      }
      return { checkpoint, name: stored, tokens: tokenizer.vocabSize, width: sizes.hidden };
    };
    // A head that is quantised is a table of its own, whatever the configuration calls it.
    const isPacked = [...checkpoint.tensors.keys()].some((name) => name.startsWith('lm_head.') && name !== headName);
    return {
      folder,
      checkpoint,
      config: { ...checkpoint.config, ...found.config },
      tokenizer,
      embedding: open(names.embedding),
      head: tied && !isPacked ? undefined : open(headName),
      rows: sizes.vocabulary,
      warnings: [...checkpoint.warnings, ...found.warnings],
    };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

export interface NewVocabulary {
  readonly files: readonly TokenizerFile[];
  /** Rows of the tables. */
  readonly rows: number;
  readonly embedding: readonly RowRecipe[];
  /** Where the head has a table of its own. */
  readonly head: readonly RowRecipe[];
  /** From an old id to the new one of the token; undefined where there is none. */
  readonly idOf: (id: number) => number | undefined;
  readonly seed: number;
}

/** Writes the model with another vocabulary; tables that were tied stay tied. @throws UsageError if the folder exists */
export async function writeVocabulary(
  folder: string,
  { checkpoint, config, embedding, head, folder: source }: ModelVocabulary,
  { files, rows, idOf, seed, ...recipes }: NewVocabulary,
): Promise<void> {
  const replace = (table: TokenTable, rowRecipes: readonly RowRecipe[]): ReplacedTensor => ({
    shape: [rows, table.width],
    values: () => makeRows(table, rowRecipes, seed),
  });
  const replaced = new Map([[embedding.name, replace(embedding, recipes.embedding)]]);
  if (head) replaced.set(head.name, replace(head, recipes.head));
  // Some checkpoints hold a copy of a tied table.
  else if (checkpoint.tensors.has(headName)) replaced.set(headName, replace(embedding, recipes.embedding));
  const generation = await readdir(source).then((names) => names.includes('generation_config.json'));
  await rewriteCheckpoint(folder, checkpoint, {
    config: withIds({ ...config, vocab_size: rows }, idOf),
    replaced,
    files: {
      ...Object.fromEntries(files.map(({ name, bytes }) => [name, bytes])),
      ...(generation && {
        'generation_config.json': format(withIds(await readJsonObject(join(source, 'generation_config.json')), idOf)),
      }),
    },
  });
}

const idFields = ['bos_token_id', 'eos_token_id', 'pad_token_id', 'decoder_start_token_id'] as const;

/** Special ids in the new numbers; of a list those that there are, and a field without any is left out. */
function withIds(json: JsonObject, idOf: NewVocabulary['idOf']): JsonObject {
  const known = new Set<string>(idFields);
  const entries = Object.entries(json).map(([key, value]): [string, unknown] => {
    if (!known.has(key) || value == null) return [key, value];
    const ids = [value].flat().flatMap((id) => (typeof id === 'number' ? (idOf(id) ?? []) : []));
    return [key, Array.isArray(value) && ids.length > 0 ? ids : ids[0]];
  });
  return Object.fromEntries(entries.filter(([key, value]) => !known.has(key) || value !== undefined));
}

const format = (json: JsonObject): string => `${JSON.stringify(json, null, 2)}\n`;

/** Rows for so many tokens: a multiple where one is asked for, else at least as many as there were. */
export const rowsFor = (tokens: number, before: number, multiple: number | undefined): number =>
  multiple === undefined ? Math.max(tokens, before) : Math.ceil(tokens / multiple) * multiple;

/**
 * Found out before anything is read that takes long.
 * @throws UsageError for counts that are no whole numbers from 1 on, or an `out` that exists
 */
export async function requireWritable(
  out: string,
  counts: Readonly<Record<string, number | undefined>>,
): Promise<void> {
  for (const [field, count] of Object.entries(counts)) {
    if (count === undefined || (Number.isSafeInteger(count) && count >= 1)) continue;
    throw new UsageError({ field, found: String(count), expected: 'a whole number, 1 or more', fix: 'Correct it.' });
  }
  await requireAbsent(out);
}
