/** Architectures by the `model_type` of a checkpoint's `config.json`. */
import { UsageError } from '../errors.ts';
import type { Decoder } from './decoder.ts';
import { llama } from './llama/model.ts';
import { qwen2 } from './qwen2/model.ts';

const architectures: Readonly<Record<string, (config: unknown) => Decoder>> = { llama, qwen2 };

/**
 * The model that a configuration describes.
 * @throws UsageError for an unknown architecture, or a field that is wrong or changes the maths in an unknown way.
 */
export function createDecoder(config: unknown): Decoder {
  const modelType =
    typeof config === 'object' && config !== null ? (config as Record<string, unknown>).model_type : undefined;
  const known = Object.keys(architectures);
  const create = typeof modelType === 'string' && known.includes(modelType) ? architectures[modelType] : undefined;
  if (create) return create(config);
  throw new UsageError({
    field: 'config.json.model_type',
    found: JSON.stringify(modelType) ?? 'nothing',
    expected: `one of ${known.map((name) => `"${name}"`).join(', ')}`,
    fix: 'Choose a checkpoint of a supported architecture.',
  });
}
