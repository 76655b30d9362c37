/** A tokenizer as the metadata of a GGUF file. */

import { UsageError } from '../../../errors.ts';
import { isByt5 } from '../../../tokenizer/byt5-tokenizer.ts';
import { byteLevelByt5 } from '../../../tokenizer/byte-level-byt5.ts';
import { sourcesOf } from '../../../tokenizer/chat/template-sources.ts';
import { readDefinition, type TokenizerDefinition } from '../../../tokenizer/definition.ts';
import { readSequenceFrame } from '../../../tokenizer/sequence-frame.ts';
import type { Tokenizer } from '../../../tokenizer/tokenizer.ts';
import { flag, text, u32 } from '../form.ts';
import type { TypedValue } from '../write.ts';
import { tokenTypes } from './listed-tokens.ts';
import { byteLevelVocabulary } from './write-byte-level.ts';
import { sentencePieceVocabulary } from './write-sentence-piece.ts';
import { unigramVocabulary } from './write-unigram.ts';
import { wordPieceVocabulary } from './write-word-piece.ts';
import { otherTokens, type WrittenVocabulary } from './written-vocabulary.ts';

export interface WrittenTokenizer {
  readonly metadata: Readonly<Record<string, TypedValue>>;
  /** What a GGUF file cannot say. */
  readonly notes: readonly string[];
}

/**
 * @param rows of the embedding table, which may be more than there are tokens
 * @param ends `eos_token_id` of the configuration
 * @throws UsageError for a tokenizer that llama.cpp would read differently, or an end that is none of its tokens
 */
export function tokenizerMetadata(given: Tokenizer, rows: number, ends: unknown): WrittenTokenizer {
  // Bytes are byte-level tokens that nothing merges.
  const tokenizer = isByt5(given.files) ? byteLevelByt5(given) : given;
  const main = tokenizer.files.find(({ name }) => name === 'tokenizer.json');
  if (!main) throw otherTokens('model', 'no tokenizer.json', 'BPE, WordPiece or Unigram');
  const definition = readDefinition(main.bytes, main.name);
  const { added } = definition;
  const vocabulary = vocabularyOf(definition, tokenizer);
  const { model, tokens, scores, unknownId } = vocabulary;
  const addedIds = new Set(added.map(({ id }) => id));
  const types: number[] = tokens.map(
    (_, id) => vocabulary.types?.[id] ?? (addedIds.has(id) ? tokenTypes.userDefined : tokenTypes.normal),
  );
  for (const id of tokenizer.specialIds) types[id] = tokenTypes.control;
  // WordPiece's is a control token there, which keeps its name.
  if (model !== 'bert' && unknownId !== undefined) types[unknownId] = tokenTypes.unknown;
  const padding = Array.from({ length: rows - tokens.length }, (_, i) => `[PAD${tokens.length + i}]`);
  const notes = [...vocabulary.notes];
  const { templates } = sourcesOf(tokenizer.files);
  const template = templates.get('default');
  if (templates.size > (template === undefined ? 0 : 1)) notes.push('only the default chat template is kept');
  if (added.some(({ lstrip, rstrip, singleWord }) => lstrip || rstrip || singleWord)) {
    notes.push('that added tokens take in spaces, or stand alone, is not kept');
  }
  return {
    notes,
    metadata: {
      'tokenizer.ggml.model': text(model),
      'tokenizer.ggml.pre': text('default'),
      'tokenizer.ggml.tokens': { type: 'string', items: [...tokens, ...padding] },
      'tokenizer.ggml.token_type': { type: 'i32', items: [...types, ...padding.map(() => tokenTypes.unused)] },
      ...(scores && {
        'tokenizer.ggml.scores': { type: 'f32', items: [...scores, ...padding.map(() => scoreOfPadding)] },
      }),
      ...vocabulary.metadata,
      ...(model === 'bert'
        ? wordPieceFrame(definition, tokenizer)
        : frame(definition, tokenizer, endsAmong(tokens.length, ends))),
      ...(unknownId !== undefined && { 'tokenizer.ggml.unknown_token_id': u32(unknownId) }),
      ...(template !== undefined && { 'tokenizer.chat_template': text(template) }),
    },
  };
}

/** Rows that no text becomes. */
const scoreOfPadding = -10_000;

function vocabularyOf(definition: TokenizerDefinition, { kind, specialIds }: Tokenizer): WrittenVocabulary {
  switch (definition.model.type) {
    case 'WordPiece':
      return wordPieceVocabulary(definition, specialIds);
    case 'Unigram':
      return unigramVocabulary(definition);
    default:
      return definition.model.byteFallback
        ? sentencePieceVocabulary(definition, specialIds)
        : byteLevelVocabulary(definition, kind);
  }
}

/** BERT's text stands between two tokens, always; llama.cpp calls them the beginning and the separator. */
function wordPieceFrame(definition: TokenizerDefinition, { padId }: Tokenizer): Readonly<Record<string, TypedValue>> {
  const { before, after } = readSequenceFrame(definition, 'tokenizer.json');
  if (before.length !== 1 || after.length !== 1) {
    throw otherTokens(
      'post_processor',
      `${before.length} tokens before a text and ${after.length} after it`,
      'one each',
    );
  }
  return idFields({ bos: before[0], cls: before[0], eos: after[0], seperator: after[0], padding: padId });
}

function frame(
  definition: TokenizerDefinition,
  tokenizer: Tokenizer,
  ends: readonly number[],
): Readonly<Record<string, TypedValue>> {
  const { before, after } = readSequenceFrame(definition, 'tokenizer.json');
  const { bosId, eosId, padId } = tokenizer;
  const is = (ids: readonly number[], id: number | undefined): boolean => ids.length === 1 && ids[0] === id;
  if ((before.length > 0 && !is(before, bosId)) || (after.length > 0 && !is(after, eosId))) {
    throw otherTokens(
      'post_processor',
      'other tokens around a text',
      'the beginning token before it, the end token after it',
    );
  }
  return {
    ...idFields({
      // Where nothing is said, llama.cpp takes token 11 for both; text of GPT-2's kind begins with the token that ends it.
      bos: bosId ?? eosId,
      eos: eosId ?? bosId,
      eot: eosId === undefined ? undefined : ends.find((id) => id !== eosId),
      padding: padId,
    }),
    'tokenizer.ggml.add_bos_token': flag(before.length > 0),
    'tokenizer.ggml.add_eos_token': flag(after.length > 0),
  };
}

/** The ids of `eos_token_id`, which may be missing. @throws UsageError for one that is no token of the vocabulary */
function endsAmong(count: number, ends: unknown): readonly number[] {
  const ids = [ends ?? []].flat().map(Number);
  const beyond = ids.find((id) => id >= count);
  if (beyond === undefined) return ids;
  throw new UsageError({
    field: 'config.json.eos_token_id',
    found: String(beyond),
    expected: `an id from 0 to ${count - 1}`,
    fix: 'Correct the field: an answer would never end there.',
  });
}

const idFields = (ids: Readonly<Record<string, number | undefined>>): Readonly<Record<string, TypedValue>> =>
  Object.fromEntries(
    Object.entries(ids).flatMap(([role, id]) =>
      id === undefined ? [] : [[`tokenizer.ggml.${role}_token_id`, u32(id)] as const],
    ),
  );
