/** Models and text small enough for a test, from nothing but a seed. */
import { memoryStore, type TokenStore } from '../../src/data/token-store.ts';
import type { JsonObject } from '../../src/files/json-file.ts';
import { initModel, type TrainableModel } from '../../src/models/model.ts';
import { stream } from '../../src/random/stream.ts';

const tinyConfig: JsonObject = {
  model_type: 'llama',
  vocab_size: 61,
  hidden_size: 24,
  intermediate_size: 40,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 256,
  initializer_range: 0.3,
  tie_word_embeddings: true,
};

export const tinyModel = (seed = 1, changes: JsonObject = {}): TrainableModel =>
  initModel({ ...tinyConfig, ...changes }, { seed });

/** Documents of random ids, of the given lengths. */
export function randomStore(seed: number, lengths: readonly number[], vocabulary = 61): TokenStore {
  const random = stream(seed, 'documents');
  return memoryStore(lengths.map((length) => ({ ids: Int32Array.from({ length }, () => random.below(vocabulary)) })));
}

export const weightsOf = ({ parameters }: TrainableModel): Map<string, Float32Array> =>
  new Map([...parameters].map(([name, { weight }]) => [name, Float32Array.from(weight)]));

export const gradientsOf = ({ parameters }: TrainableModel): Map<string, Float32Array> =>
  new Map([...parameters].map(([name, { gradient }]) => [name, Float32Array.from(gradient)]));

/** Whether two sets of arrays are the same bit by bit. */
export function sameBits(a: ReadonlyMap<string, Float32Array>, b: ReadonlyMap<string, Float32Array>): boolean {
  const bytes = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return [...a].every(([name, values]) => bytes(values).equals(bytes(b.get(name)!)));
}

/** Largest over the arrays of |a - b| / |b|, in Euclidean norm. */
export function worstRelativeError(a: ReadonlyMap<string, Float32Array>, b: ReadonlyMap<string, Float32Array>): number {
  return Math.max(
    ...[...a].map(([name, values]) => {
      const reference = b.get(name)!;
      let [difference, size] = [0, 0];
      for (let i = 0; i < values.length; i++) {
        difference += (values[i] - reference[i]) ** 2;
        size += reference[i] ** 2;
      }
      return Math.sqrt(difference / size);
    }),
  );
}
