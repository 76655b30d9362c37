/** Writes a model as a GGUF file that llama.cpp, Ollama and others open. */
import { basename } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { requireRepresentable } from '../representable.ts';
import { ggufArchitectures, hasOneAdded } from './architectures.ts';
import { chooseType, fileTypes, type GgufDtype } from './choose-type.ts';
import { architectureMetadata, missingParts, settingsOf } from './model-settings.ts';
import type { WrittenType } from './quantize.ts';
import { factorTensors } from './rotary-factors.ts';
import { halvesToPairs } from './rotary-rows.ts';
import { rotaryRows, tensorNames } from './tensor-names.ts';
import { type TensorToWrite, type TypedValue, writeGguf } from './write.ts';
import { tokenizerMetadata } from './write-tokenizer.ts';

export interface ModelToSave {
  /** As in `config.json`. */
  readonly config: JsonObject;
  /** By Hugging Face name; tied weights once. */
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    /** A function is called when the tensor's turn has come; its array may be that of an earlier tensor. */
    readonly data: Float32Array | (() => Promise<Float32Array>);
  }[];
  readonly tokenizer: Tokenizer | undefined;
  readonly dtype: GgufDtype;
}

export interface ExportReport {
  /** Tensors by the element type that they were written in. */
  readonly types: Readonly<Partial<Record<WrittenType, number>>>;
  /** Hugging Face names whose rows were put into another order. */
  readonly permuted: readonly string[];
  readonly tied: boolean;
  /** What the file cannot say. */
  readonly notes: readonly string[];
}

/**
 * @throws UsageError for a model or a tokenizer that GGUF has no form for, or something at `path` already; InputError for
 * weights that the type cannot hold
 */
export async function saveGgufModel(path: string, model: ModelToSave): Promise<ExportReport> {
  const { config, dtype, tokenizer } = model;
  await requireNothingAt(path);
  const settings = settingsOf(config);
  const { architecture, description } = settings;
  const { sizes, tied, layerKinds } = description;
  const names = tensorNames(description);
  const permuted: string[] = [];
  const tensors = model.tensors.map(({ name, shape, data }): TensorToWrite => {
    const inFile = names.toGguf(name);
    if (inFile === undefined) throw new Error(`Tensor ${name} has no name in GGUF.`);
    const type = chooseType(dtype, { name: inFile, shape, layers: sizes.layers, tied });
    const whose = ggufArchitectures[architecture].hasPairs ? rotaryRows(name) : undefined;
    if (whose) permuted.push(name);
    const written = async () => {
      const values = typeof data === 'function' ? await data() : data;
      // Scales of blocks are of half precision, as are weights of F16.
      requireRepresentable(name, values, type === 'F32' ? 'f32' : 'f16');
      if (whose) return halvesToPairs(values, shape[0], sizes[whose]);
      return hasOneAdded(architecture, inFile) ? values.map((value) => value + 1) : values;
    };
    return { name: inFile, shape, type, data: written };
  });
  const { rope } = layerKinds[0];
  for (const [name, factors] of rope ? factorTensors(rope) : []) {
    tensors.push({ name, shape: [factors.length], type: 'F32', data: () => factors });
  }
  const { metadata, notes: ofTokenizer } = tokenizer
    ? tokenizerMetadata(tokenizer, sizes.vocabulary, config.eos_token_id)
    : { metadata: noVocabulary, notes: ['the model has no tokenizer, so the file has none'] };
  const general: Readonly<Record<string, TypedValue>> = {
    'general.architecture': { type: 'string', value: architecture },
    'general.type': { type: 'string', value: 'model' },
    'general.name': { type: 'string', value: basename(path, '.gguf') },
    'general.file_type': { type: 'u32', value: fileTypes[dtype] },
    'general.quantization_version': { type: 'u32', value: 2 },
  };
  await writeGguf(path, { ...general, ...architectureMetadata(settings), ...metadata }, tensors);
  const types: Partial<Record<WrittenType, number>> = {};
  for (const { type } of tensors) types[type] = (types[type] ?? 0) + 1;
  return { types, permuted, tied, notes: [...missingParts(settings), ...ofTokenizer] };
}

const noVocabulary: Readonly<Record<string, TypedValue>> = {
  'tokenizer.ggml.model': { type: 'string', value: 'none' },
};

async function requireNothingAt(path: string): Promise<void> {
  if (!(await exists(path))) return;
  throw new UsageError({
    field: path,
    found: 'something there already',
    expected: 'a file that does not exist yet',
    fix: 'Choose another name, or remove it first.',
  });
}
