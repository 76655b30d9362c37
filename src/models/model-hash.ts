import { createHash } from 'node:crypto';
import type { Model } from './model.ts';

/** SHA-256, in hexadecimal, of a model's configuration, weights and tokenizer. */
export function modelHash({
  config,
  parameters,
  tokenizer,
}: Pick<Model, 'config' | 'parameters' | 'tokenizer'>): string {
  const digest = createHash('sha256').update(JSON.stringify([config, tokenizer?.hash]));
  for (const [name, { weight }] of parameters) {
    digest.update(name).update(new Uint8Array(weight.buffer, weight.byteOffset, weight.byteLength));
  }
  return digest.digest('hex');
}
