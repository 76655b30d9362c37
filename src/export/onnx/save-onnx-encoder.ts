/**
 * Writes an encoder as a folder that the `feature-extraction` of transformers.js opens, and sentence-transformers with its
 * ONNX backend, which reads there how vectors are made.
 */
import { writeSentenceModules } from '../../embed/sentence-modules.ts';
import { classNameOf, describeEncoder } from '../../models/registry.ts';
import type { EncoderDescription } from '../../models/transformer/description.ts';
import { encoderBlock } from '../../models/transformer/encoder-inference.ts';
import type { ExportSource } from '../export-source.ts';
import { ExportedEncoder } from './exported-encoder.ts';
import type { FormOfNumbers } from './forms.ts';
import { type OnnxOptions, type OnnxReport, writeOnnxFolder } from './write-onnx-folder.ts';

/** @throws as `writeOnnxFolder`; UsageError for a model that is no encoder */
export async function saveOnnxEncoder(
  folder: string,
  { config, stored, encoder, tokenizer, modules }: Extract<ExportSource, { readonly kind: 'encoder' }>,
  options: OnnxOptions,
): Promise<OnnxReport> {
  const description = describeEncoder(config);
  const files = await writeOnnxFolder(
    folder,
    {
      graphs: { model: (form) => encoderGraph(description, form) },
      parameters: encoder.parameters,
      stored,
      config: { ...config, architectures: [classNameOf(encoder)] },
      tokenizer,
      also: async (temporary) => modules && writeSentenceModules(temporary, modules, encoder.sizes.hidden),
    },
    options,
  );
  return { files, notes: [] };
}

function encoderGraph(description: EncoderDescription, form: FormOfNumbers): ExportedEncoder {
  const graph = new ExportedEncoder(description, form);
  let states = graph.embed();
  for (let layer = 0; layer < description.sizes.layers; layer++) {
    states = encoderBlock(graph, layer, states, description);
  }
  graph.answer(states);
  return graph;
}
