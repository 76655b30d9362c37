/**
 * A decoder whose `config.json` calls its head tied, and whose file has a head that is another table than the embedding:
 * that head is one of its own, as in `transformers` 5.
 */
import type { JsonObject } from '../files/json-file.ts';
import type { Decoder } from './decoder.ts';
import { createDecoder } from './registry.ts';
import { areEqual, type StoredTensors } from './stored-weights.ts';

export interface StoredDecoder<Stored extends StoredTensors> {
  /** What is true of the tensors. */
  readonly config: JsonObject;
  readonly decoder: Decoder;
  readonly stored: Stored;
  readonly warnings: readonly string[];
}

const headName = 'lm_head.weight';

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
  const { embedding } = decoder.names;
  const isDouble = decoder.tied && [headName, embedding].every((name) => stored.tensors.has(name));
  if (!isDouble || (await areEqual(stored, headName, embedding))) return { config, decoder, stored, warnings: [] };
  const untied = { ...config, tie_word_embeddings: false };
  const own = createDecoder(untied);
  const warning = `${folder}: ${headName} is another table than the embedding, so the head is not tied to it, although config.json says so.`;
  return { config: untied, decoder: own, stored: parametersOf(own), warnings: [warning] };
}
