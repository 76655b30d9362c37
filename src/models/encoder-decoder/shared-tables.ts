/**
 * Checkpoints of encoder-decoders carry one table up to four times: as the embedding, as that of either side, and as the
 * head. Which of them are one is in the tensors, not in the configuration alone.
 */
import type { JsonObject } from '../../files/json-file.ts';
import { misfit } from '../model-checkpoint.ts';
import { createEncoderDecoder } from '../registry.ts';
import { areEqual, type StoredTensors } from '../stored-weights.ts';
import { hasOwnHead, headName } from '../tied-head.ts';

/**
 * A checkpoint's tensors without copies of its embedding, the configuration that says what they are, and the name under which
 * the embedding is in the file.
 * @throws InputError for a table of one side that is not the embedding; UsageError as `createEncoderDecoder`
 */
export async function sharedTables(
  folder: string,
  checkpoint: StoredTensors & { readonly config: JsonObject },
): Promise<{ readonly config: JsonObject; readonly stored: StoredTensors; readonly embeddingInFile: string }> {
  const { config, tensors } = checkpoint;
  const { names, embeddingAliases: aliases, tied } = createEncoderDecoder(config);
  const { embedding } = names;
  const inFile = [embedding, ...aliases, ...(tied ? [headName] : [])].find((name) => tensors.has(name)) ?? embedding;
  for (const alias of aliases) {
    if (alias === inFile || !tensors.has(alias) || (await areEqual(checkpoint, inFile, alias))) continue;
    throw misfit(folder, alias, `another table than ${inFile}`, 'one table for both sides');
  }
  const isHeadOwn = tied && inFile !== headName && (await hasOwnHead(checkpoint, inFile));
  const copies = new Set([...aliases, ...(tied && !isHeadOwn ? [headName] : [])]);
  const kept = [...tensors].filter(([name]) => name !== inFile && !copies.has(name));
  const table = tensors.get(inFile);
  return {
    config: isHeadOwn ? withOwnHead(config) : config,
    embeddingInFile: inFile,
    stored: {
      tensors: new Map([...(table ? [[embedding, table] as const] : []), ...kept]),
      readAllInto: (targets) =>
        checkpoint.readAllInto([...targets].map(([name, target]) => [name === embedding ? inFile : name, target])),
    },
  };
}

/** What is scaled before a tied head stays so before one of its own. */
const withOwnHead = (config: JsonObject): JsonObject => {
  return { scale_decoder_outputs: true, ...config, tie_word_embeddings: false };
};
