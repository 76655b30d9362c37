/**
 * The element types of tensors at rest: how wide one element is and what safetensors calls it.
 * Computation is in float32; the other types occur in files and as indices.
 */

export type ElementType = 'f64' | 'f32' | 'f16' | 'bf16' | 'i64' | 'i32' | 'i16' | 'i8' | 'u8' | 'f8_e4m3' | 'bool';

/** Bytes of one element. */
const widths: Readonly<Record<ElementType, number>> = {
  f64: 8,
  f32: 4,
  f16: 2,
  bf16: 2,
  i64: 8,
  i32: 4,
  i16: 2,
  i8: 1,
  u8: 1,
  f8_e4m3: 1,
  bool: 1,
};

export function byteWidth(type: ElementType): number {
  return widths[type];
}

/** The element types that convert to float32 while reading; numbers of 8 bits mean nothing without their scales. */
export type FloatType = 'f64' | 'f32' | 'f16' | 'bf16';

export function isFloatType(type: ElementType): type is FloatType {
  return type === 'f64' || type === 'f32' || type === 'f16' || type === 'bf16';
}

/** `f32` -> `F32`: safetensors writes the same names in capitals. */
export function safetensorsName(type: ElementType): string {
  return type.toUpperCase();
}

/** `F32` -> `f32`; undefined for a name that is not one of ours (the format knows more, such as `F8_E5M2`). */
export function fromSafetensorsName(name: string): ElementType | undefined {
  const type = name.toLowerCase();
  return Object.hasOwn(widths, type) && name === safetensorsName(type as ElementType)
    ? (type as ElementType)
    : undefined;
}

/** Number of elements of a shape; `undefined` where it cannot be counted exactly (over 2^53, or a negative or broken length). */
export function elementCount(shape: readonly number[]): number | undefined {
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) return undefined;
  if (shape.includes(0)) return 0;
  const count = shape.reduce((product, length) => product * length, 1);
  return Number.isSafeInteger(count) ? count : undefined;
}
