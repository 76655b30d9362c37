/** The decoder in a GGUF file: its configuration, and what is undone of how the format keeps its tensors. */
import type { JsonObject } from '../../files/json-file.ts';
import { describeModel } from '../../models/registry.ts';
import { hasOneAdded } from './architectures.ts';
import { roundFloat32 } from './config-readers.ts';
import { withSeparateExperts } from './expert-stacks.ts';
import type { MetadataFields } from './metadata-fields.ts';
import type { GgufFile } from './read.ts';
import { type ReadConfig, readConfig } from './read-config.ts';
import type { ReadModel } from './read-model.ts';
import { unsupported } from './refuse.ts';
import { factorsTensor, listTensors, scalingOf } from './rotary-factors.ts';
import { pairsToHalves } from './rotary-rows.ts';
import { decoderTensorNames, rotaryRows } from './tensor-names.ts';

/** @throws InputError for metadata or tensors that contradict each other, or a setting that is not computed */
export async function readDecoder(file: GgufFile, fields: MetadataFields, architecture: string): Promise<ReadModel> {
  const read = readConfig(fields, file.tensors, architecture);
  const config = { ...read.config, ...(await factorScaling(file, read)) };
  const pairedRows = (name: string): number | undefined => {
    const whose = read.hasPairs ? rotaryRows(name) : undefined;
    return whose && read[whose];
  };
  const description = describeModel(config);
  const { experts } = description;
  return {
    config,
    names: decoderTensorNames(description),
    tensors: experts ? withSeparateExperts(file.tensors, experts.count, file.path) : file.tensors,
    isSaid: (name) => name === factorsTensor || Object.values<string>(listTensors).includes(name),
    isPermuted(name, shape, field) {
      const heads = pairedRows(name);
      if (heads === undefined) return false;
      const rows = heads * read.headSize;
      if (shape[0] === rows) return true;
      throw unsupported(field, `${shape[0]} rows`, `${rows}`, 'Metadata and tensors disagree.');
    },
    restore(inFile, name, target) {
      if (hasOneAdded(architecture, inFile)) for (let i = 0; i < target.length; i++) target[i] -= 1;
      const heads = pairedRows(name);
      if (heads !== undefined) pairsToHalves(target, heads * read.headSize, heads);
    },
  };
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
