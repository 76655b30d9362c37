/**
 * The tensors of an encoder-decoder's checkpoint as a merge takes them: one table of tokens, under whichever of its names it
 * was written, and nothing that nobody reads. Copies that were merged one by one would be copies no more.
 */
import type { Checkpoint } from '../../checkpoint/huggingface/open-checkpoint.ts';
import { sharedTables } from '../../models/encoder-decoder/shared-tables.ts';
import { createEncoderDecoder, describeEncoderDecoder } from '../../models/registry.ts';
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
    headScale: describeEncoderDecoder(config).headScale,
    warnings: checkpoint.warnings,
  };
}
