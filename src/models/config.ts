/** What the `config.json` files of decoders share, and how a field that changes the maths unknown to us is refused. */
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { readRope, ropeFields } from './rope-fields.ts';
import type { Biases } from './transformer/description.ts';

const size = z
  .int()
  .positive()
  .max(1 << 24);
/** More than any published decoder has by far; every layer costs a list of names before a weight is looked for. */
const layers = z.int().positive().max(10_000);
/** Keys that a query sees at most. */
export const windowSize = size;
const tokenId = z.int().nonnegative();
const tokenIds = z.union([tokenId, z.array(tokenId)]).nullish();

/** Fields that every decoder has, and fields that are known to leave the maths alone. */
export const decoderFields = {
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: layers,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  vocab_size: size,
  max_position_embeddings: size,
  rms_norm_eps: z.number().positive().default(1e-6),
  hidden_act: z.literal('silu').default('silu'),
  initializer_range: z.number().positive().default(0.02),
  tie_word_embeddings: z.boolean().default(false),
  ...ropeFields,
  attention_dropout: z.literal(0).optional(),
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
  'transformers.js_config': z.unknown().optional(),
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
  const value = issue.path.reduce<unknown>(
    (object, key) => (object as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  );
  throw new UsageError({
    field: at(undefined),
    found: value === undefined ? 'nothing' : JSON.stringify(value),
    expected: issue.message,
    fix: 'Correct the field, or choose a supported model.',
  });
}

/** What most decoders need, out of their validated fields. */
export function decoderSettings(
  config: z.infer<z.ZodObject<typeof decoderFields>> & {
    readonly model_type: string;
    readonly head_dim?: number | null | undefined;
    readonly original_max_position_embeddings?: number | undefined;
  },
) {
  const { hidden_size: hidden, num_attention_heads: heads, max_position_embeddings: positions } = config;
  const keyValueHeads = config.num_key_value_heads ?? heads;
  const headSize = config.head_dim ?? hidden / heads;
  requireHeads({ hidden, heads, keyValueHeads, headSize }, config.head_dim != null);
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

interface Heads {
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/** @throws UsageError for heads that do not divide what they have to */
function requireHeads({ hidden, heads, keyValueHeads, headSize }: Heads, headSizeIsGiven: boolean): void {
  const refuse = (field: string, found: number, expected: string) =>
    new UsageError({ field: `config.json.${field}`, found: String(found), expected, fix: 'Correct the field.' });
  if (heads % keyValueHeads !== 0) throw refuse('num_key_value_heads', keyValueHeads, `a divisor of ${heads} heads`);
  if (Number.isInteger(headSize / 2)) return;
  if (headSizeIsGiven) throw refuse('head_dim', headSize, 'an even number');
  throw refuse('hidden_size', hidden, `a multiple of twice the ${heads} heads`);
}
