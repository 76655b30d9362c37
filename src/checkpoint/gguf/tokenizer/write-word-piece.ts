/**
 * A WordPiece vocabulary (BERT's) as metadata of a GGUF file. llama.cpp has the tokens that begin a word behind `▁`, and
 * those that go on without the mark of Hugging Face; control tokens stay as they are.
 */
import type { TokenizerDefinition } from '../../../tokenizer/definition.ts';
import { flag } from '../form.ts';
import { otherTokens, type WrittenVocabulary } from './written-vocabulary.ts';

export const continuing = '##';
export const wordStart = '▁';

/** @param control tokens that no text becomes @throws UsageError for a vocabulary that llama.cpp would read differently */
export function wordPieceVocabulary(definition: TokenizerDefinition, control: ReadonlySet<number>): WrittenVocabulary {
  const { json, ids, normalizer, preTokenizer } = definition;
  const { unk_token: unknown, continuing_subword_prefix: prefix = continuing } = json.model;
  if (prefix !== continuing) throw otherTokens('model.continuing_subword_prefix', JSON.stringify(prefix), '"##"');
  const [rule, ...others] = normalizer;
  const isBert = rule?.type === 'BertNormalizer' && others.length === 0;
  if (!isBert || rule.clean_text === false || rule.handle_chinese_chars === false) {
    const types = normalizer.map(({ type }) => type).join(', ');
    throw otherTokens('normalizer', types || 'none', 'BertNormalizer, with clean_text and handle_chinese_chars');
  }
  if (preTokenizer.map(({ type }) => type).join() !== 'BertPreTokenizer') {
    const types = preTokenizer.map(({ type }) => type).join(', ');
    throw otherTokens('pre_tokenizer', types || 'none', 'BertPreTokenizer');
  }
  const tokens = definition.tokens.map((token, id) => {
    if (control.has(id)) return token;
    return token.startsWith(continuing) ? token.slice(continuing.length) : wordStart + token;
  });
  requireDistinct(tokens);
  const lowercase = rule.lowercase === true;
  const stripsAccents = typeof rule.strip_accents === 'boolean' ? rule.strip_accents : lowercase;
  return {
    model: 'bert',
    tokens,
    unknownId: ids.get(String(unknown)),
    metadata: {
      'tokenizer.ggml.normalizer.lowercase': flag(lowercase),
      'tokenizer.ggml.normalizer.strip_accents': flag(stripsAccents),
    },
    notes:
      lowercase && stripsAccents ? [] : ['that case or accents are kept is read by newer versions of llama.cpp alone'],
  };
}

function requireDistinct(tokens: readonly string[]): void {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const again = tokens.findIndex((token, id) => ids.get(token) !== id || token === '');
  if (again < 0) return;
  throw otherTokens('model.vocab', `a token that becomes ${JSON.stringify(tokens[again])}`, 'tokens that stay apart');
}
