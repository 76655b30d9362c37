/** Writes an encoder-decoder as a folder that the `text2text-generation` of transformers.js opens. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { classNameOf, describeEncoderDecoder } from '../../models/registry.ts';
import { isByt5 } from '../../tokenizer/byt5-tokenizer.ts';
import { byteLevelByt5 } from '../../tokenizer/byte-level-byt5.ts';
import type { ExportSource } from '../export-source.ts';
import { ExportedReader, ExportedWriter } from './exported-encoder-decoder.ts';
import { type OnnxOptions, type OnnxReport, writeOnnxFolder } from './write-onnx-folder.ts';

type EncoderDecoderSource = Extract<ExportSource, { readonly kind: 'encoder-decoder' }>;

/** Two models for each form, `encoder_model` and `decoder_model_merged`. @throws as `writeOnnxFolder` */
export async function saveOnnxEncoderDecoder(
  folder: string,
  {
    config,
    stored,
    architecture,
    parameters,
    tokenizer,
  }: Omit<EncoderDecoderSource, 'kind' | 'modules' | 'warnings' | 'close'>,
  options: OnnxOptions,
): Promise<OnnxReport> {
  const description = describeEncoderDecoder(config);
  const isBytes = tokenizer !== undefined && isByt5(tokenizer.files);
  const generation = {
    decoder_start_token_id: architecture.startId,
    eos_token_id: config.eos_token_id ?? architecture.endIds,
    pad_token_id: config.pad_token_id ?? 0,
  };
  const files = await writeOnnxFolder(
    folder,
    {
      graphs: {
        encoder_model: (form) => new ExportedReader(description, form),
        decoder_model_merged: (form) => new ExportedWriter(description, form),
      },
      parameters,
      stored,
      config: {
        ...config,
        architectures: [classNameOf(architecture)],
        is_encoder_decoder: true,
        num_decoder_layers: architecture.sizes.decoderLayers,
        decoder_start_token_id: architecture.startId,
      },
      tokenizer: isBytes ? byteLevelByt5(tokenizer) : tokenizer,
      also: (temporary) =>
        writeFile(join(temporary, 'generation_config.json'), `${JSON.stringify(generation, null, 2)}\n`),
    },
    options,
  );
  const note =
    'transformers.js has no class for bytes as tokens: tokenizer.json says the same as byte-level BPE that merges nothing';
  return { files, notes: isBytes ? [note] : [] };
}
