/** Elements of a tensor as its source has them: loops that take these widen halves on their way. */
import { bfloat16ToFloat32, float16ToFloat32 } from '../../tensor/half.ts';

export type Elements = Float32Array | Halves;

/** Bits of half-precision numbers. */
export interface Halves {
  readonly dtype: 'bf16' | 'f16';
  readonly bits: Uint16Array;
}

/** Their values, one by one: for messages, and to say what loops have to be equal to. */
export function valuesOf(elements: Elements): Float32Array {
  if (elements instanceof Float32Array) return elements;
  return Float32Array.from(elements.bits, elements.dtype === 'f16' ? float16ToFloat32 : bfloat16ToFloat32);
}

export function lengthOf(elements: Elements): number {
  return elements instanceof Float32Array ? elements.length : elements.bits.length;
}
