/** Types of GGUF metadata values, by their numbers in the file. Source: the GGUF specification (ggml-org/ggml, docs/gguf.md). */

const names = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'f32', 'bool', 'string', 'array', 'u64', 'i64', 'f64'] as const;

type Name = (typeof names)[number];
export type ValueType = Exclude<Name, 'array'>;

/** The type with this number; undefined for a number without a meaning. */
export const valueTypeOf = (id: number): Name | undefined => names[id];

export const valueTypeId = (type: Name): number => names.indexOf(type);

/** Bytes of a value; of a string, the least. */
export const valueBytes: Readonly<Record<ValueType, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  bool: 1,
  string: 8,
  u64: 8,
  i64: 8,
  f64: 8,
};

export type Scalar = number | bigint | boolean | string;
export type MetadataValue = Scalar | readonly Scalar[];
/** By key, in the order of the file. Integers beyond 2^53 are bigints. */
export type Metadata = ReadonlyMap<string, MetadataValue>;
