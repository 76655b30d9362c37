/** Whether row i of the embedding is the same token in two folders. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, type JsonObject, readJsonObject } from '../../files/json-file.ts';
import type { Finding } from './finding.ts';

export interface TokenizerTable {
  /** Token by id, added ones too. */
  readonly tokens: ReadonlyMap<number, string>;
  /** Of all that decides how text is cut, as far as the file says it. */
  readonly rules: string;
}

/** @returns undefined for a folder without `tokenizer.json` */
export async function readTokenizerTable(folder: string): Promise<TokenizerTable | undefined> {
  const path = join(folder, 'tokenizer.json');
  const isThere = await stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
  if (!isThere) return undefined;
  const file = await readJsonObject(path);
  const model = isJsonObject(file.model) ? file.model : {};
  const { vocab, ...modelRules } = model;
  return {
    tokens: new Map([...vocabularyOf(vocab), ...addedTokens(file)]),
    rules: createHash('sha256')
      .update(JSON.stringify([modelRules, file.normalizer, file.pre_tokenizer, file.post_processor, file.decoder]))
      .digest('hex'),
  };
}

/** BPE and WordPiece: ids by token. Unigram: pairs of token and score, by id. */
function vocabularyOf(vocab: unknown): readonly (readonly [number, string])[] {
  if (Array.isArray(vocab)) return vocab.map((entry, id) => [id, String(Array.isArray(entry) ? entry[0] : entry)]);
  if (!isJsonObject(vocab)) return [];
  return Object.entries(vocab).map(([token, id]) => [Number(id), token]);
}

function addedTokens({ added_tokens: added }: JsonObject): readonly (readonly [number, string])[] {
  if (!Array.isArray(added)) return [];
  return added.filter(isJsonObject).map(({ id, content }) => [Number(id), String(content)]);
}

export function compareTokenizers(
  model: string,
  base: TokenizerTable | undefined,
  table: TokenizerTable | undefined,
): readonly Finding[] {
  const field = 'tokenizer.json';
  if (!base || !table) {
    const found = base === table ? 'no tokenizer in either folder' : `no tokenizer in the ${base ? 'model' : 'base'}`;
    const fix = 'Make sure that both were trained with the same tokenizer.';
    return [{ severity: 'caution', model, field, found, expected: 'one in both, to compare them', fix }];
  }
  const moved = [...table.tokens].filter(([id, token]) => (base.tokens.get(id) ?? token) !== token);
  const added = [...table.tokens.keys()].filter((id) => !base.tokens.has(id)).length;
  const absent = [...base.tokens.keys()].filter((id) => !table.tokens.has(id)).length;
  if (moved.length > 0) {
    const [[id, token]] = moved;
    const found = `${moved.length} ids with another token, such as ${id}: ${JSON.stringify(token)}`;
    const expected = `the token of the base, such as ${JSON.stringify(base.tokens.get(id))}`;
    const fix = 'Rows of the embeddings mean different tokens: merge with a tokenizer section that reorders them.';
    return [{ severity: 'impossible', model, field, found, expected, fix }];
  }
  if (added > 0 || absent > 0) {
    const found = `${added} tokens that the base does not have, ${absent} of the base missing`;
    const fix = 'Take the rows of such tokens from the model that was trained on them.';
    return [{ severity: 'caution', model, field, found, expected: 'the same tokens', fix }];
  }
  if (base.rules === table.rules) return [];
  const found = 'the same tokens under other rules (merges, normalisation, cutting or frames)';
  const fix = 'Choose one of the tokenizers for the merged model and measure it.';
  return [{ severity: 'caution', model, field, found, expected: 'the rules of the base', fix }];
}
