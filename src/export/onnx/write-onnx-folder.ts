/**
 * A folder that transformers.js opens, whatever its graphs compute:
 *
 *   config.json and whatever else the caller writes
 *   onnx/model.onnx, model_fp16.onnx, model_quantized.onnx, model_q4.onnx      as many as were asked for, of each graph
 *   onnx/model.onnx_data, model.onnx_data_1, ...                               where the weights leave the model's file
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatConfig } from '../../checkpoint/huggingface/format-config.ts';
import { writeManifest } from '../../checkpoint/manifest.ts';
import { UsageError } from '../../errors.ts';
import { writeFolderAtomically } from '../../files/atomic-write.ts';
import type { JsonObject } from '../../files/json-file.ts';
import type { ParameterSpec } from '../../models/decoder.ts';
import type { StoredTensors } from '../../models/stored-weights.ts';
import { type WriteLimits, writeModel } from '../../onnx/write-model.ts';
import { elementCount } from '../../tensor/element-type.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { ExportedLayers } from './exported-layers.ts';
import { type FormOfNumbers, modelFileName, numbersOf, type OnnxForm, onnxForms } from './forms.ts';
import { type ParameterSource, weightGroup } from './weight-groups.ts';

export interface OnnxReport {
  /** Files with a model, and the number of data files beside each. */
  readonly files: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

export interface OnnxOptions extends WriteLimits {
  readonly forms: readonly OnnxForm[];
  /** Asked before each weight. */
  readonly signal?: AbortSignal;
}

interface OnnxFolder {
  /** The model's graphs, by what their files are called. */
  readonly graphs: Readonly<Record<string, (form: FormOfNumbers) => ExportedLayers>>;
  readonly parameters: readonly ParameterSpec[];
  readonly stored: Pick<StoredTensors, 'readAllInto'>;
  readonly config: JsonObject;
  readonly tokenizer: Tokenizer | undefined;
  /** Writes further files into the folder, before its manifest is made. */
  readonly also?: (folder: string) => Promise<void>;
}

/**
 * The folder appears whole or not at all. Weights are read one after the other, for each form anew.
 * @throws UsageError for no forms, if there is something at `folder`, or the disk has no room; InputError for weights
 * that are not finite, or that a form cannot hold
 */
export async function writeOnnxFolder(
  folder: string,
  { graphs, parameters, stored, config, tokenizer, also }: OnnxFolder,
  { forms, signal, ...limits }: OnnxOptions,
): Promise<OnnxReport['files']> {
  requireForms(forms);
  const sizes = new Map(parameters.map(({ name, shape }) => [name, elementCount(shape)!]));
  const source: ParameterSource = {
    sizeOf: (name) => sizes.get(name)!,
    async readInto(name, target) {
      signal?.throwIfAborted();
      await stored.readAllInto([[name, target]]);
    },
  };
  const files: Record<string, number> = {};
  await writeFolderAtomically(folder, async (temporary) => {
    await mkdir(join(temporary, 'onnx'));
    for (const [form, [part, graphOf]] of forms.flatMap((form) =>
      Object.entries(graphs).map((one) => [form, one] as const),
    )) {
      const graph = graphOf(numbersOf[form]);
      const weights = graph.weights.map((weight) => weightGroup(weight, source));
      const { inputs, outputs, operators: lowering } = graph;
      const name = modelFileName(form, part);
      files[name] = await writeModel(join(temporary, 'onnx', name), { lowering, inputs, outputs, weights }, limits);
    }
    const external = Object.fromEntries(Object.entries(files).filter(([, count]) => count > 0));
    await writeFile(join(temporary, 'config.json'), formatConfig({ ...config, ...externalFields(external) }));
    for (const { name, bytes } of tokenizer?.files ?? []) await writeFile(join(temporary, name), bytes);
    await also?.(temporary);
    await writeManifest(temporary);
  });
  return files;
}

function requireForms(forms: readonly OnnxForm[]): void {
  if (forms.length > 0) return;
  throw new UsageError({
    field: 'forms',
    found: 'none',
    expected: `at least one of ${onnxForms.join(', ')}`,
    fix: 'Name the forms to write.',
  });
}

/** By which transformers.js knows which data files to fetch. */
const externalFields = (files: Readonly<Record<string, number>>): JsonObject =>
  Object.keys(files).length === 0 ? {} : { 'transformers.js_config': { use_external_data_format: files } };
