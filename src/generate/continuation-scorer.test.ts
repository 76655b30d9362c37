import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scorer } from '../eval/score.ts';
import { loadModel, type Model } from '../models/model.ts';
import { type RandomStream, stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import { ContinuationScorer, type ScorableQuestion, type ScoredContinuation } from './continuation-scorer.ts';
import { freeze } from './frozen/freeze.ts';
import type { FrozenModel } from './frozen/frozen-model.ts';

const engine = new Engine({ threads: 2 });
let model: Model;
let frozen: FrozenModel;

beforeAll(async () => {
  model = await loadModel(fileURLToPath(new URL('../../assets/nano', import.meta.url)));
  frozen = freeze(engine, model);
});
afterAll(() => engine.close());

const someIds = (random: RandomStream, length: number) => Array.from({ length }, () => 300 + random.below(3000));

async function scored(questions: readonly ScorableQuestion[], { capacity = 512, model = frozen } = {}) {
  const scorer = new ContinuationScorer(engine, model, capacity);
  const scores: (readonly ScoredContinuation[])[] = [];
  await scorer.score(questions, {
    onScored: (i, found) => {
      scores[i] = found;
    },
  });
  return scores;
}

/** Each continuation by itself, on the path of training. */
async function reference(questions: readonly ScorableQuestion[]): Promise<number[][]> {
  const scorer = new Scorer(engine, model);
  const all: number[][] = [];
  for (const { prompt, continuations } of questions) {
    const sums: number[] = [];
    for (const ids of continuations) {
      const { logProbabilities } = await scorer.score([...prompt, ...ids]);
      sums.push(logProbabilities.slice(prompt.length).reduce((sum: number, value) => sum + value!, 0));
    }
    all.push(sums);
  }
  scorer.release();
  return all;
}

function worstError(scores: readonly (readonly ScoredContinuation[])[], expected: readonly (readonly number[])[]) {
  const errors = expected.flatMap((sums, q) => sums.map((sum, i) => Math.abs(scores[q][i].logProbability - sum)));
  return Math.max(...errors);
}

/** Questions of all kinds: short, long, with a common beginning, with the same prompt, with long and empty options. */
function mixedQuestions(): ScorableQuestion[] {
  const random = stream(7, 'questions');
  const page = someIds(random, 150);
  const prompts = [1, 2, 5, 31, 32, 33, 34, 64, 65, 97, 130, 161, 400].map((length) => someIds(random, length));
  for (let i = 0; i < 5; i++) prompts.push([...page, ...someIds(random, 3 + 7 * i)]);
  prompts.push(prompts[4], page);
  return prompts.map((prompt, i) => ({
    prompt,
    continuations: [0, 1, 1, 2, 1 + (i % 5), i % 7 === 0 ? 100 : 3].map((length) => someIds(random, length)),
  }));
}

describe('ContinuationScorer', () => {
  it('gives what training gives for each continuation alone', async () => {
    const questions = mixedQuestions();
    expect(worstError(await scored(questions), await reference(questions))).toBeLessThan(1e-3);
  });

  it('gives the same bits alone and among others', async () => {
    const questions = mixedQuestions();
    const together = await scored(questions);
    for (const [i, question] of questions.entries()) expect((await scored([question]))[0]).toEqual(together[i]);
  });

  it('knows a continuation of the likeliest tokens', async () => {
    const prompt = someIds(stream(3, 'greedy'), 20);
    const candidates = Array.from({ length: model.decoder.sizes.vocabulary }, (_, id) => [id]);
    const [first] = await scored([{ prompt, continuations: candidates }]);
    const best = first.findIndex(({ greedy }) => greedy);
    expect(first.filter(({ greedy }) => greedy)).toHaveLength(1);
    expect(first[best].logProbability).toBe(Math.max(...first.map(({ logProbability }) => logProbability)));
    const [second] = await scored([{ prompt: [...prompt, best], continuations: candidates }]);
    const next = second.findIndex(({ greedy }) => greedy);
    const [[both, wrongEnd]] = await scored([
      {
        prompt,
        continuations: [
          [best, next],
          [best, (next + 1) % 4096],
        ],
      },
    ]);
    expect(both.greedy).toBe(true);
    expect(wrongEnd.greedy).toBe(false);
    // Probabilities of all tokens add up to 1.
    expect(first.reduce((sum, { logProbability }) => sum + Math.exp(logProbability), 0)).toBeCloseTo(1, 5);
  });

  it('reads a beginning that prompts share once', async () => {
    const random = stream(5, 'shared');
    const page = someIds(random, 320);
    const questions = Array.from({ length: 12 }, () => ({
      prompt: [...page, ...someIds(random, 10)],
      continuations: [someIds(random, 1), someIds(random, 4)],
    }));
    let tokens = 0;
    const counting = Object.create(frozen, {
      prepare: {
        value: (...given: Parameters<FrozenModel['prepare']>) => {
          tokens += given[0].sequences.length * given[1].length;
          return frozen.prepare(...given);
        },
      },
    }) as FrozenModel;
    const scores = await scored(questions, { model: counting });
    expect(worstError(scores, await reference(questions))).toBeLessThan(1e-3);
    // The page, then for each question what the cache's last whole block leaves over, and its longer option.
    expect(tokens).toBeLessThan(320 + 12 * (10 + 32 + 3));
  });

  it('fills the capacity exactly, and knows what is too long for it', async () => {
    const random = stream(9, 'room');
    const question = { prompt: someIds(random, 44), continuations: [someIds(random, 1), someIds(random, 5)] };
    expect(ContinuationScorer.tokensOf(question)).toBe(48);
    const [scores] = await scored([question], { capacity: 48 });
    expect(worstError([scores], await reference([question]))).toBeLessThan(1e-3);
    await expect(scored([question], { capacity: 47 })).rejects.toThrow(/found 48 tokens, expected at most 47/);
  });

  it('stops between steps', async () => {
    const controller = new AbortController();
    const scorer = new ContinuationScorer(engine, frozen, 512);
    const questions = mixedQuestions();
    let done = 0;
    const onScored = () => {
      done++;
      controller.abort();
    };
    await expect(scorer.score(questions, { signal: controller.signal, onScored })).rejects.toThrow(/abort/i);
    expect(done).toBeLessThan(questions.length);
    // The place came back.
    await scorer.score(questions);
  });
});
