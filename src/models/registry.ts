/** Architectures by the `model_type` of a checkpoint's `config.json`. */
import { UsageError } from '../errors.ts';
import type { Decoder } from './decoder.ts';
import { llama } from './llama/model.ts';
import { qwen2 } from './qwen2/model.ts';

interface Architecture {
  readonly create: (config: unknown) => Decoder;
  /** What `architectures` in `config.json` says: vLLM and llama.cpp's converter choose the model by it. */
  readonly className: string;
}

const architectures: Readonly<Record<string, Architecture>> = {
  llama: { create: llama, className: 'LlamaForCausalLM' },
  qwen2: { create: qwen2, className: 'Qwen2ForCausalLM' },
};

/**
 * The model that a configuration describes.
 * @throws UsageError for an unknown architecture, or a field that is wrong or changes the maths in an unknown way.
 */
export function createDecoder(config: unknown): Decoder {
  const modelType =
    typeof config === 'object' && config !== null ? (config as Record<string, unknown>).model_type : undefined;
  const known = Object.keys(architectures);
  const found = typeof modelType === 'string' && known.includes(modelType) ? architectures[modelType] : undefined;
  if (found) return found.create(config);
  throw new UsageError({
    field: 'config.json.model_type',
    found: JSON.stringify(modelType) ?? 'nothing',
    expected: `one of ${known.map((name) => `"${name}"`).join(', ')}`,
    fix: 'Choose a checkpoint of a supported architecture.',
  });
}

/** The name of a model's class in `transformers`. */
export const classNameOf = ({ modelType }: Decoder): string => architectures[modelType].className;
