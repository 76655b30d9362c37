import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScorableModel, Scorer } from '../eval/score.ts';
import { initModel, loadModel, type Model } from '../models/model.ts';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { type BeamCompletion, type BeamRequest, beamSearch } from './beam-search.ts';
import { PlainCache } from './cache/plain-cache.ts';
import { freeze } from './frozen/freeze.ts';
import type { FrozenModel } from './frozen/frozen-model.ts';
import { Generator } from './generator.ts';

const engine = new Engine({ threads: 2 });
let nano: Model;
let tokenizer: Tokenizer;
let frozen: FrozenModel;

beforeAll(async () => {
  nano = await loadModel(fileURLToPath(new URL('../../assets/nano', import.meta.url)));
  tokenizer = nano.tokenizer!;
  frozen = freeze(engine, nano);
});
afterAll(() => engine.close());

const encode = (text: string) => [...tokenizer.encode(text, { addSpecialTokens: false })];
const prompts = ['The town of', 'Revenue for the quarter rose', 'A recipe for soup begins with', 'Dear'];
const idsOf = ({ tokens }: { readonly tokens: readonly { readonly id: number }[] }) => tokens.map(({ id }) => id);

interface Beam {
  readonly ids: readonly number[];
  readonly sum: number;
}

interface Reference {
  readonly model: ScorableModel;
  /** Tokens among which the likeliest `beams` are, and all of `stopIds` that matter. */
  readonly candidates: (text: readonly number[]) => Promise<readonly number[]>;
}

/**
 * Beam search as it is told: without a cache, every continuation a text of its own for `Scorer`, always to the last
 * token, the answers sorted in the end. It is what a search that stops early only when it is safe must find.
 */
async function obviousSearch({ model, candidates }: Reference, request: BeamRequest): Promise<Beam[]> {
  const { beams, n = 1, maxTokens, lengthPenalty = 1, stopIds = [] } = request;
  const prompt = Array.from(request.prompt);
  const scorer = new Scorer(engine, model);
  const answers: Beam[] = [];
  let live: Beam[] = [{ ids: [], sum: 0 }];
  for (let round = 0; round < maxTokens; round++) {
    const extended: Beam[] = [];
    for (const { ids } of live) {
      for (const id of await candidates([...prompt, ...ids])) {
        const longer = [...ids, id];
        const { logProbabilities } = await scorer.score([...prompt, ...longer]);
        const sum = logProbabilities.slice(prompt.length).reduce<number>((total, value) => total + value!, 0);
        extended.push({ ids: longer, sum });
      }
    }
    extended.sort((a, b) => b.sum - a.sum);
    const ends = ({ ids }: Beam) => stopIds.includes(ids.at(-1)!);
    answers.push(...extended.slice(0, beams).filter(ends));
    live = extended.filter((beam) => !ends(beam)).slice(0, beams);
  }
  scorer.release();
  const score = ({ ids, sum }: Beam) => sum / ids.length ** lengthPenalty;
  return [...answers, ...live].sort((a, b) => score(b) - score(a)).slice(0, n);
}

async function expectReference(found: readonly BeamCompletion[], reference: Reference, request: BeamRequest) {
  const expected = await obviousSearch(reference, request);
  expect(found.map(idsOf)).toEqual(expected.map(({ ids }) => ids));
  found.forEach((completion, i) => {
    expect(Math.abs(completion.logProbability - expected[i].sum)).toBeLessThan(2e-4);
  });
}

const tinySize = { vocabulary: 24, positions: 1024 };
const tinyConfig = {
  model_type: 'llama',
  vocab_size: tinySize.vocabulary,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: tinySize.positions,
  tie_word_embeddings: true,
};
const tiny = initModel(tinyConfig, { seed: 5 });
// Sharper than at the beginning of training, and different for each position.
for (const { weight } of tiny.parameters.values()) for (let i = 0; i < weight.length; i++) weight[i] *= 6;
const everyToken = Array.from({ length: tinySize.vocabulary }, (_, id) => id);
const tinyText = (count: number): number[] => {
  const random = stream(8, 'text');
  return Array.from({ length: count }, () => random.below(tinySize.vocabulary));
};

describe('beamSearch', () => {
  it('finds what scoring every continuation of every beam finds', async () => {
    const tinyFrozen = freeze(engine, tiny);
    const reference = { model: tiny, candidates: async () => everyToken };
    const requests: BeamRequest[] = [
      { prompt: tinyText(9), beams: 4, n: 4, maxTokens: 5, stopIds: [3, 7], earlyStopping: 'never' },
      {
        prompt: tinyText(1),
        beams: 3,
        n: 2,
        maxTokens: 4,
        lengthPenalty: 0.2,
        stopIds: [1, 2, 5],
        earlyStopping: 'never',
      },
      // Two pieces of a prompt.
      { prompt: tinyText(601), beams: 3, n: 3, maxTokens: 3, stopIds: [], earlyStopping: 'never' },
    ];
    let stopped = 0;
    for (const request of requests) {
      const found = await beamSearch(engine, tinyFrozen, tokenizer, request);
      await expectReference(found, reference, request);
      stopped += found.filter(({ finishReason }) => finishReason === 'stop').length;
    }
    expect(stopped).toBeGreaterThan(0);
    tinyFrozen.release();
  });

  it('gives no id that the tokenizer does not spell', async () => {
    const vocabulary = tokenizer.vocabSize + 40;
    const longer = initModel({ ...tinyConfig, vocab_size: vocabulary }, { seed: 3 });
    const { weight } = longer.parameters.get('model.embed_tokens.weight')!;
    // The rows without a token are the loudest by far.
    for (let i = tokenizer.vocabSize * tinyConfig.hidden_size; i < weight.length; i++) weight[i] *= 50;
    const model = freeze(engine, longer);
    const request = { prompt: [5, 6], maxTokens: 6, stopIds: [] };
    const generator = new Generator(engine, model, tokenizer, { slots: 1 });
    const answers = [
      ...(await generator.generate({ ...request, sampling: { temperature: 0 } }).result).completions,
      ...(await beamSearch(engine, model, tokenizer, { ...request, beams: 3, n: 3 })),
    ];
    expect(answers).toHaveLength(4);
    for (const id of answers.flatMap(idsOf)) expect(id).toBeLessThan(tokenizer.vocabSize);
    await generator.close();
    model.release();
  });

  it('finds, on nano, what scoring the likeliest continuations of every beam finds', async () => {
    const generator = new Generator(engine, frozen, tokenizer, { slots: 1 });
    const stopIds = encode('.');
    const candidates = async (prompt: readonly number[]) => {
      const sampling = { temperature: 0, topLogProbabilities: 6 };
      const { completions } = await generator.generate({ prompt, maxTokens: 1, sampling, stopIds: [] }).result;
      return completions[0].tokens[0].top.map(({ id }) => id);
    };
    for (const prompt of prompts.map(encode)) {
      const request = { prompt, beams: 4, n: 4, maxTokens: 8, stopIds, earlyStopping: 'never' } as const;
      const found = await beamSearch(engine, frozen, tokenizer, request);
      await expectReference(found, { model: nano, candidates }, request);
    }
    await generator.close();
  });

  it('tells rank, text, score and end of each answer', async () => {
    const [end] = encode('.');
    const request = { prompt: encode(prompts[1]), beams: 5, n: 5, maxTokens: 30, lengthPenalty: 0.7, stopIds: [end] };
    const found = await beamSearch(engine, frozen, tokenizer, request);
    expect(found).toHaveLength(5);
    expect(new Set(found.map((completion) => String(idsOf(completion)))).size).toBe(5);
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a));
    found.forEach(({ index, text, tokens, finishReason, stoppedBy, logProbability, score }, rank) => {
      expect(index).toBe(rank);
      const sum = tokens.reduce((total, token) => total + token.logProbability!, 0);
      expect(logProbability).toBeCloseTo(sum, 9);
      expect(score).toBeCloseTo(sum / tokens.length ** 0.7, 9);
      const ended = tokens.at(-1)!.id === end;
      expect([finishReason, stoppedBy]).toEqual(ended ? ['stop', end] : ['length', undefined]);
      expect(text).toBe(tokenizer.decode(idsOf({ tokens: ended ? tokens.slice(0, -1) : tokens })));
    });
    expect(found.some(({ finishReason }) => finishReason === 'stop')).toBe(true);
  });

  it('is, with one beam, the generator at temperature 0, to the last bit', async () => {
    const tinyFrozen = freeze(engine, tiny);
    const long = encode(prompts.join(' ').repeat(8)).slice(0, 150);
    const ofNano = [...prompts.map(encode), long, long.slice(0, 1)].map((prompt) => ({ model: frozen, prompt }));
    // Longer than what is read in one step, by one token.
    for (const { model, prompt } of [...ofNano, { model: tinyFrozen, prompt: tinyText(513) }]) {
      const generator = new Generator(engine, model, tokenizer, { slots: 1 });
      const greedy = generator.generate({ prompt, maxTokens: 40, sampling: { temperature: 0 } });
      const [expected] = (await greedy.result).completions;
      const [found] = await beamSearch(engine, model, tokenizer, { prompt, beams: 1, maxTokens: 40 });
      expect(found).toMatchObject(expected);
      await generator.close();
    }
    tinyFrozen.release();
  });

  it('finds likelier answers than one beam does', async () => {
    let gain = 0;
    for (const prompt of prompts.map(encode)) {
      const request = { prompt, maxTokens: 20, lengthPenalty: 0, stopIds: [] };
      const [greedy] = await beamSearch(engine, frozen, tokenizer, { ...request, beams: 1 });
      const [best] = await beamSearch(engine, frozen, tokenizer, { ...request, beams: 8 });
      gain += best.logProbability - greedy.logProbability;
    }
    expect(gain).toBeGreaterThan(1);
  });

  it('gives the same with a cache that is larger and knows the prompt, and gives its places back', async () => {
    const cache = new PlainCache(engine, frozen.decoder, { slots: 9, capacity: 300 });
    const text = encode(prompts.join(' ').repeat(8));
    const holder = cache.open(text)!;
    for (const length of [150, 150, 131, 2]) {
      const request = { prompt: text.slice(0, length), beams: 5, n: 5, maxTokens: 12 };
      const expected = await beamSearch(engine, frozen, tokenizer, request);
      expect(await beamSearch(engine, frozen, tokenizer, { ...request, cache })).toEqual(expected);
      expect(cache.free).toBe(8);
    }
    holder.release();
  });

  it('gives every place back when it is cancelled, at whatever moment', async () => {
    const cache = new PlainCache(engine, frozen.decoder, { slots: 4, capacity: 500 });
    const text = encode(prompts.join(' ').repeat(30)).slice(0, 400);
    const reason = new Error('enough');
    let cancelled = 0;
    for (let delay = 0; delay < 30; delay++) {
      const controller = new AbortController();
      const { signal } = controller;
      const prompt = text.slice(delay % 3 === 0 ? 0 : 395);
      const search = beamSearch(engine, frozen, tokenizer, {
        prompt,
        beams: 4,
        maxTokens: 90,
        stopIds: [],
        cache,
        signal,
      });
      if (delay === 0) controller.abort(reason);
      else setTimeout(() => controller.abort(reason), delay);
      await search.catch((error) => {
        expect(error).toBe(reason);
        cancelled++;
      });
      expect(cache.free).toBe(4);
    }
    expect(cancelled).toBeGreaterThan(20);
    const aborted = beamSearch(engine, frozen, tokenizer, {
      prompt: text,
      beams: 4,
      maxTokens: 4,
      signal: AbortSignal.abort(reason),
    });
    await expect(aborted).rejects.toBe(reason);
  });

  it('gives every place back when the model fails', async () => {
    const parameters = new Map([...tiny.parameters].map(([name, { weight }]) => [name, { weight: weight.slice() }]));
    parameters.get('model.norm.weight')!.weight[0] = Number.NaN;
    const broken = freeze(engine, { decoder: tiny.decoder, parameters });
    const cache = new PlainCache(engine, tiny.decoder, { slots: 2, capacity: 32 });
    const search = beamSearch(engine, broken, tokenizer, { prompt: [1, 2], beams: 2, maxTokens: 3, cache });
    await expect(search).rejects.toThrow(/^logits: found NaN/);
    expect(cache.free).toBe(2);
    broken.release();
  });

  it.each([
    ['no prompt', { prompt: [] }, 'prompt: found no tokens'],
    ['a token that is none', { prompt: [4096] }, 'prompt, token 0: found id 4096'],
    ['a prompt without room', { prompt: Array(512).fill(5) }, 'prompt: found 512 tokens, expected at most 511'],
    [
      'too long an answer',
      { maxTokens: 511 },
      'maxTokens: found 2 tokens and 511 for the answer, expected at most 512',
    ],
    ['no answer', { maxTokens: 0 }, 'maxTokens: found 0'],
    ['no beam', { beams: 0 }, 'beams: found 0, expected an integer from 1 to 1024'],
    ['half a beam', { beams: 1.5 }, 'beams: found 1.5'],
    ['a billion beams', { beams: 2 ** 30 }, 'beams: found 1073741824'],
    ['more answers than beams', { beams: 2, n: 3 }, 'n: found 3, expected an integer from 1 to 2'],
    ['a penalty that is no number', { lengthPenalty: Number.NaN }, 'lengthPenalty: found NaN'],
    ['an end that is no token', { stopIds: [4096] }, 'found 4096'],
    ...['sampling', 'repetitionPenalty', 'frequencyPenalty', 'temperature', 'stop', 'constraint', 'toString'].map(
      (name) => [`the field ${name}`, { [name]: 1.2 }, `${name}: found a field that beam search does not have`],
    ),
  ] as [string, Partial<BeamRequest>, string][])('refuses %s', async (_, change, message) => {
    const search = beamSearch(engine, frozen, tokenizer, { prompt: [5, 6], beams: 3, maxTokens: 4, ...change });
    await expect(search).rejects.toThrow(message);
  });

  it('refuses more beams than the cache has places for', async () => {
    const cache = new PlainCache(engine, frozen.decoder, { slots: 3, capacity: 32 });
    const holder = cache.open([1])!;
    const search = beamSearch(engine, frozen, tokenizer, { prompt: [5, 6], beams: 3, maxTokens: 4, cache });
    await expect(search).rejects.toThrow('beams: found 3, expected an integer from 1 to 2');
    holder.release();
  });
});
