/** Generation with windows, over texts that are longer than windows and cells. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scorer } from '../eval/score.ts';
import { initModel } from '../models/model.ts';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import { loadTokenizer } from '../tokenizer/load.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { ContinuationScorer } from './continuation-scorer.ts';
import { type FreezableModel, freeze } from './frozen/freeze.ts';
import type { FrozenModel } from './frozen/frozen-model.ts';
import { Generator, type GeneratorOptions } from './generator.ts';
import type { GenerationRequest } from './request.ts';

const engine = new Engine({ threads: 2 });
let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await loadTokenizer(fileURLToPath(new URL('../../assets/nano', import.meta.url)));
});
afterAll(() => engine.close());

const shared = {
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 16,
  max_position_embeddings: 4096,
};
/** Of each the layers attend otherwise: all with a window; in turn; in turn, with a cap, which the runtime computes in another way. */
const configs = {
  mistral: { ...shared, model_type: 'mistral', sliding_window: 300 },
  gemma3: {
    ...shared,
    model_type: 'gemma3_text',
    query_pre_attn_scalar: 16,
    sliding_window: 90,
    sliding_window_pattern: 2,
  },
  gemma2: { ...shared, model_type: 'gemma2', query_pre_attn_scalar: 16, sliding_window: 200 },
};

function randomModel(config: Record<string, unknown>): FreezableModel {
  const model = initModel({ ...config, vocab_size: tokenizer.vocabSize }, { seed: 3 });
  for (const { name, weight } of model.parameters.values()) {
    const noise = stream(4, name);
    for (let i = 0; i < weight.length; i++) weight[i] += (weight.length < 100 ? 0.2 : 0.1) * noise.normal();
  }
  return model;
}

const randomIds = (count: number, seed: number): number[] => {
  const random = stream(seed, 'ids');
  return Array.from({ length: count }, () => 300 + random.below(500));
};

describe.each(Object.entries(configs))('%s', (_, config) => {
  let model: FreezableModel;
  let frozen: FrozenModel;
  beforeAll(() => {
    model = randomModel(config);
    frozen = freeze(engine, model);
  });

  const make = (options: GeneratorOptions = {}, other = frozen) =>
    new Generator(engine, other, tokenizer, { slots: 3, capacity: 2600, rewind: 200, ...options });
  async function answer(request: GenerationRequest, generator = make()) {
    try {
      return await generator.generate(request).result;
    } finally {
      await generator.close();
    }
  }

  it('gives prompts and answers the log-probabilities of the training segments', async () => {
    const prompt = randomIds(1500, 1);
    const scorer = new Scorer(engine, model);
    const request = { prompt, maxTokens: 90, stopIds: [], sampling: { seed: 2 }, promptLogProbabilities: true };
    const { completions, promptTokens } = await answer(request);
    const [{ tokens }] = completions;
    const { logProbabilities } = await scorer.score([...prompt, ...tokens.map(({ id }) => id)]);
    const told = [...promptTokens!, ...tokens].map((token) => token?.logProbability ?? null);
    told.forEach((value, place) => {
      if (place > 0) expect(Math.abs(value! - logProbabilities[place]!), `token ${place}`).toBeLessThan(1e-4);
    });
    scorer.release();
  });

  it.each(['f32', 'int8'] as const)('gives the same bits alone and among others, in %s', async (precision) => {
    const other = precision === 'f32' ? frozen : freeze(engine, model, { precision });
    const random = stream(6, 'requests');
    const requests = Array.from({ length: 6 }, (_, seed): GenerationRequest => {
      const prompt = randomIds([500, 511, 1020, 2000, 65, 1100][seed], seed);
      return { prompt, maxTokens: 40 + random.below(60), sampling: { seed }, stopIds: [], n: 1 + (seed % 2) };
    });
    const together = make({}, other);
    const results = await Promise.all(requests.map((request) => together.generate(request).result));
    await together.close();
    for (const [i, request] of requests.entries()) {
      expect(await answer(request, make({ slots: request.n }, other)), `request ${i}`).toEqual(results[i]);
    }
    if (other !== frozen) other.release();
  });

  it.each([512, 513, 576, 1025, 1027, 1300])(
    'gives the same bits to %i tokens of prompt, however they are cut',
    async (count) => {
      const prompt = randomIds(count, 8);
      const request = { prompt, maxTokens: 3, sampling: { seed: 5 }, stopIds: [] };
      const generator = make();
      const plain = await generator.generate(request).result;
      const { completions } = await generator.generate({ ...request, promptLogProbabilities: true }).result;
      expect(completions).toEqual(plain.completions);
      const others = [1, 2].map((seed) => generator.generate({ ...request, maxTokens: 20, sampling: { seed } }));
      expect(await generator.generate(request).result).toEqual(plain);
      await Promise.all(others.map(({ result }) => result));
      await generator.close();
    },
  );

  it('goes on from a beginning that is known, or reads it again, with the same bits', async () => {
    const beginning = randomIds(1400, 9);
    const requests = [1, 2, 3].map((seed) => ({
      prompt: [...beginning.slice(0, 1400 - 500 * (seed - 1)), ...randomIds(30, 100 + seed)],
      maxTokens: 10,
      sampling: { seed },
      stopIds: [],
    }));
    const generator = make({ slots: 1 });
    for (const request of [...requests, ...requests.reverse()]) {
      expect(await generator.generate(request).result).toEqual(await answer(request));
    }
    await generator.close();
  });

  it('scores continuations as it would alone, in whatever order', async () => {
    const page = randomIds(1300, 20);
    const questions = [0, 1, 2].map((i) => ({
      prompt: [...page, ...randomIds(40 + 300 * i, 30 + i)],
      continuations: [randomIds(600, 40), randomIds(3, 41)],
    }));
    const scoresOf = async (asked: typeof questions) => {
      const scorer = new ContinuationScorer(engine, frozen, 3000);
      const found: unknown[] = [];
      await scorer.score(asked, { onScored: (question, scores) => (found[question] = scores) });
      return found;
    };
    const together = await scoresOf(questions);
    for (const [i, question] of questions.entries()) expect(await scoresOf([question])).toEqual([together[i]]);
  });
});
