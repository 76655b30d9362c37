/** Base and scaling of rotary angles as `config.json` has them, in the older and the newer spelling. */
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { rotaryBase, rotaryFactor, size } from './config-numbers.ts';
import type { Rope, RopeScaling } from './layers/rope.ts';

/** Trained on; of one the logarithm is 0. */
const positions = size.min(2);
const fraction = z.number().positive().max(1);

const scalingFields = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: rotaryBase.optional(),
  partial_rotary_factor: fraction.optional(),
});

/** To be spread into an architecture's fields. `rope_parameters` holds in one what the older fields hold apart. */
export const ropeFields = {
  rope_theta: rotaryBase.optional(),
  partial_rotary_factor: fraction.optional(),
  rope_scaling: scalingFields.nullish(),
  rope_parameters: scalingFields.nullish(),
} as const;

export interface RopeSettings {
  readonly rope_theta?: number | undefined;
  readonly partial_rotary_factor?: number | undefined;
  readonly rope_scaling?: z.infer<typeof scalingFields> | null | undefined;
  readonly rope_parameters?: z.infer<typeof scalingFields> | null | undefined;
}

export interface RopeModel {
  readonly headSize: number;
  /** `max_position_embeddings` */
  readonly positions: number;
  /** Where the configuration has this beside the scaling instead of in it. */
  readonly originalPositions?: number | undefined;
  /** Base where none is given. Default: 10,000. */
  readonly theta?: number;
}

/** @throws UsageError for a scaling that is unknown, or lacks a field, or has one too many */
export function readRope(settings: RopeSettings, model: RopeModel): Rope {
  const field = settings.rope_parameters ? 'rope_parameters' : 'rope_scaling';
  const given = settings.rope_parameters ?? settings.rope_scaling ?? {};
  const { rope_type, type, rope_theta, partial_rotary_factor, ...rest } = given;
  const theta = rope_theta ?? settings.rope_theta ?? model.theta ?? 10_000;
  const width = Math.trunc((partial_rotary_factor ?? settings.partial_rotary_factor ?? 1) * model.headSize);
  if (width < 2 || width % 2 !== 0) {
    throw new UsageError({
      field: 'config.json.partial_rotary_factor',
      found: `${width} of ${model.headSize} channels`,
      expected: 'an even number of channels to rotate',
      fix: 'Correct the field.',
    });
  }
  const name = rope_type ?? type ?? 'default';
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
  if (!reader) {
    throw refuse(`${field}.rope_type`, name, `one of ${Object.keys(readers).map(quote).join(', ')}`);
  }
  const scaling = reader.read(rest, { ...model, width });
  if (!scaling) throw refuse(field, given, reader.expected);
  return { width, theta, scaling };
}

const quote = (name: string): string => JSON.stringify(name);

const refuse = (field: string, found: unknown, expected: string) =>
  new UsageError({
    field: `config.json.${field}`,
    found: JSON.stringify(found) ?? 'nothing',
    expected,
    fix: 'This scaling of rotary positions is not supported; the model would compute something else.',
  });

interface Reader {
  /** Undefined where the fields are not those that are expected. */
  read(fields: unknown, model: RopeModel & { readonly width: number }): RopeScaling | undefined;
  readonly expected: string;
}

/** A reader of fields that have a schema, and a condition that it cannot state. */
function reader<Fields>(
  schema: z.ZodType<Fields>,
  expected: string,
  scalingOf: (fields: Fields, model: RopeModel & { readonly width: number }) => RopeScaling | undefined,
): Reader {
  return {
    expected,
    read(fields, model) {
      const parsed = schema.safeParse(fields);
      return parsed.success ? scalingOf(parsed.data, model) : undefined;
    },
  };
}

const longrope = reader(
  z.strictObject({
    short_factor: z.array(rotaryFactor),
    long_factor: z.array(rotaryFactor),
    factor: rotaryFactor.optional(),
    attention_factor: rotaryFactor.optional(),
    original_max_position_embeddings: positions.optional(),
  }),
  'short_factor and long_factor, each with a number for every pair of rotated channels, and the positions trained on',
  ({ short_factor: short, long_factor: long, ...fields }, model) => {
    const original = fields.original_max_position_embeddings ?? model.originalPositions ?? model.positions;
    if (short.length !== model.width / 2 || long.length !== short.length || original < 2) return undefined;
    const factor = fields.factor ?? model.positions / original;
    const usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    const magnitude = fields.attention_factor ?? usual;
    return { type: 'longrope', short, long, originalPositions: original, magnitude };
  },
);

/** Of the magnitude of rotated vectors: 0.1 ln(factor) + 1 (Peng et al. 2024, equation 22). */
const yarnMagnitude = (factor: number, scale = 1): number => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);

const readers: Readonly<Record<string, Reader>> = {
  default: reader(
    z.strictObject({ original_max_position_embeddings: positions.optional() }),
    'no further fields beside type "default"',
    () => ({ type: 'default' }),
  ),
  linear: reader(z.strictObject({ factor: rotaryFactor }), 'a positive factor and nothing else', ({ factor }) => ({
    type: 'linear',
    factor,
  })),
  dynamic: reader(
    z.strictObject({ factor: rotaryFactor.min(1), original_max_position_embeddings: positions.optional() }),
    'a factor of at least 1',
    // What transformers stretches is max_position_embeddings, whatever the other field says.
    ({ factor }, { positions: originalPositions }) => ({ type: 'dynamic', factor, originalPositions }),
  ),
  yarn: reader(
    z.strictObject({
      factor: rotaryFactor,
      original_max_position_embeddings: positions.optional(),
      attention_factor: rotaryFactor.nullish(),
      beta_fast: rotaryFactor.nullish(),
      beta_slow: rotaryFactor.nullish(),
      mscale: rotaryFactor.nullish(),
      mscale_all_dim: rotaryFactor.nullish(),
      truncate: z.boolean().default(true),
    }),
    'a factor, the positions trained on, and for the rest what YaRN knows',
    ({ factor, attention_factor, mscale, mscale_all_dim: all, ...fields }, model) => ({
      type: 'yarn',
      factor,
      originalPositions: fields.original_max_position_embeddings ?? model.originalPositions ?? model.positions,
      fastTurns: fields.beta_fast ?? 32,
      slowTurns: fields.beta_slow ?? 1,
      wholeChannels: fields.truncate,
      magnitude:
        attention_factor ??
        (mscale && all ? yarnMagnitude(factor, mscale) / yarnMagnitude(factor, all) : yarnMagnitude(factor)),
    }),
  ),
  llama3: reader(
    z.strictObject({
      factor: rotaryFactor,
      low_freq_factor: rotaryFactor,
      high_freq_factor: rotaryFactor,
      original_max_position_embeddings: positions,
    }),
    'factor, low_freq_factor, high_freq_factor (larger) and original_max_position_embeddings',
    ({ factor, low_freq_factor: lowFrequencyFactor, high_freq_factor: highFrequencyFactor, ...fields }) =>
      highFrequencyFactor <= lowFrequencyFactor
        ? undefined
        : {
            type: 'llama3',
            factor,
            lowFrequencyFactor,
            highFrequencyFactor,
            originalPositions: fields.original_max_position_embeddings,
          },
  ),
  longrope,
  /** The name that the first checkpoints have for it. */
  su: longrope,
};
