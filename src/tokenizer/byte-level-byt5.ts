/** ByT5's tokenizer for programs that have no class for it: byte-level BPE that merges nothing gives the same ids. */
import { bpeModel } from './bpe-model.ts';
import { tokenizerOf } from './load.ts';
import type { Tokenizer } from './tokenizer.ts';

/** @param tokenizer of kind `bytes` */
export function byteLevelByt5(tokenizer: Tokenizer): Tokenizer {
  const { vocabSize, specialIds, tokenOf, tokenBytes, eosId, padId } = tokenizer;
  const names = Array.from({ length: vocabSize }, (_, id) => tokenOf(id)!);
  const isByte = (id: number): boolean => tokenBytes(id).length === 1 && !specialIds.has(id);
  const ids = names.map((_, id) => id);
  const [end, padding] = [names[eosId!], names[padId!]];
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const text = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  const last = { SpecialToken: { id: end, type_id: 0 } };
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: ids
      .filter((id) => !isByte(id))
      .map((id) => ({ id, content: names[id], ...flags, special: specialIds.has(id) })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: {
      type: 'TemplateProcessing',
      single: [text('A', 0), last],
      pair: [text('A', 0), last, text('B', 0), last],
      special_tokens: { [end]: { id: end, ids: [eosId], tokens: [end] } },
    },
    decoder: byteLevel,
    model: bpeModel({
      vocab: Object.fromEntries(ids.filter(isByte).map((id) => [names[id], id])),
      merges: [],
    }),
  };
  const config = { tokenizer_class: 'PreTrainedTokenizerFast', eos_token: end, pad_token: padding };
  const utf8 = new TextEncoder();
  return tokenizerOf([
    { name: 'tokenizer.json', bytes: utf8.encode(JSON.stringify(json)) },
    { name: 'tokenizer_config.json', bytes: utf8.encode(`${JSON.stringify(config, null, 2)}\n`) },
  ]);
}
