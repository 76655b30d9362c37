/**
 * The tensors of an encoder-decoder's checkpoint as a merge takes them: one table of tokens, under whichever of its names it
 * was written, and nothing that nobody reads. Copies that were merged one by one would be copies no more.
 */
import type { Checkpoint } from '../../checkpoint/huggingface/open-checkpoint.ts';
import { InputError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { sharedTables } from '../../models/encoder-decoder/shared-tables.ts';
import { createEncoderDecoder, describeEncoderDecoder, isEncoderDecoder } from '../../models/registry.ts';
import type { StoredTensor } from '../stream/job.ts';
import type { SourceTensors } from './source-model.ts';

/**
 * @param all the checkpoint's tensors as they are in its files
 * @throws InputError for sides with different tables; UsageError for a configuration that is not supported
 */
export async function encoderDecoderTensors(
  checkpoint: Checkpoint,
  all: SourceTensors['stored'],
): Promise<SourceTensors> {
  const { folder } = checkpoint;
  const { config, stored, embeddingInFile } = await sharedTables(folder, checkpoint);
  const { names, sizes, tied, isBeside } = createEncoderDecoder(config);
  const kept = [...stored.tensors.keys()].filter((name) => !isBeside(name));
  return {
    config,
    stored: new Map(
      kept.map((name): [string, StoredTensor] => [name, all.get(name === names.embedding ? embeddingInFile : name)!]),
    ),
    isTied: tied,
    embedding: names.embedding,
    layers: Math.max(sizes.encoderLayers, sizes.decoderLayers),
    isEncoderDecoder: true,
  };
}

/**
 * Heads of a T5 and of a T5 1.1 have the same shape, and read states of other sizes.
 * @throws InputError
 */
export function requireSameHead(
  first: { readonly folder: string; readonly config: JsonObject },
  other: { readonly folder: string; readonly config: JsonObject },
): void {
  if (!isEncoderDecoder(first.config)) return;
  const [wanted, found] = [first, other].map(({ config }) => describeEncoderDecoder(config).headScale);
  if (wanted === found) return;
  throw new InputError({
    field: `${other.folder}, config.json, scale_decoder_outputs`,
    found: `states that are multiplied with ${found.toPrecision(4)} before the head`,
    expected: `${wanted.toPrecision(4)}, as in ${first.folder}`,
    fix: 'Merge models that come from one base.',
  });
}
