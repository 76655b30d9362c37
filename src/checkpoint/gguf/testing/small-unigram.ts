/** A small Unigram tokenizer as T5's: padding, end and unknown first, sentinels last, an end behind each text. */
import { tokenizerOf } from '../../../tokenizer/load.ts';
import type { Tokenizer } from '../../../tokenizer/tokenizer.ts';

const characters = [...'▁abcdefghijklmnopqrstuvwxyzABCDEFGNQRSTWZ0123456789.,;:%$?!\'"-'];
const words = ['▁the', '▁in', '▁of', '▁and', '▁re', 've', 'en', 'er', 'on', 'ing', 'ed', '▁income', '▁20', 'll', 'ion'];
const [pad, end, unknown] = ['<pad>', '</s>', '<unk>'];
const sentinels = ['<extra_id_1>', '<extra_id_0>'];

const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };

export interface SmallUnigramOptions {
  readonly normalizer?: object | null;
  readonly preTokenizer?: object;
  readonly byteFallback?: boolean;
}

export function smallUnigram({
  normalizer = null,
  preTokenizer = { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] },
  byteFallback = false,
}: SmallUnigramOptions = {}): Tokenizer {
  // Longer pieces are likelier than their characters together.
  const scored = [...characters.map((one, i) => [one, -6 - i / 64]), ...words.map((word, i) => [word, -4 - i / 16])];
  const vocab = [[pad, 0], [end, 0], [unknown, 0], ...scored, ...sentinels.map((name) => [name, 0])];
  const added = [pad, end, unknown, ...sentinels].map((content) => {
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
    return { id: vocab.findIndex(([token]) => token === content), content, ...flags };
  });
  const last = { SpecialToken: { id: end, type_id: 0 } };
  const [first, second] = ['A', 'B'].map((id) => ({ Sequence: { id, type_id: 0 } }));
  const json = {
    version: '1.0',
    added_tokens: added,
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: {
      type: 'TemplateProcessing',
      single: [first, last],
      pair: [first, last, second, last],
      special_tokens: { [end]: { id: end, ids: [1], tokens: [end] } },
    },
    decoder: metaspace,
    model: { type: 'Unigram', unk_id: 2, vocab, byte_fallback: byteFallback },
  };
  const config = { tokenizer_class: 'T5TokenizerFast', eos_token: end, pad_token: pad, unk_token: unknown };
  const file = (name: string, value: object) => ({ name, bytes: new TextEncoder().encode(JSON.stringify(value)) });
  return tokenizerOf([file('tokenizer.json', json), file('tokenizer_config.json', config)]);
}
