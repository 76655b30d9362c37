/** How vectors are made of hidden states, by the numbers of llama.cpp's `llama_pooling_type`. */
import type { Pooling } from '../../objectives/encoder/text-batch.ts';
import { u32 } from './form.ts';
import type { MetadataFields } from './metadata-fields.ts';
import { unsupported } from './refuse.ts';
import type { TypedValue } from './write.ts';

export type { Pooling };

const poolingTypes: Readonly<Record<Pooling, number>> = { mean: 1, cls: 2, last: 3 };

/** Beside no vectors of texts at all, `none`. */
const none = 0;

export const poolingMetadata = (pooling: Pooling | undefined): Readonly<Record<string, TypedValue>> =>
  pooling === undefined ? {} : { pooling_type: u32(poolingTypes[pooling]) };

/** Undefined where the file says nothing. @throws InputError for a pooling that is not computed */
export function readPooling(fields: MetadataFields, architecture: string): Pooling | undefined {
  const key = `${architecture}.pooling_type`;
  const found = fields.integer(key) ?? none;
  if (found === none) return undefined;
  const [pooling] = Object.entries(poolingTypes).find(([, type]) => type === found) ?? [];
  // The keys are those of the table.
  if (pooling !== undefined) return pooling as Pooling;
  const expected = Object.entries(poolingTypes).map(([name, type]) => `${type} (${name})`);
  const fix = 'Vectors of texts would be others. Take a model whose vectors are made of hidden states alone.';
  throw unsupported(`${fields.path}, ${key}`, String(found), `one of ${expected.join(', ')}`, fix);
}
