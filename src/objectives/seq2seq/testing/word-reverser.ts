/** A small byte model that learns to turn words around, for what random models cannot show. */
import { initEncoderDecoder, type TrainableEncoderDecoder } from '../../../models/encoder-decoder-model.ts';
import { stream } from '../../../random/stream.ts';
import type { Engine } from '../../../runtime/engine.ts';
import { newByt5Tokenizer } from '../../../tokenizer/byt5-tokenizer.ts';
import { clippingScale, createAdamW } from '../../../train/optimizers/adamw.ts';
import { layOutPairs, type TextPair } from '../batch.ts';
import { Seq2SeqProgram } from '../program.ts';

const tokenizer = newByt5Tokenizer();
const config = {
  model_type: 't5',
  vocab_size: 384,
  d_model: 64,
  d_kv: 16,
  d_ff: 128,
  num_heads: 4,
  num_layers: 2,
  num_decoder_layers: 2,
  feed_forward_proj: 'gated-gelu',
  tie_word_embeddings: false,
  pad_token_id: 0,
  eos_token_id: 1,
  tokenizer_class: 'ByT5Tokenizer',
};
const steps = 400;

/** Words of a few letters, and the same turned around, in batches of this shape. */
export const wordShape = { rows: 32, inputLength: 10, targetLength: 10, startId: 0 };

export function wordPairs(seed: number, count: number = wordShape.rows): readonly TextPair[] {
  const random = stream(seed, 'words');
  return Array.from({ length: count }, () => {
    const letters = Array.from({ length: 2 + random.below(5) }, () => 'abcdef'[random.below(6)]);
    return { input: tokenizer.encode(letters.join('')), target: tokenizer.encode(letters.toReversed().join('')) };
  });
}

/** The seed of words that it has not seen. */
export const unseenWords = steps;

/** @returns the model and its losses, step after step, in nats for a token */
export async function trainWordReverser(
  engine: Engine,
): Promise<{ readonly model: TrainableEncoderDecoder; readonly losses: readonly number[] }> {
  const model = initEncoderDecoder(config, { seed: 7, tokenizer });
  const program = new Seq2SeqProgram(engine, model.architecture, model.parameters, wordShape);
  const optimizer = createAdamW(model.parameters.values(), { weightDecay: 0 });
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = layOutPairs(wordPairs(step), wordShape);
    const nats = await program.forwardBackward(batch, { labelWeight: 1 / batch.labelCount, accumulate: false });
    losses.push(nats / batch.labelCount);
    const { norm } = optimizer.gradientNorm();
    optimizer.step({
      learningRate: 3e-3 * Math.min(1, (2 * (steps - step)) / steps),
      gradientScale: clippingScale(norm, 1),
    });
  }
  program.release();
  return { model, losses };
}
