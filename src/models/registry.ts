/** Architectures by the `model_type` of a checkpoint's `config.json`. */
import { UsageError } from '../errors.ts';
import type { Architecture } from './architecture.ts';
import type { Decoder } from './decoder.ts';
import { gemma2 } from './gemma2/model.ts';
import { gemma3 } from './gemma3/model.ts';
import { gpt2 } from './gpt2/model.ts';
import { llama } from './llama/model.ts';
import { mistral } from './mistral/model.ts';
import { mixtral } from './mixtral/model.ts';
import { olmo2 } from './olmo2/model.ts';
import { phi3 } from './phi3/model.ts';
import { qwen } from './qwen/model.ts';
import { qwen2 } from './qwen2/model.ts';
import { qwen3 } from './qwen3/model.ts';
import { transformerDecoder } from './transformer/decoder.ts';
import type { DecoderDescription } from './transformer/description.ts';

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

/**
 * What a configuration says about its model.
 * @throws UsageError for an unknown architecture, or a field that is wrong or changes the maths in an unknown way.
 */
export function describeModel(config: unknown): DecoderDescription {
  const fields = typeof config === 'object' && config !== null ? (config as Readonly<Record<string, unknown>>) : {};
  const { model_type: modelType } = fields;
  if (typeof modelType === 'string' && Object.hasOwn(architectures, modelType)) {
    return architectures[modelType].describe(config);
  }
  throw new UsageError({
    field: 'config.json.model_type',
    found: JSON.stringify(modelType) ?? 'nothing',
    expected: `one of ${Object.keys(architectures)
      .map((name) => `"${name}"`)
      .join(', ')}`,
    fix: adviseNearest(fields),
  });
}

/** The model that a configuration describes. @throws as `describeModel` */
export const createDecoder = (config: unknown): Decoder => transformerDecoder(describeModel(config));

/** The name of a model's class in `transformers`. */
export const classNameOf = ({ modelType }: Pick<Decoder, 'modelType'>): string => architectures[modelType].className;

/** Fields named in an error; more would hide the rest of it. */
const mostFields = 4;

/** Which known architecture has the most of a configuration's fields, and which of them it does not have. */
function adviseNearest(fields: Readonly<Record<string, unknown>>): string {
  const candidates = Object.entries(architectures).map(([name, architecture]) => {
    return { name, strange: architecture.strangeFields({ ...fields, model_type: name }) };
  });
  const nearest = candidates.reduce((best, one) => (one.strange.length < best.strange.length ? one : best));
  const { name, strange } = nearest;
  const shown = strange.slice(0, mostFields).join(', ') + (strange.length > mostFields ? ', ...' : '');
  const why =
    strange.length > 0
      ? `it has another meaning, or none, for ${shown}`
      : 'fields alike do not say that the computation is the same';
  return `The fields are nearest to "${name}", but ${why}. Choose a checkpoint of a supported architecture.`;
}
