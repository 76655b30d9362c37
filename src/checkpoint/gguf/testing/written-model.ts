/** A small model with a small byte-level vocabulary, written as GGUF. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../../files/json-file.ts';
import { createDecoder } from '../../../models/registry.ts';
import { stream } from '../../../random/stream.ts';
import { BYTE_CHARACTERS } from '../../../tokenizer/byte-alphabet.ts';
import { tokenizerOf } from '../../../tokenizer/load.ts';
import type { Tokenizer } from '../../../tokenizer/tokenizer.ts';
import { preTokenizer as trainedPreTokenizer } from '../../../tokenizer/train/pre-tokenizer.ts';
import type { GgufDtype } from '../choose-type.ts';
import { saveGgufModel } from '../save-gguf-model.ts';

/** Grouped queries and an untied head: the widest of what can go wrong. */
export const smallConfig: JsonObject = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 272,
  max_position_embeddings: 128,
  rms_norm_eps: 0.00001,
  rope_theta: 10_000,
  tie_word_embeddings: false,
};

const added = (id: number, content: string, special: boolean) => ({
  ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special },
});

/** Bytes, four merges, an end, marks of a turn and of a thought. */
export function smallTokenizer({
  preTokenizer = trainedPreTokenizer() as object,
  normalizer = null as object | null,
} = {}): Tokenizer {
  const merges = [
    ['Ġ', 't'],
    ['h', 'e'],
    ['Ġt', 'he'],
    ['1', '2'],
  ];
  const tokens = [...BYTE_CHARACTERS, ...merges.map((sides) => sides.join(''))];
  const json = {
    version: '1.0',
    added_tokens: [added(260, '<|end|>', true), added(261, '<|im_end|>', true), added(262, '<think>', false)],
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  };
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    eos_token: '<|end|>',
    chat_template: "{{ messages[0].content + '<|im_end|>' }}",
  };
  const bytes = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  return tokenizerOf([
    { name: 'tokenizer.json', bytes: bytes(json) },
    { name: 'tokenizer_config.json', bytes: bytes(config) },
  ]);
}

/** Weights of a configuration, by Hugging Face name. */
export function smallWeights(config: JsonObject) {
  return createDecoder(config).parameters.map(({ name, shape }) => {
    const random = stream(1, 'weights', name);
    const count = shape.reduce((product, length) => product * length, 1);
    return { name, shape, data: Float32Array.from({ length: count }, () => 0.1 * random.normal()) };
  });
}

/** The bytes of the file. */
export async function writtenModel(
  folder: string,
  { config = smallConfig, dtype = 'q8_0' }: { readonly config?: JsonObject; readonly dtype?: GgufDtype } = {},
): Promise<Buffer> {
  const path = join(folder, 'written.gguf');
  await rm(path, { force: true });
  await saveGgufModel(path, { config, tensors: smallWeights(config), tokenizer: smallTokenizer(), dtype });
  return readFile(path);
}
