/** A small model with a small byte-level vocabulary, written as GGUF. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../../files/json-file.ts';
import type { ParameterSpec } from '../../../models/decoder.ts';
import {
  createDecoder,
  createEncoder,
  createEncoderDecoder,
  isEncoder,
  isEncoderDecoder,
} from '../../../models/registry.ts';
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

/** An encoder and an encoder-decoder, for `smallWeights`. */
export const smallEncoderConfig: JsonObject = {
  model_type: 'roberta',
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  vocab_size: 272,
  max_position_embeddings: 50,
  type_vocab_size: 1,
};
export const smallPairConfig: JsonObject = {
  model_type: 't5',
  d_model: 32,
  d_kv: 8,
  d_ff: 48,
  num_heads: 4,
  num_layers: 2,
  num_decoder_layers: 1,
  vocab_size: 272,
};

/** Weights of a configuration, by Hugging Face name. */
export function smallWeights(config: JsonObject) {
  return parametersOf(config).map(({ name, shape }) => {
    const random = stream(1, 'weights', name);
    const count = shape.reduce((product, length) => product * length, 1);
    return { name, shape, data: Float32Array.from({ length: count }, () => 0.1 * random.normal()) };
  });
}

function parametersOf(config: JsonObject): readonly ParameterSpec[] {
  if (isEncoder(config)) return createEncoder(config).parameters;
  return isEncoderDecoder(config) ? createEncoderDecoder(config).parameters : createDecoder(config).parameters;
}

export interface WrittenModelOptions {
  readonly config?: JsonObject;
  readonly tokenizer?: Tokenizer;
  readonly dtype?: GgufDtype;
}

/** The bytes of the file. */
export async function writtenModel(
  folder: string,
  { config = smallConfig, tokenizer = smallTokenizer(), dtype = 'q8_0' }: WrittenModelOptions = {},
): Promise<Buffer> {
  const path = join(folder, 'written.gguf');
  await rm(path, { force: true });
  await saveGgufModel(path, { config, tensors: smallWeights(config), tokenizer, dtype });
  return readFile(path);
}
