/** A quantised Hugging Face folder, seen as one with weights in floating-point numbers. */
import { InputError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import type { ConversionReport } from '../conversion-report.ts';
import { type Checkpoint, openCheckpoint } from '../huggingface/open-checkpoint.ts';
import { readScheme } from './quantization-config.ts';
import type { Module, QuantizedWeight, Scheme } from './scheme.ts';

export interface DequantizedCheckpoint extends Pick<Checkpoint, 'warnings' | 'readAllInto' | 'close'> {
  /** Without `quantization_config`, which is no longer true. */
  readonly config: JsonObject;
  /** By Hugging Face name. */
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>;
  /** As the files hold them. */
  readonly stored: Checkpoint;
  /** Absent where the weights are stored as they are. */
  readonly report?: ConversionReport;
  /** As in `Checkpoint`; undefined where one of the two is stored in a quantised form. */
  areEqual(first: string, second: string): Promise<boolean> | undefined;
}

/**
 * Opens a folder as `openCheckpoint` does. Weights in one of the known quantised forms are converted when they are read, one
 * after the other: what is held beside the caller's array is a piece of a file, and the scales of one weight.
 * @throws UsageError for a `quantization_config` that is not supported; InputError for tensors that contradict it, and as
 * `openCheckpoint` does. Close it after use.
 */
export async function openDequantized(folder: string): Promise<DequantizedCheckpoint> {
  const stored = await openCheckpoint(folder);
  try {
    const scheme = readScheme(stored.config, folder);
    if (!scheme) return { ...stored, stored };
    return describe(stored, await openWeights(stored, scheme), scheme);
  } catch (error) {
    await stored.close();
    throw error;
  }
}

/** By the name of the parameter. */
type Weights = ReadonlyMap<string, QuantizedWeight>;

async function openWeights(stored: Checkpoint, { values, isQuantized, open }: Scheme): Promise<Weights> {
  const weights = new Map<string, QuantizedWeight>();
  for (const [name, { dtype }] of stored.tensors) {
    const module: Module = { parts: stored, name: name.slice(0, -values.length - 1) };
    if (name !== `${module.name}.${values}` || !isQuantized(dtype, module)) continue;
    const parameter = `${module.name}.weight`;
    if (values !== 'weight' && stored.tensors.has(parameter)) {
      throw new InputError({
        field: `${stored.folder}, tensor ${JSON.stringify(parameter)}`,
        found: `it beside ${name}`,
        expected: 'one of them',
        fix: 'The folder holds two versions of the weight: get the checkpoint again.',
      });
    }
    weights.set(parameter, await open(module));
  }
  return weights;
}

function describe(stored: Checkpoint, weights: Weights, { ignored }: Scheme): DequantizedCheckpoint {
  const report = planConversion(stored, weights, ignored);
  const { quantization_config: _, ...config } = stored.config;
  const shapeOf = (name: string) => weights.get(name) ?? stored.tensors.get(name)!;
  return {
    config,
    stored,
    report,
    warnings: stored.warnings,
    tensors: new Map([...new Set(report.mapped.values())].map((name) => [name, shapeOf(name)])),
    async readAllInto(targets) {
      const plain: (readonly [string, Float32Array])[] = [];
      for (const [name, target] of targets) {
        const weight = weights.get(name);
        if (!weight) plain.push([name, target]);
        else if (target.length === weight.shape[0] * weight.shape[1]) await weight.dequantize(target);
        else throw new Error(`Tensor ${name} has shape [${weight.shape}].`);
      }
      await stored.readAllInto(plain);
    },
    areEqual: (first, second) =>
      weights.has(first) || weights.has(second) ? undefined : stored.areEqual(first, second),
    close: stored.close,
  };
}

function planConversion(
  { tensors }: Checkpoint,
  weights: Weights,
  ignoredSuffixes: Scheme['ignored'],
): ConversionReport {
  const mapped = new Map([...weights].flatMap(([name, { parts }]) => parts.map((part) => [part, name] as const)));
  const ignored = new Map<string, string>();
  for (const name of tensors.keys()) {
    if (mapped.has(name)) continue;
    const suffix = name.slice(name.lastIndexOf('.') + 1);
    if (Object.hasOwn(ignoredSuffixes, suffix)) ignored.set(name, ignoredSuffixes[suffix]);
    else mapped.set(name, name);
  }
  return {
    mapped,
    dequantized: new Map([...weights].map(([name, { form }]) => [name, form])),
    permuted: [],
    tied: !tensors.has('lm_head.weight') && !weights.has('lm_head.weight'),
    ignored,
  };
}
