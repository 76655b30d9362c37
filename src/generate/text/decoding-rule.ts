/** How far the text of a sequence of tokens can be told before the sequence has ended. */

import { byteFallbackDecoder } from '../../tokenizer/byte-fallback-text.ts';
import { readDefinition } from '../../tokenizer/definition.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';

/**
 * - `bytes`: the bytes of the tokens in a row are the text (byte-level vocabularies).
 * - `pieces`: each token has a text of its own, another one only at the very beginning (WordPiece, Metaspace).
 * - `byte-runs`: as `pieces`, but tokens such as `<0x0A>` are bytes, and a byte that comes later in the same run can
 *   turn all of it into unknown characters (SentencePiece BPE with byte fallback).
 * - `whole`: every later token may change the text, as where a decoder works on all of it at once.
 */
export type DecodingRule = 'bytes' | 'pieces' | 'byte-runs' | 'whole';

const rules = new WeakMap<Tokenizer, DecodingRule>();

export function decodingRule(tokenizer: Tokenizer): DecodingRule {
  // The name of the codec that decodes by bytes; everything else has to be read in the tokenizer's definition.
  if (tokenizer.kind === 'byte-level BPE') return 'bytes';
  let rule = rules.get(tokenizer);
  if (rule === undefined) {
    rule = ruleOfDefinition(tokenizer);
    rules.set(tokenizer, rule);
  }
  return rule;
}

function ruleOfDefinition(tokenizer: Tokenizer): DecodingRule {
  const file = tokenizer.files.find(({ name }) => name === 'tokenizer.json');
  if (file === undefined) return 'whole';
  const definition = readDefinition(file.bytes, file.name);
  if (byteFallbackDecoder(definition) !== undefined) return 'byte-runs';
  // The library takes the suffix out of the finished text, where it may lie across tokens.
  if (definition.model.type === 'BPE' && definition.model.endOfWordSuffix !== '') return 'whole';
  const parts = definition.decoder.map((part) => part.type);
  if (parts.length === 0) return 'pieces';
  if (parts.length > 1) return 'whole';
  if (parts[0] === 'ByteLevel') return 'bytes';
  return parts[0] === 'Metaspace' || parts[0] === 'WordPiece' ? 'pieces' : 'whole';
}
