/** SentencePiece BPE of a GGUF file (Llama 2, Mistral 7B, Mixtral, Phi-3, Gemma), see `write-sentence-piece.ts`. */

import type { JsonObject } from '../../../files/json-file.ts';
import { bpeModel } from '../../../tokenizer/bpe-model.ts';
import { damaged } from '../refuse.ts';
import { missingByte } from './byte-tokens.ts';
import { idOrUsual, type ListedTokens, readScores, tokenTypes, type VocabularyParts } from './listed-tokens.ts';
import { mergesOfScores } from './merges-of-scores.ts';

/** Ids that llama.cpp takes where a file names none: those of Llama 2. */
const usual = { unknown: 0, bos: 1, eos: 2 };

/** @throws InputError for scores that are no numbers, and bytes that no token stands for */
export function readSentencePiece(listed: ListedTokens): VocabularyParts {
  const { fields, tokens, types } = listed;
  const scores = readScores(listed);
  const marked = types.indexOf(tokenTypes.unknown);
  const unknown = idOrUsual(listed, 'unknown', marked < 0 ? usual.unknown : marked);
  const begin = idOrUsual(listed, 'bos', usual.bos);
  const end = idOrUsual(listed, 'eos', usual.eos);
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const field = `${fields.path}, tokenizer.ggml.tokens`;
  const missing = missingByte((token) => ids.has(token));
  if (missing !== undefined) throw damaged(field, `no ${missing}`, 'a token for each byte');
  // Plain text never becomes a control token, a byte or the unknown one by joining its characters.
  const apart: readonly number[] = [tokenTypes.control, tokenTypes.byte, tokenTypes.unknown];
  const isJoined = (id: number): boolean => !apart.includes(types[id]);
  const addsSpace = fields.flag('tokenizer.ggml.add_space_prefix') ?? true;
  return {
    tokens,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        ...(addsSpace ? [{ type: 'Prepend', prepend: '▁' }] : []),
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    decoder: decoder(addsSpace),
    model: bpeModel({
      unknown: tokens[unknown],
      vocab: Object.fromEntries(ids),
      merges: mergesOfScores({ tokens, scores, isJoined }, field).map(([left, right]) => [tokens[left], tokens[right]]),
    }),
    begin: (fields.flag('tokenizer.ggml.add_bos_token') ?? true) ? begin : undefined,
    end: fields.flag('tokenizer.ggml.add_eos_token') ? end : undefined,
    config: {
      bos_token: tokens[begin],
      eos_token: tokens[end],
      unk_token: tokens[unknown],
    },
  };
}

function decoder(addsSpace: boolean): JsonObject {
  const decoders: readonly JsonObject[] = [
    { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    ...(addsSpace ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ];
  return { type: 'Sequence', decoders };
}
