/** What a model is in a GGUF file, whatever kind of model it is. */
import { UsageError } from '../../errors.ts';
import type { TensorNames } from './tensor-names.ts';
import type { TypedValue } from './write.ts';

export interface GgufForm {
  /** `general.architecture` */
  readonly architecture: string;
  /** What the file says about the architecture, by whole keys. */
  readonly metadata: Readonly<Record<string, TypedValue>>;
  readonly names: TensorNames;
  /** Rows of the embedding table. */
  readonly vocabulary: number;
  /** The head, if there is one, reads the embedding table. */
  readonly tied: boolean;
  /** Blocks of the stack that a tensor of the file is in. */
  layersAround(nameInFile: string): number;
  /** How the file holds a tensor, by its name there and in the checkpoint; undefined where it is as it is. */
  conversionOf(nameInFile: string, name: string, shape: readonly number[]): TensorConversion | undefined;
  /** Tensors that are no parameter, in float32. */
  readonly added: readonly (readonly [name: string, values: Float32Array])[];
  /** What llama.cpp computes otherwise, and what a file cannot say. */
  readonly notes: readonly string[];
}

export interface TensorConversion {
  readonly shape: readonly number[];
  /** Rows are in another order. */
  readonly permuted?: boolean;
  /** The values may be changed in place. */
  convert(values: Float32Array): Float32Array;
}

export const u32 = (value: number): TypedValue => ({ type: 'u32', value });
export const f32 = (value: number): TypedValue => ({ type: 'f32', value });
export const text = (value: string): TypedValue => ({ type: 'string', value });
export const flag = (value: boolean): TypedValue => ({ type: 'bool', value });

/** Fields under the name of an architecture. */
export const prefixed = (
  architecture: string,
  fields: Readonly<Record<string, TypedValue>>,
): Readonly<Record<string, TypedValue>> =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [`${architecture}.${key}`, value]));

/** The error for a configuration that GGUF has no form for. */
export const noForm = (field: string, found: string, expected: string): UsageError =>
  new UsageError({
    field: `config.json.${field}`,
    found,
    expected: `${expected} for a GGUF file`,
    fix: 'Export the model as a Hugging Face folder.',
  });
