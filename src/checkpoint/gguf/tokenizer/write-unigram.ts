/** A Unigram vocabulary (that of T5 and XLM-RoBERTa) as metadata of a GGUF file. */
import type { TokenizerDefinition } from '../../../tokenizer/definition.ts';
import type { JsonRecord } from '../../../tokenizer/json-fields.ts';
import { flag } from '../form.ts';
import { otherTokens, type WrittenVocabulary } from './written-vocabulary.ts';

/** Of tokens that are not in the model: what programs write who convert the same tokenizers. */
const scoreOfAdded = -1000;

/** @throws UsageError for a vocabulary that llama.cpp would read differently */
export function unigramVocabulary(definition: TokenizerDefinition): WrittenVocabulary {
  const { json, model, tokens } = definition;
  if (model.byteFallback) throw otherTokens('model.byte_fallback', 'true', 'false');
  // `readDefinition` has checked both.
  const { vocab, unk_id: unknownId } = json.model as {
    readonly vocab: readonly (readonly [string, number])[];
    readonly unk_id: number;
  };
  const { charsmap, mergesSpaces, notes } = readNormalizer(definition);
  const { addsSpace, dropsSpaces } = readSpaces(definition);
  if (!addsSpace && (mergesSpaces || dropsSpaces)) {
    throw otherTokens('pre_tokenizer', 'words without a mark before them', 'a mark before each word');
  }
  return {
    model: 't5',
    tokens,
    unknownId,
    scores: tokens.map((_, id) => vocab[id]?.[1] ?? scoreOfAdded),
    metadata: {
      'tokenizer.ggml.add_space_prefix': flag(addsSpace),
      'tokenizer.ggml.remove_extra_whitespaces': flag(mergesSpaces || dropsSpaces),
      ...(charsmap && { 'tokenizer.ggml.precompiled_charsmap': { type: 'u8', items: [...charsmap] } }),
    },
    notes: [
      ...notes,
      ...(mergesSpaces && !dropsSpaces ? ['a space that ends a text makes no token'] : []),
      // A table of SentencePiece makes spaces of them first.
      ...(dropsSpaces && !charsmap ? ['ends of lines and tabs are no spaces: a GGUF file cannot say so'] : []),
    ],
  };
}

const unicodeForms: readonly unknown[] = ['NFC', 'NFD', 'NFKC', 'NFKD'];

function readNormalizer({ normalizer }: TokenizerDefinition) {
  let charsmap: Uint8Array | undefined;
  let mergesSpaces = false;
  const notes: string[] = [];
  for (const part of normalizer) {
    if (part.type === 'Precompiled' && charsmap === undefined) charsmap = charsmapOf(part);
    else if (joinsSpaces(part)) mergesSpaces = true;
    else if (unicodeForms.includes(part.type)) {
      notes.push(`text is not brought into the form ${part.type}: a GGUF file cannot say so`);
    } else throw otherTokens('normalizer', JSON.stringify(part.type), 'Precompiled, and spaces that become one');
  }
  return { charsmap, mergesSpaces, notes };
}

function joinsSpaces({ type, pattern, content }: JsonRecord): boolean {
  if (type !== 'Replace' || (content !== ' ' && content !== '▁')) return false;
  const { Regex: regex } = pattern as JsonRecord;
  return regex === ' {2,}' || regex === ' +';
}

/** At least the length that it begins with. */
function charsmapOf({ precompiled_charsmap: encoded }: JsonRecord): Uint8Array | undefined {
  if (encoded == null || encoded === '') return undefined;
  const bytes = typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : Buffer.alloc(0);
  if (bytes.length > 4 && 4 + bytes.readUInt32LE(0) < bytes.length) return bytes;
  throw otherTokens('normalizer.precompiled_charsmap', `${bytes.length} bytes`, 'the rules of SentencePiece in base64');
}

/** Spaces are marks before words, and may get lost at both ends of a text. */
function readSpaces({ preTokenizer }: TokenizerDefinition) {
  const last = preTokenizer.at(-1);
  const before = preTokenizer.slice(0, -1);
  if (last?.type !== 'Metaspace' || (last.replacement ?? '▁') !== '▁' || !before.every(dropsSpaces)) {
    const types = preTokenizer.map(({ type }) => type).join(', ');
    throw otherTokens('pre_tokenizer', types || 'none', 'Metaspace, with or without WhitespaceSplit before it');
  }
  const scheme = last.prepend_scheme ?? (last.add_prefix_space === false ? 'never' : 'always');
  // The first of many pieces is not each of them.
  const addsSpace = scheme === 'always' || (scheme === 'first' && before.length === 0);
  return { addsSpace, dropsSpaces: before.length > 0 };
}

const dropsSpaces = ({ type, pattern, behavior }: JsonRecord): boolean =>
  type === 'WhitespaceSplit' ||
  (type === 'Split' && behavior === 'Removed' && (pattern as JsonRecord | undefined)?.Regex === ' +');
