import { expect, it } from 'vitest';
import { createDecoder } from './registry.ts';
import { asParameters, asStored, type StoredTensors } from './stored-weights.ts';

const decoder = createDecoder({
  model_type: 'gpt2',
  n_embd: 4,
  n_inner: 6,
  n_layer: 1,
  n_head: 2,
  n_positions: 5,
  vocab_size: 7,
});

/** The tensors of a checkpoint, each filled with its own place in it. */
function stored(prefix: string): StoredTensors {
  const entries = decoder.parameters.map(({ name, shape, storedTransposed }) => {
    return [name.replace(/^transformer\./, prefix), { shape: storedTransposed ? shape.toReversed() : shape }] as const;
  });
  return {
    tensors: new Map(entries),
    areEqual: async (...pair) => pair.every((known) => entries.some(([name]) => name === known)),
    async readAllInto(targets) {
      for (const [name, target] of targets) {
        if (!entries.some(([known]) => known === name)) throw new Error(`no tensor ${name}`);
        for (let i = 0; i < target.length; i++) target[i] = i;
      }
    },
  };
}

it.each([['transformer.'], ['']])(
  'matrices that are stored as [in, out] are read as [out, in], under names that begin with "%s"',
  async (prefix) => {
    const { tensors, readAllInto, areEqual } = asParameters(stored(prefix), decoder);
    for (const { name, shape } of decoder.parameters) expect(tensors.get(name)!.shape, name).toEqual(shape);
    expect(tensors.size).toBe(decoder.parameters.length);
    const name = 'transformer.h.0.mlp.c_fc.weight';
    const weight = new Float32Array(24);
    await readAllInto([[name, weight]]);
    expect([...weight.subarray(0, 4)]).toEqual([0, 6, 12, 18]);
    const spec = decoder.parameters.find((parameter) => parameter.name === name)!;
    expect(asStored(spec, weight)).toEqual({ shape: [4, 6], data: Float32Array.from({ length: 24 }, (_, i) => i) });
    // Both under the names that the file has; matrices that lie differently in it have to be read.
    expect(await areEqual!('transformer.wte.weight', 'transformer.wpe.weight')).toBe(true);
    expect(areEqual!('transformer.wte.weight', name)).toBe(undefined);
  },
);
