/** Small model folders for tests: any tensors, in any element type, with a configuration. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatShardIndex, indexFileName, shardFileName } from '../../checkpoint/huggingface/shard-index.ts';
import { type StorageType, writeSafetensors } from '../../checkpoint/safetensors/write.ts';

interface ToyTensor {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

export type ToyTensors = Readonly<Record<string, ToyTensor>>;

export interface ToyOptions {
  readonly dtype?: StorageType;
  readonly config?: Readonly<Record<string, unknown>>;
  /** Tensors are dealt out to this many files. */
  readonly shards?: number;
}

export async function writeToyModel(folder: string, tensors: ToyTensors, options: ToyOptions = {}): Promise<string> {
  const { dtype = 'f32', config = {}, shards = 1 } = options;
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({ model_type: 'llama', num_hidden_layers: 0, ...config }),
  );
  const entries = Object.entries(tensors).map(([name, { shape, values }]) => ({
    name,
    shape,
    dtype,
    data: Float32Array.from(values),
  }));
  if (shards === 1) {
    await writeSafetensors(join(folder, 'model.safetensors'), entries, { metadata: { format: 'pt' } });
    return folder;
  }
  const places = new Map<string, string>();
  for (let shard = 0; shard < shards; shard++) {
    const file = shardFileName(shard + 1, shards);
    const own = entries.filter((_, index) => index % shards === shard);
    for (const { name } of own) places.set(name, file);
    await writeSafetensors(join(folder, file), own);
  }
  const bytes = entries.reduce((sum, { data }) => sum + data.length * (dtype === 'f32' ? 4 : 2), 0);
  await writeFile(join(folder, indexFileName), formatShardIndex(bytes, places));
  return folder;
}

export interface ToyLlamaOptions {
  readonly layers?: number;
  readonly hidden?: number;
  readonly vocabulary?: number;
  readonly tied?: boolean;
  /** Decides every weight. */
  readonly seed?: number;
  /** Size of the difference between seeds; the rest is common to all. */
  readonly spread?: number;
}

/** Tensors of a Llama whose weights are those of a common base, plus a little that depends on the seed. */
export function toyLlama(options: ToyLlamaOptions = {}): ToyTensors {
  const { layers = 2, hidden = 8, vocabulary = 11, tied = false, seed = 0, spread = 0.1 } = options;
  let count = 0;
  const tensor = (...shape: number[]): ToyTensor => {
    count += 1;
    const size = shape.reduce((a, b) => a * b, 1);
    const own = seed * 7919 + count * 104_729;
    const wave = (i: number, phase: number): number =>
      Math.sin((i + 1) * 12.9898 + phase) * Math.cos(i * 4.1414 + phase);
    const values = Float32Array.from(
      { length: size },
      (_, i) => wave(i, count) + (seed === 0 ? 0 : spread * wave(i, own)),
    );
    return { shape, values };
  };
  const layer = (index: number): [string, ToyTensor][] => {
    const name = (part: string): string => `model.layers.${index}.${part}.weight`;
    return [
      [name('self_attn.q_proj'), tensor(hidden, hidden)],
      [name('mlp.down_proj'), tensor(hidden, 2 * hidden)],
      [name('input_layernorm'), tensor(hidden)],
    ];
  };
  return Object.fromEntries([
    ['model.embed_tokens.weight', tensor(vocabulary, hidden)],
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    ['model.norm.weight', tensor(hidden)],
    ...(tied ? [] : [['lm_head.weight', tensor(vocabulary, hidden)] as const]),
  ]);
}

export function toyConfig({ layers = 2, hidden = 8, vocabulary = 11, tied = false }: ToyLlamaOptions = {}) {
  return { num_hidden_layers: layers, hidden_size: hidden, vocab_size: vocabulary, tie_word_embeddings: tied };
}
