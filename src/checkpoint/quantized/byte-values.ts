/** Matrices of one byte for each value: integers, or floating-point numbers of 8 bits. */
import type { ElementType } from '../../tensor/element-type.ts';
import { float8ToFloat32 } from '../../tensor/float8.ts';
import { forEachRows, type Module, type Part } from './scheme.ts';

export type ByteType = Extract<ElementType, 'i8' | 'f8_e4m3'>;

export const isByteType = (dtype: ElementType): dtype is ByteType => dtype === 'i8' || dtype === 'f8_e4m3';

const rules: Readonly<Record<ByteType, (byte: number) => number>> = {
  i8: (byte) => (byte << 24) >> 24,
  f8_e4m3: float8ToFloat32,
};

/** Reads all values of a matrix [out, in], as they are stored. */
export async function readByteValues(
  module: Module,
  part: Part & { readonly shape: readonly [number, number] },
  target: Float32Array,
): Promise<void> {
  const [rows, rowBytes] = part.shape;
  const values = Float32Array.from({ length: 256 }, (_, byte) => rules[part.dtype as ByteType](byte));
  await forEachRows(module, part, { rows, rowBytes }, (bytes, first) => {
    const from = first * rowBytes;
    for (let i = 0; i < bytes.length; i++) target[from + i] = values[bytes[i]];
  });
}
