/** A Unigram vocabulary of a GGUF file, see `write-unigram.ts`. */
import type { JsonObject } from '../../../files/json-file.ts';
import type { MetadataFields } from '../metadata-fields.ts';
import { damaged } from '../refuse.ts';
import { idOrUsual, type ListedTokens, readScores, tokenTypes, type VocabularyParts } from './listed-tokens.ts';

/** Of T5's own vocabulary, which llama.cpp takes where a file names none. */
const usualUnknown = 2;

const charsmapKey = 'tokenizer.ggml.precompiled_charsmap';

export function readUnigram(listed: ListedTokens): VocabularyParts {
  const { fields, tokens, idOf } = listed;
  // Some files of XLM-RoBERTa name none, and have it elsewhere than T5.
  const marked = listed.types.indexOf(tokenTypes.unknown);
  const unknown = idOrUsual(listed, 'unknown', marked < 0 ? usualUnknown : marked);
  const scores = readScores(listed);
  // Spaces that are dropped leave each word with a mark of its own.
  const dropsSpaces = fields.flag('tokenizer.ggml.remove_extra_whitespaces') ?? false;
  const addsSpace = fields.flag('tokenizer.ggml.add_space_prefix') ?? false;
  const prepend_scheme = dropsSpaces || addsSpace ? 'always' : 'never';
  const marks: JsonObject = { type: 'Metaspace', replacement: '▁', prepend_scheme, split: true };
  const words: JsonObject = { type: 'Split', pattern: { Regex: ' +' }, behavior: 'Removed', invert: false };
  return {
    tokens,
    normalizer: readCharsmap(fields),
    pre_tokenizer: dropsSpaces ? { type: 'Sequence', pretokenizers: [words, marks] } : marks,
    decoder: marks,
    model: {
      type: 'Unigram',
      unk_id: unknown,
      vocab: tokens.map((token, id) => [token, scores[id]]),
      byte_fallback: false,
    },
    // As llama.cpp has it for this kind where a file does not say.
    begin: fields.flag('tokenizer.ggml.add_bos_token') ? idOf('bos') : undefined,
    end: (fields.flag('tokenizer.ggml.add_eos_token') ?? true) ? idOf('eos') : undefined,
    config: { unk_token: tokens[unknown] },
  };
}

/** SentencePiece's rules for characters: a length, entries of so many bytes, and texts. */
function readCharsmap(fields: MetadataFields): JsonObject | null {
  const values = fields.numbers(charsmapKey);
  if (values === undefined || values.length === 0) return null;
  // Some programs write bytes with a sign.
  const bytes = Buffer.from(values.map((value) => value & 255));
  const isWhole = values.every((value) => Number.isInteger(value) && value >= -128 && value <= 255);
  if (!isWhole || bytes.length <= 4 || 4 + bytes.readUInt32LE(0) >= bytes.length) {
    throw damaged(`${fields.path}, ${charsmapKey}`, `${values.length} numbers`, 'the rules of SentencePiece');
  }
  return { type: 'Precompiled', precompiled_charsmap: bytes.toString('base64') };
}
