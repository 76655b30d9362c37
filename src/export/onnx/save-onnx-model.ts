/** Writes a decoder as a folder that transformers.js opens, and every other program that runs ONNX models with a cache. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generationConfigOf } from '../../models/model.ts';
import { describeModel } from '../../models/registry.ts';
import type { DecoderDescription } from '../../models/transformer/description.ts';
import { inferenceBlock, inferenceHead } from '../../models/transformer/inference.ts';
import type { ExportSource } from '../export-source.ts';
import { ExportedGraph } from './exported-graph.ts';
import type { FormOfNumbers } from './forms.ts';
import { transformersJsConfig } from './transformers-js-config.ts';
import { type OnnxOptions, type OnnxReport, writeOnnxFolder } from './write-onnx-folder.ts';

type DecoderSource = Extract<ExportSource, { readonly kind: 'decoder' }>;

/** With `generation_config.json` beside what `writeOnnxFolder` writes. @throws as `writeOnnxFolder` */
export async function saveOnnxModel(
  folder: string,
  { config: given, stored, decoder, tokenizer }: Pick<DecoderSource, 'config' | 'stored' | 'decoder' | 'tokenizer'>,
  options: OnnxOptions,
): Promise<OnnxReport> {
  const description = describeModel(given);
  const { config, notes } = transformersJsConfig(given, description);
  const generation = `${JSON.stringify(generationConfigOf(config), null, 2)}\n`;
  const files = await writeOnnxFolder(
    folder,
    {
      graphs: { model: (form) => decoderGraph(description, form) },
      parameters: decoder.parameters,
      stored,
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
