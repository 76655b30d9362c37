/** Byte-level BPE of a GGUF file; its pre-tokenizer is a rule that llama.cpp has under a name, see `pre-tokenizers.ts`. */

import { bpeModel } from '../../../tokenizer/bpe-model.ts';
import type { MetadataFields } from '../metadata-fields.ts';
import { damaged } from '../refuse.ts';
import { type ListedTokens, otherText, type VocabularyParts } from './listed-tokens.ts';
import { type PreTokenizer, preTokenizers } from './pre-tokenizers.ts';

export function readByteLevel({ fields, tokens, idOf, isAdded }: ListedTokens): VocabularyParts {
  const rule = readRule(fields);
  return {
    tokens,
    normalizer: null,
    pre_tokenizer: rule.forms[0],
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: bpeModel({
      ignoreMerges: rule.ignoreMerges,
      vocab: Object.fromEntries(tokens.flatMap((token, id) => (isAdded(id) ? [] : [[token, id]]))),
      merges: readMerges(fields),
    }),
    begin: (fields.flag('tokenizer.ggml.add_bos_token') ?? rule.beginsText) ? idOf('bos') : undefined,
    end: fields.flag('tokenizer.ggml.add_eos_token') ? idOf('eos') : undefined,
  };
}

function readRule(fields: MetadataFields): PreTokenizer {
  const name = fields.text('tokenizer.ggml.pre') ?? 'default';
  const rule = preTokenizers.find(({ names }) => names.includes(name));
  if (rule) return rule;
  const expected = `one of ${preTokenizers.flatMap(({ names }) => names).join(', ')}`;
  throw otherText(fields, 'tokenizer.ggml.pre', JSON.stringify(name), expected);
}

function readMerges(fields: MetadataFields): readonly (readonly [string, string])[] {
  return (fields.texts('tokenizer.ggml.merges') ?? []).map((merge, i) => {
    // The first side is at least one character, which may be anything.
    const space = merge.indexOf(' ', 1);
    if (space > 0 && space < merge.length - 1) return [merge.slice(0, space), merge.slice(space + 1)];
    throw damaged(`${fields.path}, tokenizer.ggml.merges.${i}`, JSON.stringify(merge).slice(0, 80), '"left right"');
  });
}
