/**
 * Writes a decoder as a folder that transformers.js opens, and every other program that runs ONNX models with a cache:
 *
 *   config.json, generation_config.json, tokenizer files
 *   onnx/model.onnx, model_fp16.onnx, model_quantized.onnx, model_q4.onnx      as many as were asked for
 *   onnx/model.onnx_data, model.onnx_data_1, ...                               where the weights leave the model's file
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatConfig } from '../../checkpoint/huggingface/format-config.ts';
import { writeManifest } from '../../checkpoint/manifest.ts';
import { UsageError } from '../../errors.ts';
import { writeFolderAtomically } from '../../files/atomic-write.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { generationConfigOf } from '../../models/model.ts';
import type { ModelCheckpoint } from '../../models/model-checkpoint.ts';
import { describeModel } from '../../models/registry.ts';
import { inferenceBlock, inferenceHead } from '../../models/transformer/inference.ts';
import { type WriteLimits, writeModel } from '../../onnx/write-model.ts';
import { elementCount } from '../../tensor/element-type.ts';
import { ExportedGraph } from './exported-graph.ts';
import { modelFileName, numbersOf, type OnnxForm, onnxForms } from './forms.ts';
import { transformersJsConfig } from './transformers-js-config.ts';
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

/**
 * The folder appears whole or not at all. Weights are read one after the other, for each form anew.
 * @throws UsageError for no forms, if there is something at `folder`, or the disk has no room; InputError for weights that are not
 * finite, or that a form cannot hold
 */
export async function saveOnnxModel(
  folder: string,
  { checkpoint, decoder, tokenizer }: Pick<ModelCheckpoint, 'checkpoint' | 'decoder' | 'tokenizer'>,
  { forms, signal, ...limits }: OnnxOptions,
): Promise<OnnxReport> {
  if (forms.length === 0) {
    throw new UsageError({
      field: 'forms',
      found: 'none',
      expected: `at least one of ${onnxForms.join(', ')}`,
      fix: 'Name the forms to write.',
    });
  }
  const description = describeModel(checkpoint.config);
  const sizes = new Map(decoder.parameters.map(({ name, shape }) => [name, elementCount(shape)!]));
  const source: ParameterSource = {
    sizeOf: (name) => sizes.get(name)!,
    async readInto(name, target) {
      signal?.throwIfAborted();
      await checkpoint.readAllInto([[name, target]]);
    },
  };
  const files: Record<string, number> = {};
  const { config, notes } = transformersJsConfig(checkpoint.config, description);
  await writeFolderAtomically(folder, async (temporary) => {
    await mkdir(join(temporary, 'onnx'));
    for (const form of forms) {
      const graph = decoderGraph(description, form);
      const weights = graph.weights.map((weight) => weightGroup(weight, source));
      const { inputs, outputs, operators: lowering } = graph;
      const name = modelFileName(form);
      files[name] = await writeModel(join(temporary, 'onnx', name), { lowering, inputs, outputs, weights }, limits);
    }
    const external = Object.fromEntries(Object.entries(files).filter(([, count]) => count > 0));
    const write = (name: string, content: string | Uint8Array) => writeFile(join(temporary, name), content);
    await write('config.json', formatConfig({ ...config, ...externalFields(external) }));
    await write('generation_config.json', `${JSON.stringify(generationConfigOf(config), null, 2)}\n`);
    for (const { name, bytes } of tokenizer?.files ?? []) await write(name, bytes);
    await writeManifest(temporary);
  });
  return { files, notes };
}

/** By which transformers.js knows which data files to fetch. */
const externalFields = (files: Readonly<Record<string, number>>): JsonObject =>
  Object.keys(files).length === 0 ? {} : { 'transformers.js_config': { use_external_data_format: files } };

function decoderGraph(description: ReturnType<typeof describeModel>, form: OnnxForm): ExportedGraph {
  const graph = new ExportedGraph(description, numbersOf[form]);
  let stream = { base: graph.embed() };
  for (let layer = 0; layer < description.sizes.layers; layer++) {
    stream = inferenceBlock(graph, layer, stream, description);
  }
  graph.answer(inferenceHead(graph, stream, description));
  return graph;
}
