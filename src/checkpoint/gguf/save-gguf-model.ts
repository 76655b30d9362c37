/** Writes a model as a GGUF file that llama.cpp, Ollama and others open. */
import { basename } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import { isEncoder, isEncoderDecoder } from '../../models/registry.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { requireRepresentable } from '../representable.ts';
import { chooseType, fileTypes, type GgufDtype } from './choose-type.ts';
import { decoderForm } from './decoder-form.ts';
import { encoderDecoderForm } from './encoder-decoder-form.ts';
import { encoderForm } from './encoder-form.ts';
import { stackOf } from './expert-stacks.ts';
import { type GgufForm, text, u32 } from './form.ts';
import type { Pooling } from './pooling-types.ts';
import type { WrittenType } from './quantize.ts';
import { tokenizerMetadata } from './tokenizer/write-tokenizer.ts';
import { type TensorToWrite, type TypedValue, writeGguf } from './write.ts';

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
  /** How vectors of texts are made of hidden states; undefined for a model that makes none, or does not say. */
  readonly pooling?: Pooling;
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
  const { config, dtype, tokenizer, pooling } = model;
  await requireNothingAt(path);
  const form = formOf(config, pooling);
  const permuted: string[] = [];
  const inFile = new Map<string, TensorToWrite>();
  for (const { name, shape, data } of model.tensors) {
    const own = form.names.toGguf(name);
    if (own === undefined) throw new Error(`Tensor ${name} has no name in GGUF.`);
    const conversion = form.conversionOf(own, name, shape);
    if (conversion?.permuted) permuted.push(name);
    const stack = stackOf(own);
    const stored = stack ?? own;
    const type = chooseType(dtype, { name: stored, shape, layers: form.layersAround(own), tied: form.tied });
    const part = async () => {
      const values = typeof data === 'function' ? await data() : data;
      // Scales of blocks are of half precision, as are weights of F16.
      requireRepresentable(name, values, type === 'F32' ? 'f32' : 'f16');
      return conversion ? conversion.convert(values) : values;
    };
    // Parameters come in the order of their experts.
    const parts = [...(inFile.get(stored)?.parts ?? []), part];
    const shapeOfPart = conversion?.shape ?? shape;
    inFile.set(stored, { name: stored, shape: stack ? [parts.length, ...shapeOfPart] : shapeOfPart, type, parts });
  }
  const tensors: TensorToWrite[] = [...inFile.values()];
  for (const [name, values] of form.added) {
    tensors.push({ name, shape: [values.length], type: 'F32', parts: [() => values] });
  }
  const { metadata, notes: ofTokenizer } = tokenizer
    ? tokenizerMetadata(tokenizer, form.vocabulary, config.eos_token_id)
    : { metadata: noVocabulary, notes: ['the model has no tokenizer, so the file has none'] };
  const general: Readonly<Record<string, TypedValue>> = {
    'general.architecture': text(form.architecture),
    'general.type': text('model'),
    'general.name': text(basename(path, '.gguf')),
    'general.file_type': u32(fileTypes[dtype]),
    'general.quantization_version': u32(2),
  };
  await writeGguf(path, { ...general, ...form.metadata, ...metadata }, tensors);
  const types: Partial<Record<WrittenType, number>> = {};
  for (const { type } of tensors) types[type] = (types[type] ?? 0) + 1;
  return { types, permuted, tied: form.tied, notes: [...form.notes, ...ofTokenizer] };
}

function formOf(config: JsonObject, pooling: Pooling | undefined): GgufForm {
  if (isEncoder(config)) return encoderForm(config, pooling);
  return isEncoderDecoder(config) ? encoderDecoderForm(config) : decoderForm(config, pooling);
}

const noVocabulary: Readonly<Record<string, TypedValue>> = {
  'tokenizer.ggml.model': text('none'),
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
