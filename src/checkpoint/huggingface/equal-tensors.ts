/** Whether two stored tensors are one, told without holding either whole: a checkpoint may carry a table of gigabytes twice. */
import { byteWidth, elementCount, isFloatType } from '../../tensor/element-type.ts';
import type { Checkpoint } from './open-checkpoint.ts';

/** Bytes of each tensor that are held at once. */
const pieceBytes = 2 ** 22;

/** As many elements in float32. */
const pieceLength = pieceBytes / Float32Array.BYTES_PER_ELEMENT;

/**
 * Whether two tensors have the same shape and the same bits: as they are stored where they have one element type, widened to
 * float32 where they have two. Ends at the first piece that differs.
 */
export async function areEqualTensors(
  { tensors, readBytes, readRange }: Pick<Checkpoint, 'tensors' | 'readBytes' | 'readRange'>,
  first: string,
  second: string,
): Promise<boolean> {
  const [a, b] = [first, second].map((name) => tensors.get(name)!);
  if (a.shape.join() !== b.shape.join()) return false;
  const elements = elementCount(a.shape)!;
  if (a.dtype === b.dtype) return areEqualPieces(elements * byteWidth(a.dtype), pieceBytes, readBytes);
  return isFloatType(a.dtype) && isFloatType(b.dtype) && areEqualPieces(elements, pieceLength, readRange);

  async function areEqualPieces(
    length: number,
    atOnce: number,
    read: (name: string, start: number, length: number) => Promise<Uint8Array | Float32Array>,
  ): Promise<boolean> {
    for (let start = 0; start < length; start += atOnce) {
      const reads = [first, second].map((name) => read(name, start, Math.min(atOnce, length - start)));
      const [x, y] = (await Promise.all(reads)).map(asBuffer);
      if (!x.equals(y)) return false;
    }
    return true;
  }
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
