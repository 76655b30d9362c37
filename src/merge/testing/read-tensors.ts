/** All tensors of a small model folder, in float32. */
import { openCheckpoint } from '../../checkpoint/huggingface/open-checkpoint.ts';

export async function readTensors(folder: string): Promise<ReadonlyMap<string, Float32Array>> {
  const checkpoint = await openCheckpoint(folder);
  const result = new Map<string, Float32Array>();
  for (const [name, { shape }] of checkpoint.tensors) {
    const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
    await checkpoint.readInto(name, values);
    result.set(name, values);
  }
  await checkpoint.close();
  return result;
}
