/** What a GGUF file says about its model, whatever kind of model it is. */
import type { JsonObject } from '../../files/json-file.ts';
import { describeEncoder, describeEncoderDecoder } from '../../models/registry.ts';
import { ggufArchitectures } from './architectures.ts';
import { encoderDecoderArchitecture } from './encoder-decoder-form.ts';
import { encoderArchitecture } from './encoder-form.ts';
import type { GgufTensor } from './header.ts';
import type { MetadataFields } from './metadata-fields.ts';
import type { GgufFile } from './read.ts';
import { readDecoder } from './read-decoder.ts';
import { readEncoderConfig } from './read-encoder-config.ts';
import { readEncoderDecoderConfig } from './read-encoder-decoder-config.ts';
import { unsupported } from './refuse.ts';
import { encoderDecoderTensorNames, encoderTensorNames, type TensorNames } from './tensor-names.ts';

export interface ReadModel {
  readonly config: JsonObject;
  readonly names: TensorNames;
  /** By name in the file, each the whole of a parameter; those of several experts are one tensor there. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** Whether a tensor says what the configuration says too. */
  isSaid?(nameInFile: string): boolean;
  /** Whether the rows of a parameter are in another order. @throws InputError, with `field`, for rows that cannot be */
  isPermuted?(name: string, shape: readonly number[], field: string): boolean;
  /** Values of the file to those of a checkpoint, in place. */
  restore?(nameInFile: string, name: string, target: Float32Array): void;
}

/** Keys of an architecture that say nothing that the tensors or other keys do not say. */
const silentKeys = ['vocab_size', 'attention.value_length', 'tensor_data_layout', 'classifier.output_labels'];

/** @throws InputError for an architecture that is not supported, or a key that changes the maths in an unknown way */
export async function readModel(file: GgufFile, fields: MetadataFields, architecture: string): Promise<ReadModel> {
  const model = await readKind(file, fields, architecture);
  const prefix = `${architecture}.`;
  const [unknown] = fields.unread(prefix).filter((key) => !silentKeys.includes(key.slice(prefix.length)));
  if (unknown === undefined) return model;
  const fix = 'This model computes something that is not supported.';
  const expected = 'keys whose effect on the computation is known';
  throw unsupported(file.path, `the key ${JSON.stringify(unknown)}`, expected, fix);
}

async function readKind(file: GgufFile, fields: MetadataFields, architecture: string): Promise<ReadModel> {
  if (Object.hasOwn(ggufArchitectures, architecture)) return readDecoder(file, fields, architecture);
  if (architecture === encoderArchitecture) {
    const config = readEncoderConfig(fields, file.tensors);
    return { config, names: encoderTensorNames(describeEncoder(config)), tensors: file.tensors };
  }
  if (architecture === encoderDecoderArchitecture) {
    const config = readEncoderDecoderConfig(fields, file.tensors);
    return { config, names: encoderDecoderTensorNames(describeEncoderDecoder(config)), tensors: file.tensors };
  }
  const known = [...Object.keys(ggufArchitectures), encoderArchitecture, encoderDecoderArchitecture];
  const fix = 'Choose a model of a supported architecture.';
  throw unsupported(
    `${file.path}, general.architecture`,
    JSON.stringify(architecture),
    `one of ${known.join(', ')}`,
    fix,
  );
}
