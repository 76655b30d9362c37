/** What the forms of quantised checkpoints have in common: which tensors make a weight, and how these become float32. */
import { InputError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { type ElementType, isFloatType } from '../../tensor/element-type.ts';
import type { Checkpoint } from '../huggingface/open-checkpoint.ts';
import { wordsOf } from './packed-words.ts';

type StoredParts = Pick<Checkpoint, 'folder' | 'tensors' | 'readBytes' | 'readRange'>;

/** A weight that is kept as small integers, or floating-point numbers of 8 bits, with scales. */
export interface QuantizedWeight {
  /** [out, in]. */
  readonly shape: readonly [out: number, input: number];
  /** Stored tensors it is made of. */
  readonly parts: readonly string[];
  /** For people: `GPTQ, 4 bits, groups of 128`. */
  readonly form: string;
  /** Writes all values, row-major, into an array of out x in elements. */
  dequantize(target: Float32Array): Promise<void>;
}

export interface Scheme {
  /** The last part of the name of the tensor that holds the integers: `qweight`. */
  readonly values: string;
  /** Whether a tensor of that name is quantised; others are weights as they are. */
  isQuantized(dtype: ElementType, module: Module): boolean;
  /** Suffixes of tensors that weights do not depend on, with the reason. */
  readonly ignored: Readonly<Record<string, string>>;
  /** @throws InputError for parts that are missing, or contradict each other or the configuration */
  open(module: Module): QuantizedWeight | Promise<QuantizedWeight>;
}

export interface Module {
  readonly parts: StoredParts;
  /** `model.layers.0.mlp.up_proj`. */
  readonly name: string;
}

/** A `quantization_config`: makes the scheme of it. @throws InputError for a setting that is not read */
export type SchemeReader = (config: JsonObject, field: string) => Scheme;

export const has = ({ parts, name }: Module, suffix: string): boolean => parts.tensors.has(`${name}.${suffix}`);

export interface Part {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
}

type Dtypes = 'float' | ElementType;

/** @throws InputError where the tensor is missing, or of another type */
export function partOf(module: Module, suffix: string, dtypes: Dtypes): Part {
  const name = `${module.name}.${suffix}`;
  const entry = module.parts.tensors.get(name);
  if (!entry) throw misfit(module, suffix, 'no such tensor', `a tensor of type ${dtypes}`);
  const { dtype, shape } = entry;
  const fits = dtypes === 'float' ? isFloatType(dtype) : dtype === dtypes;
  if (!fits) throw misfit(module, suffix, `element type ${dtype}`, dtypes);
  return { name, dtype, shape };
}

/** The same for a matrix. */
export function matrixOf(module: Module, suffix: string, dtypes: Dtypes): Part & { shape: readonly [number, number] } {
  const part = partOf(module, suffix, dtypes);
  const [rows, columns] = part.shape;
  if (part.shape.length !== 2 || rows === 0 || columns === 0) {
    throw misfit(module, suffix, `shape [${part.shape.join(', ')}]`, 'a matrix');
  }
  return { ...part, shape: [rows, columns] };
}

export function requireShape(
  module: Module,
  suffix: string,
  found: readonly number[],
  expected: readonly number[],
): void {
  if (found.join() === expected.join()) return;
  throw misfit(module, suffix, `shape [${found.join(', ')}]`, `[${expected.join(', ')}]`);
}

export function misfit({ parts, name }: Module, suffix: string, found: string, expected: string): InputError {
  return new InputError({
    field: `${parts.folder}, tensor ${JSON.stringify(`${name}.${suffix}`)}`,
    found,
    expected,
    fix: 'The tensors and quantization_config in config.json are not of one model: get the checkpoint again.',
  });
}

/** All values of a small float tensor: scales. */
export const readFloats = ({ parts }: Module, { name, shape }: Part): Promise<Float32Array> =>
  parts.readRange(
    name,
    0,
    shape.reduce((product, length) => product * length, 1),
  );

/** The group of each column, where columns are not grouped in their order. @throws InputError for one that does not exist */
export async function readGroups(
  module: Module,
  suffix: string,
  { columns, groups }: { readonly columns: number; readonly groups: number },
): Promise<Int32Array> {
  const { name, shape } = partOf(module, suffix, 'i32');
  requireShape(module, suffix, shape, [columns]);
  const bytes = await module.parts.readBytes(name, 0, 4 * columns);
  const group = Int32Array.from(wordsOf(bytes));
  const column = group.findIndex((index) => index < 0 || index >= groups);
  if (column < 0) return group;
  throw misfit(module, suffix, `group ${group[column]} for input ${column}`, `0 to ${groups - 1}`);
}

/** Bytes that are converted in one piece. */
const pieceBytes = 2 ** 20;

/** Goes over the rows of a stored matrix in pieces of whole rows. `rowBytes` may be of several rows that belong together. */
export async function forEachRows(
  { parts }: Module,
  { name }: Part,
  { rows, rowBytes }: { readonly rows: number; readonly rowBytes: number },
  visit: (bytes: Uint8Array, firstRow: number, count: number) => void,
): Promise<void> {
  const step = Math.max(1, Math.floor(pieceBytes / rowBytes));
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    visit(await parts.readBytes(name, first * rowBytes, count * rowBytes), first, count);
  }
}
