/**
 * Checkpoints with the shapes of Llama 3.2 1B or Llama 2 7B and normal weights: seed 0 is a base, other seeds are the base with a small
 * normal change. Made block by block from one table of normal numbers, which is enough for every order statistic to be hard.
 */
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatHeader, type TensorEntry } from '../../src/checkpoint/safetensors/header.ts';
import { stream } from '../../src/random/stream.ts';
import { float32ToBfloat16 } from '../../src/tensor/half.ts';

const blockLength = 2 ** 22;

export const sizes = {
  '1b': { hidden: 2048, inner: 8192, keys: 512, vocabulary: 128_256, heads: 32, layers: 16, tied: true },
  '7b': { hidden: 4096, inner: 11_008, keys: 4096, vocabulary: 32_000, heads: 32, layers: 32, tied: false },
} as const;

export type Size = keyof typeof sizes;

export interface RandomLlamaOptions {
  readonly size?: Size;
  readonly layers?: number;
  readonly seed: number;
}

export async function writeRandomLlama(
  folder: string,
  { size = '1b', layers = sizes[size].layers, seed }: RandomLlamaOptions,
): Promise<void> {
  const { hidden, inner, keys, vocabulary, heads, tied } = sizes[size];
  await mkdir(folder, { recursive: true });
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: hidden,
    intermediate_size: inner,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: (keys / hidden) * heads,
    head_dim: hidden / heads,
    vocab_size: vocabulary,
    tie_word_embeddings: tied,
    torch_dtype: 'bfloat16',
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  const entries = new Map<string, TensorEntry>();
  let end = 0;
  for (const [name, shape] of shapes(size, layers)) {
    const begin = end;
    end += 2 * shape.reduce((a, b) => a * b, 1);
    entries.set(name, { dtype: 'bf16', shape, begin, end });
  }
  const base = block(0, 0.02);
  const delta = seed === 0 ? undefined : block(seed, 0.002);
  const file = await open(join(folder, 'model.safetensors'), 'w');
  await file.write(formatHeader({ tensors: entries, metadata: new Map([['format', 'pt']]) }));
  for (let done = 0, turn = 0; done < end / 2; done += blockLength, turn++) {
    const length = Math.min(blockLength, end / 2 - done);
    const values = new Uint16Array(length);
    // The change is turned against the base from block to block, so that no two blocks have the same sums.
    const shift = (turn * 7919 * 64) % blockLength;
    for (let i = 0; i < length; i++) {
      values[i] = float32ToBfloat16(base[i] + (delta ? delta[(i + shift) % blockLength] : 0));
    }
    await file.write(new Uint8Array(values.buffer));
  }
  await file.close();
}

function block(seed: number, size: number): Float32Array {
  const random = stream(seed, 'random-llama');
  return Float32Array.from({ length: blockLength }, () => size * random.normal());
}

function* shapes(size: Size, layers: number): Generator<readonly [string, readonly number[]]> {
  const { hidden, inner, keys, vocabulary, tied } = sizes[size];
  yield ['model.embed_tokens.weight', [vocabulary, hidden]];
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string): string => `model.layers.${layer}.${part}.weight`;
    yield [name('self_attn.q_proj'), [hidden, hidden]];
    yield [name('self_attn.k_proj'), [keys, hidden]];
    yield [name('self_attn.v_proj'), [keys, hidden]];
    yield [name('self_attn.o_proj'), [hidden, hidden]];
    yield [name('mlp.gate_proj'), [inner, hidden]];
    yield [name('mlp.up_proj'), [inner, hidden]];
    yield [name('mlp.down_proj'), [hidden, inner]];
    yield [name('input_layernorm'), [hidden]];
    yield [name('post_attention_layernorm'), [hidden]];
  }
  yield ['model.norm.weight', [hidden]];
  if (!tied) yield ['lm_head.weight', [vocabulary, hidden]];
}
