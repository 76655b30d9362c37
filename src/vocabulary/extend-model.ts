/** Gives a model tokens of a domain: a longer tokenizer, and rows for what it added. */
import { InputError } from '../errors.ts';
import { type ExtendedTokenizer, type ExtendOptions, extendTokenizer } from '../tokenizer/train/extend.ts';
import { openVocabulary, requireWritable, rowsFor, writeVocabulary } from './open-vocabulary.ts';
import { copyOf, meanOf, type RowRecipe } from './token-rows.ts';

/** What a new row begins as: the mean of the rows of its pieces, a draw around the mean of all tokens, or that mean. */
export const newRowKinds = ['pieces', 'mean', 'random', 'zero'] as const;

export interface ExtendModelOptions extends ExtendOptions {
  /** Default `pieces`: the model goes on as if it read them all at once (SNFinLLM, arXiv:2408.02302). */
  readonly rows?: (typeof newRowKinds)[number];
  /** Makes the number of rows a multiple of this. Default: padding of the model is used up before tables grow. */
  readonly padToMultipleOf?: number;
  /** Of random rows. Default 0. */
  readonly seed?: number;
}

export interface ExtendedModel extends ExtendedTokenizer {
  /** Of the token tables. */
  readonly rows: number;
  /** What is odd about the model that was read. */
  readonly warnings: readonly string[];
}

/**
 * Writes a copy of the model with more tokens to `out`. Rows of its own tokens keep their bits, in embedding and head.
 * @throws UsageError for a tokenizer that is not byte-level BPE, options outside their range, or an `out` that exists; InputError for documents with
 * nothing to learn, or a folder whose parts do not go together
 */
export async function extendModel(
  folder: string,
  documents: AsyncIterable<string> | Iterable<string>,
  out: string,
  { rows: kind = 'pieces', padToMultipleOf, seed = 0, ...options }: ExtendModelOptions,
): Promise<ExtendedModel> {
  await requireWritable(out, { padToMultipleOf });
  const model = await openVocabulary(folder);
  try {
    const extended = await extendTokenizer(model.tokenizer, documents, options);
    const { files, added } = extended;
    if (added.length === 0) throw nothingToLearn(extended);
    const before = model.tokenizer.vocabSize;
    const tokens = before + added.length;
    const rows = rowsFor(tokens, model.rows, padToMultipleOf);
    const recipes = Array.from({ length: rows }, (_, id): RowRecipe => {
      if (id < before) return copyOf(id);
      if (id < tokens) return kind === 'pieces' ? meanOf(added[id - before].pieces) : kind;
      return id < model.rows ? copyOf(id) : 'mean';
    });
    await writeVocabulary(out, model, { files, rows, embedding: recipes, head: recipes, idOf: (id) => id, seed });
    return { ...extended, rows, warnings: model.warnings };
  } finally {
    await model.checkpoint.close();
  }
}

const nothingToLearn = ({ documents }: ExtendedTokenizer): InputError =>
  new InputError({
    field: 'documents',
    found: `${documents} of them, and no pair of tokens often enough`,
    expected: 'text with words that the tokenizer cuts into pieces',
    fix: 'Check that these are the right files and the right field, give more of them, or lower the frequency.',
  });
