/**
 * Writes an encoder as a folder that the `feature-extraction` of transformers.js opens, and sentence-transformers with its
 * ONNX backend, which reads there how vectors are made.
 */
import { join } from 'node:path';
import { readSentenceModules, type SentenceModules, writeSentenceModules } from '../../embed/sentence-modules.ts';
import { readJsonObject } from '../../files/json-file.ts';
import { type EncoderCheckpoint, openEncoderCheckpoint } from '../../models/encoder-model.ts';
import { classNameOf, describeEncoder, isEncoder } from '../../models/registry.ts';
import type { EncoderDescription } from '../../models/transformer/description.ts';
import { encoderBlock } from '../../models/transformer/encoder-inference.ts';
import { ExportedEncoder } from './exported-encoder.ts';
import type { FormOfNumbers } from './forms.ts';
import { type OnnxOptions, type OnnxReport, writeOnnxFolder } from './write-onnx-folder.ts';

export interface EncoderToExport extends EncoderCheckpoint {
  /** What the folder says about vectors; undefined where it says nothing. */
  readonly modules: SentenceModules | undefined;
}

/** Opens a Hugging Face folder of an encoder, or one of sentence-transformers; undefined for any other. Close it after use. */
export async function openEncoderToExport(folder: string): Promise<EncoderToExport | undefined> {
  const modules = await readSentenceModules(folder);
  const model = modules?.model ?? folder;
  const config = await readJsonObject(join(model, 'config.json')).catch(() => undefined);
  return isEncoder(config) ? { ...(await openEncoderCheckpoint(model)), modules } : undefined;
}

/** @throws as `writeOnnxFolder`; UsageError for a model that is no encoder */
export async function saveOnnxEncoder(
  folder: string,
  { config, stored, encoder, tokenizer, modules }: EncoderToExport,
  options: OnnxOptions,
): Promise<OnnxReport> {
  const description = describeEncoder(config);
  const files = await writeOnnxFolder(
    folder,
    {
      graphOf: (form) => encoderGraph(description, form),
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
