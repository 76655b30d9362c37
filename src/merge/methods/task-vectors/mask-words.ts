/** Random words for the elements of a tensor: word i belongs to element i, in whatever pieces they are asked for. */
import type { TensorStream } from '../../stream/tensor-stream.ts';

const wordsPerBlock = 4;
/** What the kernel makes at once. */
const granule = 16;

export function createMaskWords(tensor: TensorStream): (model: number, start: number, length: number) => Uint32Array {
  const { length: capacity } = tensor.scratch();
  const memory = tensor.counts(Math.ceil((capacity + wordsPerBlock) / granule) * granule);
  const keys = tensor.models.map((_, model) => tensor.randomKey(model));
  return (model, start, length) => {
    const block = Math.floor(start / wordsPerBlock);
    const skipped = start - block * wordsPerBlock;
    const made = memory.subarray(0, Math.ceil((skipped + length) / granule) * granule);
    tensor.kernels.randomWords(made, block, keys[model]);
    return made.subarray(skipped, skipped + length);
  };
}
