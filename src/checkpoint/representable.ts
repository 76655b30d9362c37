/** Whether weights survive being written: neither NaN nor infinite, now or after rounding to the element type of the file. */
import { InputError } from '../errors.ts';
import { Arena } from '../kernels/arena.ts';
import type { StorageType } from './safetensors/write.ts';

/** The smallest magnitude that rounds to infinity. */
const overflow: Readonly<Record<StorageType, number>> = {
  f32: Number.POSITIVE_INFINITY,
  // Half way between the largest finite number and the power of two that would follow it.
  bf16: (2 - 2 ** -8) * 2 ** 127,
  f16: 65_520,
};

/** @throws InputError naming the tensor, and the index of its first element that `dtype` cannot hold. */
export function requireRepresentable(name: string, data: Float32Array, dtype: StorageType): void {
  // No element is larger than the norm of all of them: one fast pass usually settles it.
  const squares = Arena.containing(data)?.kernels.sumOfSquares(data);
  if (squares !== undefined && Math.sqrt(squares) < overflow[dtype]) return;
  const index = data.findIndex((value) => !(Math.abs(value) < overflow[dtype]));
  if (index < 0) return;
  throw new InputError({
    field: `tensor ${JSON.stringify(name)}, element ${index}`,
    found: String(data[index]),
    expected: `a number that ${dtype} can hold`,
    fix: 'Training diverged or the type is too narrow: go back to a good checkpoint, or save as f32 or bf16.',
  });
}
