/** Scores of answers, against the loss of transformers (scripts/goldens/encoder_decoders.py). */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadEncoderDecoder } from '../models/encoder-decoder-model.ts';
import type { TextPair } from '../objectives/seq2seq/batch.ts';
import { Engine } from '../runtime/engine.ts';
import { PairScorer } from './score-pairs.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

async function load(name: string) {
  const folder = fileURLToPath(new URL(`../../test/golden/encoder-decoders/${name}`, import.meta.url));
  const { inputs, targets, loss } = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as {
    readonly inputs: readonly (readonly number[])[];
    readonly targets: readonly (readonly number[])[];
    readonly loss: number;
  };
  const pairs = inputs.map((input, i): TextPair => ({ input, target: targets[i] }));
  return { model: await loadEncoderDecoder(folder), pairs, loss };
}

describe('PairScorer', () => {
  it.each(['byt5', 't5', 't5-transformers5'])('%s: pairs one by one have the loss of the batch', async (name) => {
    const { model, pairs, loss } = await load(name);
    const scorer = new PairScorer(engine, model);
    let [sum, tokens] = [0, 0];
    for (const pair of pairs) {
      const score = await scorer.score(pair);
      expect(score.logProbabilities).toHaveLength(pair.target.length);
      sum += score.sum;
      tokens += pair.target.length;
    }
    scorer.release();
    expect(-sum / tokens).toBeCloseTo(loss, 4);
  });

  it('refuses ids of another vocabulary, on either side', async () => {
    const { model, pairs } = await load('byt5');
    const scorer = new PairScorer(engine, model);
    const [{ input, target }] = pairs;
    await expect(scorer.score({ input: [384], target }, 'a.jsonl:1')).rejects.toThrow('a.jsonl:1, input, token 0');
    await expect(scorer.score({ input, target: [5, -1] })).rejects.toThrow('pair, target, token 1: found id -1');
    scorer.release();
  });

  it('refuses a pair whose attention would not fit into memory, whichever side is long', async () => {
    const { model, pairs } = await load('byt5');
    const scorer = new PairScorer(engine, model);
    const [{ input, target }] = pairs;
    const long = Array.from({ length: 2 ** 20 }, () => 5);
    await expect(scorer.score({ input: long, target })).rejects.toThrow(/rows of 1048576 tokens .* TiB to score/);
    await expect(scorer.score({ input, target: long })).rejects.toThrow(/1048576 of its answer, .* TiB to score/);
    scorer.release();
  });

  it('scores a pair the same after so many others that its program was given up', async () => {
    const { model, pairs } = await load('byt5');
    const scorer = new PairScorer(engine, model);
    const [{ input, target }] = pairs;
    const { sum } = await scorer.score({ input, target });
    const lengths = [1, 70, 140];
    for (const inputs of lengths) {
      for (const targets of lengths) {
        await scorer.score({ input: new Array(inputs).fill(5), target: new Array(targets).fill(5) });
      }
    }
    expect((await scorer.score({ input, target })).sum).toBe(sum);
    scorer.release();
  });
});
