/** What the `config.json` files of decoders share, and how a field that changes the maths unknown to us is refused. */
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { expectedValue, valueAt } from '../yaml/expected-value.ts';
import { epsilon, layerCount, positive, size, tokenId } from './config-numbers.ts';
import { readRope, ropeFields } from './rope-fields.ts';
import type { Biases } from './transformer/description.ts';

const tokenIds = z.union([tokenId, z.array(tokenId)]).nullish();

/** A field that leaves the maths alone, whatever it says. */
export const ignoredField = z.unknown().optional();

/** Fields of any checkpoint, all of which leave the maths alone. */
export const checkpointFields = {
  bos_token_id: tokenIds,
  eos_token_id: tokenIds,
  pad_token_id: tokenIds,
  architectures: z.array(z.string()).optional(),
  torch_dtype: z.string().nullish(),
  dtype: z.string().nullish(),
  transformers_version: z.string().optional(),
  use_cache: z.boolean().optional(),
  _name_or_path: z.string().optional(),
  _attn_implementation_autoset: z.boolean().optional(),
  'transformers.js_config': ignoredField,
} as const;

/** Fields of most decoders, under the names that Llama gave them. */
export const decoderFields = {
  ...checkpointFields,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  vocab_size: size,
  max_position_embeddings: size,
  rms_norm_eps: epsilon.default(1e-6),
  hidden_act: z.literal('silu').default('silu'),
  initializer_range: positive.default(0.02),
  tie_word_embeddings: z.boolean().default(false),
  ...ropeFields,
  attention_dropout: z.literal(0).optional(),
} as const;

/** Validates a configuration and turns what zod found into one readable error. */
export function parseConfig<T extends z.ZodType>(schema: T, json: unknown): z.infer<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = (key: PropertyKey | undefined) =>
    ['config.json', ...issue.path, key].filter((part) => part !== undefined).join('.');
  if (issue.code === 'unrecognized_keys') {
    throw new UsageError({
      field: at(issue.keys[0]),
      found: `an unknown field (${issue.keys.join(', ')})`,
      expected: 'only fields whose effect on the computation is known',
      fix: 'Remove the field if it changes nothing; otherwise this model is not supported.',
    });
  }
  const value = valueAt(issue, json);
  throw new UsageError({
    field: at(undefined),
    found: value === undefined ? 'nothing' : JSON.stringify(value),
    expected: expectedValue(issue),
    fix: 'Correct the field, or choose a supported model.',
  });
}

/** What most decoders need, out of their validated fields. */
export function decoderSettings(
  config: Omit<z.infer<z.ZodObject<typeof decoderFields>>, 'hidden_act'> & {
    readonly model_type: string;
    readonly head_dim?: number | null | undefined;
    readonly original_max_position_embeddings?: number | undefined;
  },
) {
  const { hidden_size: hidden, num_attention_heads: heads, max_position_embeddings: positions } = config;
  const keyValueHeads = config.num_key_value_heads ?? heads;
  const headSize = config.head_dim ?? hidden / heads;
  requireDivisor(keyValueHeads, heads);
  if (config.head_dim == null) evenHeadSize('hidden_size', hidden, heads);
  else if (headSize % 2 !== 0) throw refuse('head_dim', headSize, 'an even number');
  return {
    modelType: config.model_type,
    sizes: {
      hidden,
      heads,
      keyValueHeads,
      headSize,
      intermediate: config.intermediate_size,
      layers: config.num_hidden_layers,
      vocabulary: config.vocab_size,
      positions,
    },
    tied: config.tie_word_embeddings,
    deviation: config.initializer_range,
    norm: { kind: 'rms', epsilon: config.rms_norm_eps },
    activation: 'silu',
    biases: noBiases,
    layerKinds: [
      { rope: readRope(config, { headSize, positions, originalPositions: config.original_max_position_embeddings }) },
    ],
  } as const;
}

const noBiases: Biases = { query: false, output: false, feedForward: false };

const refuse = (field: string, found: unknown, expected: string) =>
  new UsageError({ field: `config.json.${field}`, found: String(found), expected, fix: 'Correct the field.' });

function requireDivisor(keyValueHeads: number, heads: number): void {
  if (heads % keyValueHeads !== 0) throw refuse('num_key_value_heads', keyValueHeads, `a divisor of ${heads} heads`);
}

/** Channels of each head of a width that is that of all. @throws UsageError where it is no even number */
export function evenHeadSize(field: string, width: number, heads: number): number {
  if (Number.isInteger(width / heads / 2)) return width / heads;
  throw refuse(field, width, `a multiple of twice the ${heads} heads`);
}

/** The same where nothing is rotated. @throws UsageError where it is no whole number */
export function wholeHeadSize(field: string, width: number, heads: number): number {
  if (width % heads === 0) return width / heads;
  throw refuse(field, width, `a multiple of the ${heads} heads`);
}

/** @throws UsageError for a value that is not below the limit */
export function requireBelow(field: string, value: number, limit: number): void {
  if (value >= limit) throw refuse(field, value, `less than ${limit}`);
}

/** What each layer is, where it is not the same for all. */
export const layerTypes = z.array(z.enum(['full_attention', 'sliding_attention']));

/** For each layer 0 if it sees all keys before it, 1 if it has a window; by rule where it is not listed. */
export function kindsOfLayers(
  {
    layer_types: types,
    num_hidden_layers: layers,
  }: { readonly layer_types?: z.infer<typeof layerTypes> | null | undefined; readonly num_hidden_layers: number },
  isFull: (layer: number) => boolean,
): readonly number[] {
  if (!types) return Array.from({ length: layers }, (_, layer) => (isFull(layer) ? 0 : 1));
  if (types.length !== layers)
    throw refuse('layer_types', `${types.length} entries`, `one for each of ${layers} layers`);
  return types.map((type) => (type === 'full_attention' ? 0 : 1));
}
