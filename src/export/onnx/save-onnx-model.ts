/** Writes a decoder as a folder that transformers.js opens, and every other program that runs ONNX models with a cache. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generationConfigOf } from '../../models/model.ts';
import type { ModelCheckpoint } from '../../models/model-checkpoint.ts';
import { describeModel } from '../../models/registry.ts';
import type { DecoderDescription } from '../../models/transformer/description.ts';
import { inferenceBlock, inferenceHead } from '../../models/transformer/inference.ts';
import { ExportedGraph } from './exported-graph.ts';
import type { FormOfNumbers } from './forms.ts';
import { transformersJsConfig } from './transformers-js-config.ts';
import { type OnnxOptions, type OnnxReport, writeOnnxFolder } from './write-onnx-folder.ts';

/** With `generation_config.json` beside what `writeOnnxFolder` writes. @throws as `writeOnnxFolder` */
export async function saveOnnxModel(
  folder: string,
  { checkpoint, decoder, tokenizer }: Pick<ModelCheckpoint, 'checkpoint' | 'decoder' | 'tokenizer'>,
  options: OnnxOptions,
): Promise<OnnxReport> {
  const description = describeModel(checkpoint.config);
  const { config, notes } = transformersJsConfig(checkpoint.config, description);
  const generation = `${JSON.stringify(generationConfigOf(config), null, 2)}\n`;
  const files = await writeOnnxFolder(
    folder,
    {
      graphOf: (form) => decoderGraph(description, form),
      parameters: decoder.parameters,
      stored: checkpoint,
      config,
      tokenizer,
      also: (temporary) => writeFile(join(temporary, 'generation_config.json'), generation),
    },
    options,
  );
  return { files, notes };
}

function decoderGraph(description: DecoderDescription, form: FormOfNumbers): ExportedGraph {
  const graph = new ExportedGraph(description, form);
  let stream = { base: graph.embed() };
  for (let layer = 0; layer < description.sizes.layers; layer++) {
    stream = inferenceBlock(graph, layer, stream, description);
  }
  graph.answer(inferenceHead(graph, stream, description));
  return graph;
}
