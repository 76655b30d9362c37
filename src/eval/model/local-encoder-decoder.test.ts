import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Seq2SeqGenerator } from '../../generate/seq2seq/seq2seq-generator.ts';
import { type EncoderDecoderModel, loadEncoderDecoder } from '../../models/encoder-decoder-model.ts';
import { Engine } from '../../runtime/engine.ts';
import { PairScorer } from '../score-pairs.ts';
import type { LanguageModel, Outcome } from './language-model.ts';
import { openLocalModel } from './local-model.ts';

const folder = fileURLToPath(new URL('../../../test/golden/encoder-decoders/byt5', import.meta.url));
const engine = new Engine({ threads: 1 });
let local: LanguageModel;
let model: EncoderDecoderModel;
beforeAll(async () => {
  local = await openLocalModel(folder, { threads: 1 });
  model = await loadEncoderDecoder(folder);
});
afterAll(async () => {
  await local.close();
  await engine.close();
});

function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(outcome.failure.reason);
}

const encode = (text: string, addSpecialTokens = true) => model.tokenizer!.encode(text, { addSpecialTokens });

describe('an encoder-decoder that is evaluated', () => {
  it('scores continuations as beginnings of an answer, without the space before and the end behind', async () => {
    const requests = [
      { prompt: 'Did revenue rise? ', continuations: [' yes', 'no', ''] },
      { prompt: 'Short', continuations: ['yes'] },
    ];
    const scores = (await local.scoreContinuations(requests)).map(unwrap);
    const scorer = new PairScorer(engine, model);
    for (const [i, text] of ['yes', 'no'].entries()) {
      const target = encode(text, false);
      const { sum } = await scorer.score({ input: encode('Did revenue rise?'), target });
      expect(scores[0][i].logProbability).toBeCloseTo(sum, 4);
      expect(scores[0][i]).toMatchObject({ tokens: text.length, greedy: false, cleanBorder: true });
    }
    scorer.release();
    expect(scores[0][2]).toMatchObject({ logProbability: 0, tokens: 0 });
    expect(scores[1][0].logProbability).not.toBeCloseTo(scores[0][0].logProbability, 2);
  });

  it('tells a continuation of the likeliest tokens from others', async () => {
    const input = encode('Umsatz');
    const generator = new Seq2SeqGenerator(engine, model.architecture, model.parameters, {
      rows: 1,
      inputLength: input.length,
      maxTokens: 3,
    });
    const [{ ids, logProbability }] = await generator.generate([input]);
    generator.release();
    const scorer = new PairScorer(engine, model);
    const [likeliest, other] = [Array.from(ids), [...ids.subarray(0, 2), (ids[2] + 1) % 384]];
    const [best, worse] = [
      await scorer.scoreBeginning({ input, target: likeliest }),
      await scorer.scoreBeginning({ input, target: other }),
    ];
    scorer.release();
    expect(best.greedy).toBe(true);
    expect(best.sum).toBeCloseTo(logProbability, 3);
    expect(worse.greedy).toBe(false);
    expect(worse.sum).toBeLessThan(best.sum);
  });

  it('answers texts, each as if it were alone, in the order of the requests', async () => {
    const requests = [
      { prompt: 'a longer question than the others are, which has its own length', maxTokens: 8 },
      { prompt: 'Umsatz', maxTokens: 20 },
      { prompt: 'Revenue', maxTokens: 12, temperature: 1, seed: 5 },
      { prompt: 'Gewinn', maxTokens: 8 },
    ];
    const told: number[] = [];
    const together = (await local.answer(requests, { onOutcome: (i) => told.push(i) })).map(unwrap);
    expect(told.toSorted()).toEqual([0, 1, 2, 3]);
    expect(together.map(({ tokens }) => tokens)).toEqual([8, 20, 12, 8]);
    for (const [i, request] of requests.entries()) {
      expect((await local.answer([request])).map(unwrap)).toEqual([together[i]]);
    }
    const generator = new Seq2SeqGenerator(engine, model.architecture, model.parameters, {
      rows: 1,
      inputLength: 7,
      maxTokens: 20,
    });
    const [{ ids }] = await generator.generate([encode('Umsatz')]);
    generator.release();
    expect(together[1].text).toBe(model.tokenizer!.decode(ids, { skipSpecialTokens: true }));
  });

  it('has an outcome for what it cannot do, and goes on with the rest', async () => {
    const narrow = await openLocalModel(folder, { threads: 1, context: 8 });
    const answers = await narrow.answer([
      { prompt: 'more than eight', maxTokens: 1 },
      { prompt: 'few', maxTokens: 2 },
    ]);
    expect(answers.map((one) => (one.ok ? 'ok' : one.failure.kind))).toEqual(['too-long', 'ok']);
    const conversation = [{ role: 'user', content: 'Hello' }];
    await expect(narrow.answer([{ prompt: conversation, maxTokens: 1 }])).rejects.toThrow('no chat template');
    const [text] = await narrow.scoreTexts(['Net income rose.']);
    expect(text).toMatchObject({ ok: false, failure: { reason: expect.stringContaining('whole texts') } });
    expect(narrow.identity).not.toBe(local.identity);
    await narrow.close();
    await expect(openLocalModel(folder, { precision: 'int8' })).rejects.toThrow('int8, of an encoder-decoder');
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const requests = Array.from({ length: 40 }, (_, i) => ({ prompt: `Item ${i}`, maxTokens: 40 }));
    const onOutcome = () => controller.abort();
    await expect(local.answer(requests, { signal: controller.signal, onOutcome })).rejects.toThrow(/abort/i);
  });
});
