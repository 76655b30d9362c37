/** `config.json` of the decoder in a GGUF file, from its metadata and the shapes of its tensors. */
import type { JsonObject } from '../../files/json-file.ts';
import { ggufArchitectures } from './architectures.ts';
import { configReaders, roundFloat32 } from './config-readers.ts';
import type { GgufTensor } from './header.ts';
import type { MetadataFields } from './metadata-fields.ts';
import { damaged } from './refuse.ts';

export interface ReadConfig extends Sizes {
  readonly config: JsonObject;
  /** Channels of a head that are rotated. */
  readonly rotated: number;
  /** What rotated vectors are multiplied with, where the file says so. */
  readonly magnitude: number | undefined;
  /** Rows of query and key are in pairs, see `rotary-rows.ts`. */
  readonly hasPairs: boolean;
}

/** @throws InputError for numbers that contradict each other, or a setting that is not computed */
export function readConfig(
  fields: MetadataFields,
  tensors: ReadonlyMap<string, GgufTensor>,
  architecture: string,
): ReadConfig {
  const { path } = fields;
  const of = (key: string): string => `${architecture}.${key}`;
  const hidden = fields.required(of('embedding_length'));
  const heads = fields.required(of('attention.head_count'));
  const keyValueHeads = fields.integer(of('attention.head_count_kv')) ?? heads;
  const headSize = fields.integer(of('attention.key_length')) ?? hidden / heads;
  const sizes = { hidden, heads, keyValueHeads, headSize };
  requireSizes(fields, sizes, of);
  const rotated = fields.integer(of('rope.dimension_count')) ?? headSize;
  requireRotated(fields, { architecture, headSize, rotated });
  const embedding = tensors.get('token_embd.weight');
  if (!embedding) throw damaged(path, 'no tensor "token_embd.weight"', 'the embedding of the model');
  const config = configReaders[architecture]({
    ...sizes,
    modelType: ggufArchitectures[architecture].modelTypes[0],
    fields,
    rotated,
    of,
    vocabulary: embedding.shape[0],
    has: (tensor) => tensors.has(tensor),
  });
  const magnitude = fields.number(of('rope.scaling.attn_factor'));
  const hasPairs = ggufArchitectures[architecture].hasPairs ?? false;
  return { ...sizes, config, rotated, magnitude: magnitude && roundFloat32(magnitude), hasPairs };
}

interface Sizes {
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

function requireSizes(
  fields: MetadataFields,
  { hidden, heads, keyValueHeads, headSize }: Sizes,
  of: (key: string) => string,
): void {
  const refuse = (key: string, found: number, expected: string) =>
    damaged(`${fields.path}, ${of(key)}`, String(found), expected);
  if (heads === 0 || !Number.isInteger(headSize / 2)) {
    throw refuse('attention.head_count', heads, `heads that divide ${hidden} into even parts`);
  }
  if (keyValueHeads === 0 || heads % keyValueHeads !== 0) {
    throw refuse('attention.head_count_kv', keyValueHeads, `a divisor of ${heads} heads`);
  }
  const values = fields.integer(of('attention.value_length')) ?? headSize;
  if (values !== headSize) throw refuse('attention.value_length', values, `${headSize}, as keys have`);
}

/** Phi-3 may rotate a part of each head. */
function requireRotated(
  fields: MetadataFields,
  {
    architecture,
    headSize,
    rotated,
  }: { readonly architecture: string; readonly headSize: number; readonly rotated: number },
): void {
  const isRight =
    architecture === 'phi3' ? rotated <= headSize && rotated % 2 === 0 && rotated > 0 : rotated === headSize;
  if (isRight) return;
  const field = `${fields.path}, ${architecture}.rope.dimension_count`;
  throw damaged(field, String(rotated), `all ${headSize} of a head`);
}
