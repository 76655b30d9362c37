/** A GGUF file with other metadata or tensors, which its writer would not write. */
import { writeFile } from 'node:fs/promises';
import { elementCount } from '../../../tensor/element-type.ts';
import { openGguf } from '../read.ts';
import type { MetadataValue, Scalar, ValueType } from '../value-types.ts';
import { type TypedValue, writeGguf } from '../write.ts';

export interface FileChange {
  /** By key; undefined leaves one out. */
  readonly metadata?: Readonly<Record<string, MetadataValue | undefined>>;
  /** New names by old ones; undefined leaves a tensor out. */
  readonly tensors?: Readonly<Record<string, string | undefined>>;
  /** Shapes of further tensors. */
  readonly more?: Readonly<Record<string, readonly number[]>>;
}

/** Writes the file in `bytes` to `path` with the change. */
export async function writeChanged(
  path: string,
  bytes: Uint8Array,
  { metadata = {}, tensors = {}, more = {} }: FileChange,
): Promise<void> {
  await writeFile(path, bytes);
  const file = await openGguf(path);
  const values = { ...Object.fromEntries(file.metadata), ...metadata };
  const typed = Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, typedOf(value)]]));
  const kept = [];
  for (const [name, { shape }] of file.tensors) {
    const data = new Float32Array(elementCount(shape)!);
    await file.readInto(name, data);
    const called = name in tensors ? tensors[name] : name;
    if (called !== undefined) kept.push({ name: called, shape, type: 'F32' as const, parts: [() => data] });
  }
  for (const [name, shape] of Object.entries(more)) {
    kept.push({ name, shape, type: 'F32' as const, parts: [() => new Float32Array(elementCount(shape)!)] });
  }
  await file.close();
  await writeGguf(path, Object.fromEntries(typed), kept);
}

function typedOf(value: MetadataValue): TypedValue {
  if (Array.isArray(value))
    return { type: typeOf(value.find((one) => !Number.isInteger(one)) ?? value[0]), items: value };
  // Lists were told apart.
  return { type: typeOf(value as Scalar), value: value as Scalar };
}

function typeOf(value: Scalar | undefined): ValueType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Number.isInteger(value) ? 'i64' : 'f64';
}
