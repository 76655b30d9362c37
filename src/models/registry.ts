/** Architectures by the `model_type` of a checkpoint's `config.json`. */
import { UsageError } from '../errors.ts';
import type { Architecture } from './architecture.ts';
import { bert } from './bert/model.ts';
import type { Decoder, Layers } from './decoder.ts';
import type { Encoder } from './encoder.ts';
import { encoderDecoderArchitectures, isEncoderDecoder } from './encoder-decoder/architectures.ts';
import type { EncoderDecoderDescription } from './encoder-decoder/description.ts';
import { encoderDecoder } from './encoder-decoder/encoder-decoder.ts';
import type { EncoderDecoder } from './encoder-decoder.ts';
import { gemma2 } from './gemma2/model.ts';
import { gemma3 } from './gemma3/model.ts';
import { gpt2 } from './gpt2/model.ts';
import { llama } from './llama/model.ts';
import { mistral } from './mistral/model.ts';
import { mixtral } from './mixtral/model.ts';
import { adviseNearest } from './nearest-architecture.ts';
import { olmo2 } from './olmo2/model.ts';
import { phi3 } from './phi3/model.ts';
import { qwen } from './qwen/model.ts';
import { qwen2 } from './qwen2/model.ts';
import { qwen3 } from './qwen3/model.ts';
import { roberta, xlmRoberta } from './roberta/model.ts';
import { transformerDecoder } from './transformer/decoder.ts';
import type { DecoderDescription, EncoderDescription } from './transformer/description.ts';
import { decoderAsEncoder, transformerEncoder } from './transformer/encoder.ts';

export { encoderDecoderArchitectures, isEncoderDecoder };

export const architectures: Readonly<Record<string, Architecture>> = {
  gemma2,
  gemma3_text: gemma3,
  gpt2,
  llama,
  mistral,
  mixtral,
  olmo2,
  phi3,
  qwen,
  qwen2,
  qwen3,
};

export const encoderArchitectures: Readonly<Record<string, Architecture<EncoderDescription>>> = {
  bert,
  roberta,
  'xlm-roberta': xlmRoberta,
};

/**
 * What a configuration says about its model.
 * @throws UsageError for an unknown architecture, or a field that is wrong or changes the maths in an unknown way.
 */
export function describeModel(config: unknown): DecoderDescription {
  const { known, fields } = lookUp(config, architectures);
  if (known) return known.describe(config);
  throw unknownType(fields, architectures, whatElse(config));
}

/** What an architecture that is known, but not as a decoder, is for. */
function whatElse(config: unknown): string | undefined {
  if (lookUp(config, encoderArchitectures).known)
    return 'It is an encoder, which makes vectors of texts and writes none: see finery embed.';
  return textToText(config);
}

/** What an encoder-decoder is for; undefined for other models. */
const textToText = (config: unknown): string | undefined =>
  isEncoderDecoder(config)
    ? 'It is an encoder-decoder, which answers one text with another: finery inspect, generate, score, eval, merge and export take it, and recipes fine-tune it (sft).'
    : undefined;

/** The model that a configuration describes. @throws as `describeModel` */
export const createDecoder = (config: unknown): Decoder => transformerDecoder(describeModel(config));

/** Whether a configuration is that of an encoder that is known. */
export const isEncoder = (config: unknown): boolean => lookUp(config, encoderArchitectures).known !== undefined;

/** What a configuration says about its encoder. @throws as `describeModel` */
export function describeEncoder(config: unknown): EncoderDescription {
  const { known, fields } = lookUp(config, encoderArchitectures);
  if (known) return known.describe(config);
  throw unknownType(fields, encoderArchitectures);
}

/** What makes vectors of texts: an encoder, or the layers of a decoder. @throws as `describeModel` */
export function createEncoder(config: unknown): Encoder {
  const { known, fields } = lookUp(config, encoderArchitectures);
  if (known) return transformerEncoder(known.describe(config));
  if (lookUp(config, architectures).known) return decoderAsEncoder(createDecoder(config));
  throw unknownType(fields, { ...encoderArchitectures, ...architectures }, textToText(config));
}

/** What a configuration says about its encoder-decoder. @throws as `describeModel` */
export function describeEncoderDecoder(config: unknown): EncoderDecoderDescription {
  const { known, fields } = lookUp(config, encoderDecoderArchitectures);
  if (known) return known.describe(config);
  throw unknownType(fields, encoderDecoderArchitectures);
}

/** What reads one text and writes another. @throws as `describeModel` */
export const createEncoderDecoder = (config: unknown): EncoderDecoder => encoderDecoder(describeEncoderDecoder(config));

type Fields = Readonly<Record<string, unknown>>;
type Architectures = Readonly<Record<string, Architecture<unknown>>>;

function lookUp<Description>(config: unknown, among: Readonly<Record<string, Architecture<Description>>>) {
  const fields = typeof config === 'object' && config !== null ? (config as Fields) : {};
  const { model_type: type } = fields;
  return { fields, known: typeof type === 'string' && Object.hasOwn(among, type) ? among[type] : undefined };
}

/** @param fix what to do; unless told, what the nearest of all architectures is */
function unknownType(fields: Fields, among: Architectures, fix = adviseNearest(fields, known())): UsageError {
  return new UsageError({
    field: 'config.json.model_type',
    found: JSON.stringify(fields.model_type) ?? 'nothing',
    expected: `one of ${Object.keys(among)
      .map((name) => `"${name}"`)
      .join(', ')}`,
    fix,
  });
}

const known = (): Architectures => ({ ...architectures, ...encoderArchitectures, ...encoderDecoderArchitectures });

/** The name of a model's class in `transformers`. */
export const classNameOf = ({ modelType }: Pick<Layers, 'modelType'>): string => known()[modelType].className;
