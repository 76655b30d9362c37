/**
 * Element types of GGUF tensors. Quantised ones come in blocks along a row: `length` values share scales and take `bytes`.
 * Source: ggml's `ggml_type` and block structures (ggml-org/ggml, ggml-common.h).
 */

export interface TensorType {
  readonly id: number;
  readonly length: number;
  readonly bytes: number;
}

/** Types that are read. */
export const tensorTypes = {
  F32: { id: 0, length: 1, bytes: 4 },
  F16: { id: 1, length: 1, bytes: 2 },
  BF16: { id: 30, length: 1, bytes: 2 },
  Q4_0: { id: 2, length: 32, bytes: 18 },
  Q4_1: { id: 3, length: 32, bytes: 20 },
  Q5_0: { id: 6, length: 32, bytes: 22 },
  Q5_1: { id: 7, length: 32, bytes: 24 },
  Q8_0: { id: 8, length: 32, bytes: 34 },
  Q4_K: { id: 12, length: 256, bytes: 144 },
  Q5_K: { id: 13, length: 256, bytes: 176 },
  Q6_K: { id: 14, length: 256, bytes: 210 },
} as const satisfies Readonly<Record<string, TensorType>>;

export type TensorTypeName = keyof typeof tensorTypes;

/** Types that exist and are refused by name. */
const unreadTypes: Readonly<Record<number, string>> = {
  9: 'Q8_1',
  10: 'Q2_K',
  11: 'Q3_K',
  15: 'Q8_K',
  16: 'IQ2_XXS',
  17: 'IQ2_XS',
  18: 'IQ3_XXS',
  19: 'IQ1_S',
  20: 'IQ4_NL',
  21: 'IQ3_S',
  22: 'IQ2_S',
  23: 'IQ4_XS',
  24: 'I8',
  25: 'I16',
  26: 'I32',
  27: 'I64',
  28: 'F64',
  29: 'IQ1_M',
  34: 'TQ1_0',
  35: 'TQ2_0',
  39: 'MXFP4',
  40: 'NVFP4',
};

const nameById: ReadonlyMap<number, TensorTypeName> = new Map(
  // The keys are those of the table.
  Object.entries(tensorTypes).map(([name, { id }]) => [id, name as TensorTypeName]),
);

/** The type with this number, or how it is called where it is not read. */
export function tensorTypeOf(id: number): { readonly type: TensorTypeName } | { readonly unread: string } {
  const type = nameById.get(id);
  return type ? { type } : { unread: unreadTypes[id] ?? `number ${id}` };
}
