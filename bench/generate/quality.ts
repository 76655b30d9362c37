import { fileURLToPath } from 'node:url';
import { predictedBytes } from '../../src/eval/held-out.ts';
import { type Document, generateFinance, generateGeneral } from '../../src/finworld/index.ts';
import { freeze } from '../../src/generate/frozen/freeze.ts';
import { Generator } from '../../src/generate/generator.ts';
import { loadModel } from '../../src/models/model.ts';
import { Engine } from '../../src/runtime/engine.ts';
import type { Settings } from './settings.ts';

/** How well the nano base, frozen, predicts invented text about companies and places that it was not trained on. */
export async function measureQuality({ precision, threads, documents }: Settings): Promise<{
  readonly bits_per_byte: number;
  readonly perplexity: number;
  readonly tokens: number;
}> {
  const engine = new Engine({ threads });
  const model = await loadModel(fileURLToPath(new URL('../../assets/nano', import.meta.url)));
  const tokenizer = model.tokenizer!;
  const frozen = freeze(engine, model, { precision });
  const generator = new Generator(engine, frozen, tokenizer, { slots: 1 });
  let [nats, tokens, bytes] = [0, 0, 0];
  for (const { text } of heldOut(documents)) {
    // One place is left for the token that a request has to ask for.
    const prompt = tokenizer.encode(text, { addSpecialTokens: false }).subarray(0, generator.capacity - 1);
    const { result } = generator.generate({ prompt, maxTokens: 1, promptLogProbabilities: true });
    for (const token of (await result).promptTokens!) nats -= token?.logProbability ?? 0;
    tokens += prompt.length - 1;
    bytes += predictedBytes(prompt, tokenizer);
  }
  await generator.close();
  await engine.close();
  return { bits_per_byte: nats / Math.LN2 / bytes, perplexity: Math.exp(nats / tokens), tokens };
}

/** The first documents of each world that are about one held-out company or place. */
function* heldOut(count: number): Iterable<Document> {
  for (const write of [generateFinance, generateGeneral]) {
    let left = count;
    for (const document of write({ seed: 0, split: 'heldout', documents: Number.MAX_SAFE_INTEGER })) {
      if (document.company === undefined && document.place === undefined) continue;
      yield document;
      if (--left === 0) break;
    }
  }
}
