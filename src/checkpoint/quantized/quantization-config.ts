/** From `quantization_config` in `config.json` to the form that the weights of a checkpoint have. */
import { UsageError } from '../../errors.ts';
import { isJsonObject, type JsonObject } from '../../files/json-file.ts';
import { awq } from './awq.ts';
import { bitsandbytes } from './bitsandbytes.ts';
import { compressedTensors } from './compressed-tensors.ts';
import { fp8 } from './fp8.ts';
import { gptq } from './gptq.ts';
import type { Scheme, SchemeReader } from './scheme.ts';

/** By `quant_method`. */
const schemes: Readonly<Record<string, SchemeReader>> = {
  awq,
  bitsandbytes,
  'compressed-tensors': compressedTensors,
  fp8,
  gptq,
};

/** @throws UsageError for a form, or a setting of one, that is not read */
export function readScheme({ quantization_config: given }: JsonObject, folder: string): Scheme | undefined {
  if (given == null) return undefined;
  const field = `${folder}, config.json.quantization_config`;
  if (!isJsonObject(given)) throw unknown(field, JSON.stringify(given), 'an object');
  const { quant_method: method } = given;
  if (typeof method === 'string' && Object.hasOwn(schemes, method)) return schemes[method](given, field);
  const known = Object.keys(schemes).map((name) => JSON.stringify(name));
  throw unknown(`${field}.quant_method`, JSON.stringify(method) ?? 'nothing', `one of ${known.join(', ')}`);
}

const unknown = (field: string, found: string, expected: string) =>
  new UsageError({
    field,
    found,
    expected,
    fix: 'Choose a checkpoint that is quantised in a supported form, or the original.',
  });
