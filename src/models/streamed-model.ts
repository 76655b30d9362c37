/** A stored model whose parameters are read one at a time, so that it is never whole in memory. */
import { elementCount } from '../graph/tensor.ts';
import type { ParameterSpec } from './decoder.ts';
import type { StreamedModel } from './model.ts';
import type { ModelCheckpoint } from './model-checkpoint.ts';

/** @param signal asked before each parameter */
export function streamedModel(
  { checkpoint, decoder, tokenizer }: ModelCheckpoint,
  signal?: AbortSignal,
): StreamedModel {
  const valuesOf = parameterReader(decoder, async (name, target) => {
    signal?.throwIfAborted();
    await checkpoint.readAllInto([[name, target]]);
  });
  return { config: checkpoint.config, decoder, tokenizer, valuesOf };
}

/** Reads all into one array, which is as long as the longest. */
export function parameterReader(
  { parameters }: { readonly parameters: readonly ParameterSpec[] },
  read: (name: string, target: Float32Array) => Promise<void>,
): StreamedModel['valuesOf'] {
  const counts = new Map(parameters.map(({ name, shape }) => [name, elementCount(shape)]));
  const room = new Float32Array(Math.max(...counts.values()));
  return async (name) => {
    const values = room.subarray(0, counts.get(name)!);
    await read(name, values);
    return values;
  };
}
