/** A model in a GGUF file, seen as a checkpoint: Hugging Face names, order of rows, `config.json` and tokenizer files. */
import type { JsonObject } from '../../files/json-file.ts';
import { describeModel } from '../../models/registry.ts';
import type { TokenizerFile } from '../../tokenizer/tokenizer.ts';
import type { ConversionReport } from '../conversion-report.ts';
import { hasOneAdded } from './architectures.ts';
import { roundFloat32 } from './config-readers.ts';
import type { GgufTensor } from './header.ts';
import { MetadataFields } from './metadata-fields.ts';
import { type GgufFile, openGguf } from './read.ts';
import { type ReadConfig, readConfig } from './read-config.ts';
import { readTokenizer } from './read-tokenizer.ts';
import { unsupported } from './refuse.ts';
import { factorsTensor, listTensors, scalingOf } from './rotary-factors.ts';
import { pairsToHalves } from './rotary-rows.ts';
import { rotaryRows, type TensorNames, tensorNames } from './tensor-names.ts';
import { tensorTypes } from './tensor-types.ts';

export interface GgufModel {
  readonly path: string;
  /** For `config.json`. */
  readonly config: JsonObject;
  /** Undefined where the file has no vocabulary. */
  readonly tokenizerFiles: readonly TokenizerFile[] | undefined;
  /** By Hugging Face name. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  readonly report: ConversionReport;
  /** Dequantised to float32, with rows in Hugging Face's order. */
  readAllInto(targets: Iterable<readonly [name: string, target: Float32Array]>): Promise<void>;
  close(): Promise<void>;
}

/**
 * @throws InputError for a file that breaks the format, or whose architecture, element types, tokenizer or tensors are not
 * supported, each by name. Close it after use.
 */
export async function openGgufModel(path: string): Promise<GgufModel> {
  const file = await openGguf(path);
  try {
    const fields = new MetadataFields(file.metadata, path);
    const read = readConfig(fields, file.tensors);
    const tokenizer = readTokenizer(fields);
    const config = { ...read.config, ...(await factorScaling(file, read)) };
    const report = planConversion(file, read, tensorNames(describeModel(config)));
    const fileNames = new Map([...report.mapped].map(([name, huggingFace]) => [huggingFace, name]));
    return {
      path,
      config: { ...config, ...tokenizer?.config },
      tokenizerFiles: tokenizer?.files,
      tensors: new Map([...fileNames].map(([name, inFile]) => [name, file.tensors.get(inFile)!])),
      report,
      async readAllInto(targets) {
        const permuted = new Set(report.permuted);
        for (const [name, target] of targets) {
          const inFile = fileNames.get(name);
          if (inFile === undefined) throw new Error(`No tensor ${name} in ${path}.`);
          await file.readInto(inFile, target);
          if (hasOneAdded(read.architecture, inFile)) for (let i = 0; i < target.length; i++) target[i] -= 1;
          if (!permuted.has(name)) continue;
          const heads = read[rotaryRows(name)!];
          pairsToHalves(target, heads * read.headSize, heads);
        }
      },
      close: file.close,
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function planConversion({ path, tensors }: GgufFile, read: ReadConfig, names: TensorNames): ConversionReport {
  const mapped = new Map<string, string>();
  const dequantized = new Map<string, string>();
  const permuted: string[] = [];
  const ignored = new Map<string, string>();
  for (const [name, { shape, type }] of tensors) {
    if (name === factorsTensor || Object.values<string>(listTensors).includes(name)) {
      ignored.set(name, 'follows from rope_scaling in config.json');
      continue;
    }
    const huggingFace = names.toHuggingFace(name);
    const field = `${path}, tensor ${JSON.stringify(name)}`;
    if (huggingFace === undefined) {
      const fix = 'This model computes something that is not supported.';
      throw unsupported(field, 'a tensor of unknown purpose', `the tensors of ${read.architecture}`, fix);
    }
    mapped.set(name, huggingFace);
    if (tensorTypes[type].length > 1) dequantized.set(huggingFace, type);
    const whose = read.hasPairs ? rotaryRows(huggingFace) : undefined;
    if (whose === undefined) continue;
    const rows = read[whose] * read.headSize;
    if (shape[0] !== rows) throw unsupported(field, `${shape[0]} rows`, `${rows}`, 'Metadata and tensors disagree.');
    permuted.push(huggingFace);
  }
  return { mapped, dequantized, permuted, tied: !tensors.has('output.weight'), ignored };
}

/**
 * Llama 3.1 and later stretch the rotary angles. GGUF keeps a factor for each pair of channels in place of the four
 * numbers that it came from; those of the released models are tried.
 */
async function factorScaling(file: GgufFile, read: ReadConfig): Promise<JsonObject> {
  return { ...(await llama3Scaling(file, read)), ...(await listScaling(file, read)) };
}

/** Long-rope's lists, which Phi-3's smaller models have. */
async function listScaling(file: GgufFile, { rotated, magnitude }: ReadConfig): Promise<JsonObject> {
  const lists: Record<string, number[]> = {};
  for (const [which, name] of Object.entries(listTensors)) {
    const tensor = file.tensors.get(name);
    if (!tensor) continue;
    if (tensor.shape.join() !== String(rotated / 2)) {
      const fix = 'Metadata and tensors disagree.';
      throw unsupported(`${file.path}, tensor "${name}"`, `shape [${tensor.shape}]`, `[${rotated / 2}]`, fix);
    }
    const factors = new Float32Array(rotated / 2);
    await file.readInto(name, factors);
    lists[`${which}_factor`] = Array.from(factors, roundFloat32);
  }
  if (Object.keys(lists).length === 0) return {};
  return { rope_scaling: { type: 'longrope', ...lists, ...(magnitude && { attention_factor: magnitude }) } };
}

async function llama3Scaling(file: GgufFile, { config, headSize }: ReadConfig): Promise<JsonObject> {
  const tensor = file.tensors.get(factorsTensor);
  if (!tensor) return {};
  const field = `${file.path}, tensor "${factorsTensor}"`;
  const fix = 'This scaling of rotary positions is not supported; the model would compute something else.';
  if (tensor.shape.join() !== String(headSize / 2)) {
    throw unsupported(field, `shape [${tensor.shape}]`, `[${headSize / 2}]`, fix);
  }
  if (config.rope_scaling !== undefined) {
    throw unsupported(field, 'it beside a scaling by one factor', 'one of them', fix);
  }
  const factors = new Float32Array(headSize / 2);
  await file.readInto(factorsTensor, factors);
  const scaling = scalingOf(factors, Number(config.rope_theta));
  if (scaling) {
    const { factor, lowFrequencyFactor, highFrequencyFactor, originalPositions } = scaling;
    const ramp = { low_freq_factor: lowFrequencyFactor, high_freq_factor: highFrequencyFactor };
    return {
      rope_scaling: { rope_type: 'llama3', factor, ...ramp, original_max_position_embeddings: originalPositions },
    };
  }
  throw unsupported(field, `factors up to ${Math.max(...factors)}`, 'those of Llama 3.1 and later', fix);
}
