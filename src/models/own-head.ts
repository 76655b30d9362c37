/**
 * A decoder whose `config.json` calls its head tied, and whose file has a head that is another table than the embedding:
 * that head is one of its own, as in `transformers` 5.
 */
import type { JsonObject } from '../files/json-file.ts';
import type { Decoder } from './decoder.ts';
import { createDecoder } from './registry.ts';
import type { StoredTensors } from './stored-weights.ts';
import { hasOwnHead, ownHeadWarning } from './tied-head.ts';

export interface StoredDecoder<Stored extends StoredTensors> {
  /** What is true of the tensors. */
  readonly config: JsonObject;
  readonly decoder: Decoder;
  readonly stored: Stored;
  readonly warnings: readonly string[];
}

/**
 * @param parametersOf the stored tensors as the parameters of a decoder
 * @throws UsageError for a configuration that is not supported
 */
export async function storedDecoder<Stored extends StoredTensors>(
  folder: string,
  config: JsonObject,
  parametersOf: (decoder: Decoder) => Stored,
): Promise<StoredDecoder<Stored>> {
  const decoder = createDecoder(config);
  const stored = parametersOf(decoder);
  const isOwn = decoder.tied && (await hasOwnHead(stored, decoder.names.embedding));
  if (!isOwn) return { config, decoder, stored, warnings: [] };
  const untied = { ...config, tie_word_embeddings: false };
  const own = createDecoder(untied);
  return { config: untied, decoder: own, stored: parametersOf(own), warnings: [ownHeadWarning(folder)] };
}
