/** Any model as an ONNX folder. */
import type { ExportSource } from './export-source.ts';
import { saveOnnxEncoder } from './onnx/save-onnx-encoder.ts';
import { saveOnnxEncoderDecoder } from './onnx/save-onnx-encoder-decoder.ts';
import { saveOnnxModel } from './onnx/save-onnx-model.ts';
import type { OnnxOptions, OnnxReport } from './onnx/write-onnx-folder.ts';

/** @throws as `writeOnnxFolder` */
export async function saveOnnx(folder: string, source: ExportSource, options: OnnxOptions): Promise<OnnxReport> {
  switch (source.kind) {
    case 'decoder':
      return saveOnnxModel(folder, source, options);
    case 'encoder':
      return saveOnnxEncoder(folder, source, options);
    case 'encoder-decoder':
      return saveOnnxEncoderDecoder(folder, source, options);
    default:
      return source satisfies never;
  }
}
