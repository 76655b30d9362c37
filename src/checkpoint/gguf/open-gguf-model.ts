/** A model in a GGUF file or in several, seen as a checkpoint: Hugging Face names, order of rows, `config.json` and tokenizer files. */
import type { JsonObject } from '../../files/json-file.ts';
import type { TokenizerFile } from '../../tokenizer/tokenizer.ts';
import type { ConversionReport } from '../conversion-report.ts';
import type { GgufTensor } from './header.ts';
import { MetadataFields } from './metadata-fields.ts';
import { type Pooling, readPooling } from './pooling-types.ts';
import { openGguf } from './read.ts';
import { type ReadModel, readModel } from './read-model.ts';
import { unsupported } from './refuse.ts';
import { tensorTypes } from './tensor-types.ts';
import { readTokenizer } from './tokenizer/read-tokenizer.ts';

export interface GgufModel {
  readonly path: string;
  /** Files that the model is in. */
  readonly parts: number;
  /** For `config.json`. */
  readonly config: JsonObject;
  /** How vectors of texts are made of hidden states; undefined where the file does not say. */
  readonly pooling: Pooling | undefined;
  /** Undefined where the file has no vocabulary. */
  readonly tokenizerFiles: readonly TokenizerFile[] | undefined;
  /** By Hugging Face name. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  readonly report: ConversionReport;
  /** Dequantised to float32, with rows in Hugging Face's order. */
  readAllInto(targets: Iterable<readonly [name: string, target: Float32Array]>): Promise<void>;
  close(): Promise<void>;
}

/**
 * @throws InputError for a file that breaks the format, or whose architecture, element types, tokenizer or tensors are not
 * supported, each by name. Close it after use.
 */
export async function openGgufModel(path: string): Promise<GgufModel> {
  const file = await openGguf(path);
  try {
    const fields = new MetadataFields(file.metadata, path);
    const architecture = fields.text('general.architecture') ?? '';
    const pooling = readPooling(fields, architecture);
    const read = await readModel(file, fields, architecture);
    const tokenizer = readTokenizer(fields);
    const report = planConversion(path, read, architecture);
    const fileNames = new Map([...report.mapped].map(([name, huggingFace]) => [huggingFace, name]));
    return {
      path,
      parts: file.parts,
      config: { ...read.config, ...tokenizer?.config },
      pooling,
      tokenizerFiles: tokenizer?.files,
      tensors: new Map([...fileNames].map(([name, inFile]) => [name, read.tensors.get(inFile)!])),
      report,
      async readAllInto(targets) {
        for (const [name, target] of targets) {
          const inFile = fileNames.get(name);
          if (inFile === undefined) throw new Error(`No tensor ${name} in ${path}.`);
          await file.readTensor(read.tensors.get(inFile)!, target);
          read.restore?.(inFile, name, target);
        }
      },
      close: file.close,
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function planConversion(path: string, read: ReadModel, architecture: string): ConversionReport {
  const { tensors } = read;
  const mapped = new Map<string, string>();
  const dequantized = new Map<string, string>();
  const permuted: string[] = [];
  const ignored = new Map<string, string>();
  for (const [name, { shape, type }] of tensors) {
    if (read.isSaid?.(name)) {
      ignored.set(name, 'follows from rope_scaling in config.json');
      continue;
    }
    const huggingFace = read.names.toHuggingFace(name);
    const field = `${path}, tensor ${JSON.stringify(name)}`;
    if (huggingFace === undefined) {
      const fix = 'This model computes something that is not supported.';
      throw unsupported(field, 'a tensor of unknown purpose', `the tensors of ${architecture}`, fix);
    }
    mapped.set(name, huggingFace);
    if (tensorTypes[type].length > 1) dequantized.set(huggingFace, type);
    if (read.isPermuted?.(huggingFace, shape, field)) permuted.push(huggingFace);
  }
  return { mapped, dequantized, permuted, tied: !tensors.has('output.weight'), ignored };
}
