/** What the `config.json` files of decoders share, and how a field that changes the maths unknown to us is refused. */
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import type { RopeScaling } from './layers/rope.ts';

const size = z
  .int()
  .positive()
  .max(1 << 24);
/** More than any published decoder has by far; every layer costs a list of names before a weight is looked for. */
const layers = z.int().positive().max(10_000);
const tokenId = z.int().nonnegative();
const tokenIds = z.union([tokenId, z.array(tokenId)]).nullish();

const scalingFields = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().positive().optional(),
});

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
  rope_theta: z.number().positive().optional(),
  rope_scaling: scalingFields.nullish(),
  rope_parameters: scalingFields.nullish(),
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

const refuseScaling = (field: string, found: unknown, expected: string) =>
  new UsageError({
    field: `config.json.${field}`,
    found: JSON.stringify(found) ?? 'nothing',
    expected,
    fix: 'This scaling of rotary positions is not supported; the model would compute something else.',
  });

const linear = z.strictObject({ factor: z.number().positive() });
const llama3 = z.strictObject({
  factor: z.number().positive(),
  low_freq_factor: z.number().positive(),
  high_freq_factor: z.number().positive(),
  original_max_position_embeddings: z.int().positive(),
});

/** What every decoder needs, out of its validated fields. */
export function decoderSettings(
  config: z.infer<z.ZodObject<typeof decoderFields>> & {
    readonly model_type: string;
    readonly head_dim?: number | null | undefined;
  },
) {
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const keyValueHeads = config.num_key_value_heads ?? heads;
  const headSize = config.head_dim ?? hidden / heads;
  const refuse = (field: string, found: number, expected: string) =>
    new UsageError({ field: `config.json.${field}`, found: String(found), expected, fix: 'Correct the field.' });
  if (heads % keyValueHeads !== 0) throw refuse('num_key_value_heads', keyValueHeads, `a divisor of ${heads} heads`);
  if (!Number.isInteger(headSize / 2)) {
    if (config.head_dim != null) throw refuse('head_dim', headSize, 'an even number');
    throw refuse('hidden_size', hidden, `a multiple of twice the ${heads} heads`);
  }
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
      positions: config.max_position_embeddings,
    },
    tied: config.tie_word_embeddings,
    epsilon: config.rms_norm_eps,
    deviation: config.initializer_range,
    ...ropeScaling(config),
  };
}

interface RopeFields {
  readonly rope_theta?: number | undefined;
  readonly rope_scaling?: z.infer<typeof scalingFields> | null | undefined;
  readonly rope_parameters?: z.infer<typeof scalingFields> | null | undefined;
}

/** Base and scaling of the rotary angles, from the older fields (`rope_theta`, `rope_scaling`) or `rope_parameters`. */
function ropeScaling(config: RopeFields): { theta: number; scaling: RopeScaling } {
  const field = config.rope_parameters ? 'rope_parameters' : 'rope_scaling';
  const { rope_type, type, rope_theta, ...rest } = config.rope_parameters ?? config.rope_scaling ?? {};
  const theta = rope_theta ?? config.rope_theta ?? 10_000;
  const kind = rope_type ?? type ?? 'default';
  switch (kind) {
    case 'default':
      if (Object.keys(rest).length > 0) throw refuseScaling(field, rest, 'no further fields beside type "default"');
      return { theta, scaling: { type: 'default' } };
    case 'linear': {
      const parsed = linear.safeParse(rest);
      if (!parsed.success) throw refuseScaling(field, rest, 'a positive factor and nothing else');
      return { theta, scaling: { type: 'linear', factor: parsed.data.factor } };
    }
    case 'llama3': {
      const parsed = llama3.safeParse(rest);
      const expected = 'factor, low_freq_factor, high_freq_factor (larger) and original_max_position_embeddings';
      if (!parsed.success || parsed.data.high_freq_factor <= parsed.data.low_freq_factor) {
        throw refuseScaling(field, rest, expected);
      }
      const { factor, low_freq_factor, high_freq_factor, original_max_position_embeddings } = parsed.data;
      const factors = { factor, lowFrequencyFactor: low_freq_factor, highFrequencyFactor: high_freq_factor };
      return { theta, scaling: { type: 'llama3', ...factors, originalPositions: original_max_position_embeddings } };
    }
    default:
      throw refuseScaling(`${field}.rope_type`, kind, '"default", "linear" or "llama3"');
  }
}
