import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Scorer } from '../eval/score.ts';
import { loadModel, type Model } from '../models/model.ts';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { PlainCache } from './cache/plain-cache.ts';
import { regexConstraint } from './constraints/regex-constraint.ts';
import { freeze } from './frozen/freeze.ts';
import type { FrozenModel } from './frozen/frozen-model.ts';
import { Generator, type GeneratorOptions } from './generator.ts';
import type { GenerationRequest, GenerationResult } from './request.ts';
import type { DecodingTool } from './tools/decoding-tool.ts';

const engine = new Engine({ threads: 2 });
let model: Model;
let tokenizer: Tokenizer;
let frozen: FrozenModel;

beforeAll(async () => {
  model = await loadModel(fileURLToPath(new URL('../../assets/nano', import.meta.url)));
  tokenizer = model.tokenizer!;
  frozen = freeze(engine, model);
});
afterAll(() => engine.close());

const encode = (text: string) => [...tokenizer.encode(text, { addSpecialTokens: false })];
const makeGenerator = (options: GeneratorOptions = {}, model = frozen) =>
  new Generator(engine, model, tokenizer, { slots: 4, capacity: 256, ...options });
const idsOf = ({ completions }: GenerationResult) => completions.map(({ tokens }) => tokens.map(({ id }) => id));

async function answer(
  request: GenerationRequest,
  options?: GeneratorOptions,
  model = frozen,
): Promise<GenerationResult> {
  const generator = makeGenerator(options, model);
  const { result } = generator.generate(request);
  try {
    return await result;
  } finally {
    await generator.close();
  }
}

const prompts = ['The town of', 'Revenue for the quarter rose', 'A recipe for soup begins with', 'Dear'];

describe('Generator', () => {
  it('takes the likeliest tokens at temperature 0', async () => {
    const prompt = encode(prompts[0]);
    const request = { prompt, maxTokens: 12, sampling: { temperature: 0, topLogProbabilities: 1 } };
    const [completion] = (await answer(request)).completions;
    expect(completion.finishReason).toBe('length');
    expect(completion.tokens).toHaveLength(12);
    for (const { id, top } of completion.tokens) expect(top[0].id).toBe(id);
    expect(completion.text).toBe(tokenizer.decode(completion.tokens.map(({ id }) => id)));
  });

  it('tells the log-probabilities that scoring the same ids gives, of answer and prompt', async () => {
    const scorer = new Scorer(engine, model);
    for (const [i, text] of prompts.entries()) {
      const prompt = encode(text);
      const sampling = { seed: i, temperature: 1.3, repetitionPenalty: 1.2, topK: 50 };
      const result = await answer({ prompt, maxTokens: 40, n: 2, sampling, promptLogProbabilities: true });
      for (const { tokens } of result.completions) {
        const { logProbabilities } = await scorer.score([...prompt, ...tokens.map(({ id }) => id)]);
        const told = [...result.promptTokens!, ...tokens].map((token) => token?.logProbability ?? null);
        expect(told).toHaveLength(logProbabilities.length);
        told.forEach((value, place) => {
          if (place === 0) expect(value).toBeNull();
          else expect(Math.abs(value! - logProbabilities[place]!)).toBeLessThan(1e-4);
        });
      }
    }
    scorer.release();
  });

  describe.each(['f32', 'int8', 'int4'] as const)('in %s', (precision) => {
    let quantized: FrozenModel;
    beforeAll(() => {
      quantized = precision === 'f32' ? frozen : freeze(engine, model, { precision });
    });
    const make = (options: GeneratorOptions = {}) => makeGenerator(options, quantized);
    const alone = (request: GenerationRequest, options?: GeneratorOptions) => answer(request, options, quantized);

    it('gives a request the same tokens alone and among others', async () => {
      const random = stream(11, 'requests');
      const text = encode(prompts.join(' ').repeat(6));
      const requests = Array.from({ length: 14 }, (_, seed): GenerationRequest => {
        const start = random.below(40);
        return {
          prompt: text.slice(start, start + 1 + random.below(130)),
          maxTokens: 1 + random.below(30),
          n: 1 + random.below(3),
          sampling: { seed, temperature: 0.5 + random.float() },
          stopIds: [],
        };
      });
      const together = make();
      const results = await Promise.all(requests.map((request) => together.generate(request).result));
      await together.close();
      for (const [i, request] of requests.entries()) {
        const single = await alone(request, { slots: request.n });
        expect(single, `request ${i}`).toEqual(results[i]);
      }
      // What the test rests on: another seed gives other tokens.
      const other = await alone({ ...requests[3], sampling: { ...requests[3].sampling, seed: 99 } });
      expect(idsOf(other)).not.toEqual(idsOf(results[3]));
    });

    it.each([65, 66, 97, 129, 130, 161, 193])(
      'gives the same bits to %i tokens of prompt, however they are cut',
      async (count) => {
        const prompt = encode(prompts.join(' ').repeat(8)).slice(0, count);
        const request = { prompt, maxTokens: 3, sampling: { seed: 5 }, stopIds: [] };
        const generator = make({ slots: 3 });
        const plain = await generator.generate(request).result;
        const { completions } = await generator.generate({ ...request, promptLogProbabilities: true }).result;
        expect(completions).toEqual(plain.completions);
        // Its first blocks are known now, and others are answering meanwhile.
        const others = [1, 2].map((seed) => generator.generate({ ...request, maxTokens: 20, sampling: { seed } }));
        expect(await generator.generate(request).result).toEqual(plain);
        await Promise.all(others.map(({ result }) => result));
        await generator.close();
      },
    );

    it('gives the same tokens whether or not the beginning of the prompt was known', async () => {
      const long = encode(prompts.join(' ').repeat(5)).slice(0, 150);
      const generator = make({ slots: 2 });
      const request = { prompt: long, maxTokens: 20, sampling: { seed: 5 } };
      const first = await generator.generate({ ...request, prompt: long.slice(0, 140) }).result;
      const second = await generator.generate(request).result;
      const third = await generator.generate({ ...request, prompt: long.slice(0, 140) }).result;
      await generator.close();
      expect(second).toEqual(await alone(request));
      expect(third).toEqual(first);
    });

    it('gives the same bits to a prompt that repeats an earlier answer, whose keys were computed one by one', async () => {
      const generator = make({ slots: 1 });
      const first = { prompt: encode(prompts.join(' ').repeat(3)).slice(0, 40), sampling: { seed: 8 }, stopIds: [] };
      const [earlier] = idsOf(await generator.generate({ ...first, maxTokens: 120 }).result);
      const next = { ...first, prompt: [...first.prompt, ...earlier], maxTokens: 10 };
      expect(await generator.generate(next).result).toEqual(await alone(next));
      await generator.close();
    });
  });

  it('draws n different answers that a single answer with the same seed begins', async () => {
    const request = { prompt: encode(prompts[1]), maxTokens: 15, sampling: { seed: 3 } };
    const several = idsOf(await answer({ ...request, n: 4 }));
    expect(new Set(several.map(String)).size).toBe(4);
    expect(idsOf(await answer(request))[0]).toEqual(several[0]);
  });

  it('streams pieces that add up to the answer', async () => {
    const generator = makeGenerator();
    const generation = generator.generate({ prompt: encode(prompts[2]), maxTokens: 30, n: 2, sampling: { seed: 1 } });
    const texts = ['', ''];
    const ends: unknown[] = [];
    for await (const { index, text, finishReason } of generation) {
      texts[index] += text;
      if (finishReason) ends[index] = finishReason;
    }
    const { completions } = await generation.result;
    expect(completions.map(({ text }) => text)).toEqual(texts);
    expect(completions.map(({ finishReason }) => finishReason)).toEqual(ends);
    await generator.close();
  });

  it('ends at stop strings and stop tokens', async () => {
    const request = { prompt: encode(prompts[0]), maxTokens: 60, sampling: { temperature: 0 }, stopIds: [] };
    const [free] = (await answer(request)).completions;
    const cut = free.text.slice(20, 25);
    const [stopped] = (await answer({ ...request, stop: ['never comes', cut] })).completions;
    expect(stopped).toMatchObject({
      finishReason: 'stop',
      stoppedBy: cut,
      text: free.text.slice(0, free.text.indexOf(cut)),
    });
    const [byToken] = (await answer({ ...request, stopIds: [free.tokens[7].id] })).completions;
    expect(byToken).toMatchObject({ finishReason: 'stop', stoppedBy: free.tokens[7].id });
    expect(byToken.tokens.length).toBeLessThanOrEqual(8);
  });

  it('keeps to a constraint, and ends when it is met', async () => {
    const constraint = regexConstraint('[A-Z]{2,4} (rose|fell) [0-9]{1,2}\\.[0-9]%', tokenizer);
    const sampling = { seed: 2, temperature: 1.5 };
    const { completions } = await answer({ prompt: encode(prompts[1]), n: 4, constraint, sampling });
    for (const { text, finishReason } of completions) {
      expect(text).toMatch(/^[A-Z]{2,4} (rose|fell) [0-9]{1,2}\.[0-9]%$/);
      expect(finishReason).toBe('stop');
    }
  });

  it('answers with an adapter as with its update in the weights', async () => {
    const name = 'model.layers.2.self_attn.q_proj.weight';
    const { weight, shape } = model.parameters.get(name)!;
    const [out, input] = shape;
    const noise = stream(4, 'adapter');
    const draw = (length: number) => Float32Array.from({ length }, () => noise.normal());
    const update = { a: draw(input), b: draw(out), rank: 1, scale: 0.3 };
    const merged = weight.map(
      (value, i) => value + update.scale * update.b[Math.floor(i / input)] * update.a[i % input],
    );
    const parameters = new Map<string, { readonly weight: Float32Array }>(model.parameters).set(name, {
      weight: merged,
    });
    const request = { prompt: encode(prompts[1]), maxTokens: 20, n: 2, promptLogProbabilities: true };
    const adaptable = freeze(engine, model, { adapters: true });
    const adapter = adaptable.adapter(new Map([[name, update]]));
    const { completions, promptTokens } = await answer(request, { adapter }, adaptable);
    const plain = await answer(request, {}, adaptable);
    expect(() => makeGenerator({ adapter })).toThrow('frozen without');
    adapter.release();
    adaptable.release();

    const scorer = new Scorer(engine, { decoder: model.decoder, parameters });
    for (const { tokens } of completions) {
      const { logProbabilities } = await scorer.score([...request.prompt, ...tokens.map(({ id }) => id)]);
      const told = [...promptTokens!, ...tokens].slice(1).map((token) => token!.logProbability!);
      told.forEach((value, i) => {
        expect(Math.abs(value - logProbabilities[i + 1]!)).toBeLessThan(1e-4);
      });
    }
    scorer.release();
    expect(promptTokens!.at(-1)!.logProbability).not.toBeCloseTo(plain.promptTokens!.at(-1)!.logProbability, 2);
  });

  describe('with tools', () => {
    const echo = (answer: string | Promise<string>): DecodingTool => ({
      name: 'echo',
      trigger: { open: 'the', close: ' ' },
      frame: { after: ']' },
      run: () => answer,
    });
    const request = () => ({ prompt: encode(prompts[0]), maxTokens: 40, sampling: { temperature: 0 }, stopIds: [] });

    it('inserts what a tool says, marked, and goes on as if it had stood there', async () => {
      const [{ tokens, text }] = (await answer({ ...request(), tools: [echo('42')] })).completions;
      expect(text).toMatch(/the\S* 42\]/);
      expect(text).toBe(tokenizer.decode(tokens.map(({ id }) => id)));
      const first = tokens.findIndex(({ sampled }) => !sampled);
      const last = tokens.findIndex(({ sampled }, i) => i > first && sampled);
      expect(last).toBeGreaterThan(first);
      for (const { sampled, logProbability } of tokens) expect(logProbability === null).toBe(!sampled);
      // The next choice is that of a prompt which contains the insertion.
      const prefix = [...request().prompt, ...tokens.slice(0, last).map(({ id }) => id)];
      const [next] = (await answer({ ...request(), prompt: prefix, maxTokens: 1 })).completions;
      expect(next.tokens[0].id).toBe(tokens[last].id);
      expect(Math.abs(next.tokens[0].logProbability! - tokens[last].logProbability!)).toBeLessThan(1e-4);
    });

    it('lets others go on while a tool is slow, and stops waiting for it when cancelled', async () => {
      const generator = makeGenerator();
      const controller = new AbortController();
      const never = echo(new Promise(() => {}));
      const slow = generator.generate({ ...request(), tools: [never], signal: controller.signal });
      for await (const _ of generator.generate({ ...request(), maxTokens: 40 })) {
        // Reading on while the other waits.
      }
      expect(generator.load.running).toBe(1);
      controller.abort(new Error('enough'));
      await expect(slow.result).rejects.toThrow('enough');
      expect(generator.load.running).toBe(0);
      await generator.close();
    });

    it('lets an insertion end the answer when it is full', async () => {
      const [{ tokens, finishReason }] = (await answer({ ...request(), tools: [echo('4'.repeat(200))] })).completions;
      expect(tokens).toHaveLength(40);
      expect(finishReason).toBe('length');
    });
  });

  it('gives every place back after a thousand requests that were cancelled at any moment', async () => {
    const cache = new PlainCache(engine, frozen.decoder, { slots: 4, capacity: 256 });
    const generator = makeGenerator({ cache });
    const random = stream(4, 'cancel');
    const text = encode(prompts.join(' ').repeat(6));
    let cancelled = 0;
    const one = async (i: number) => {
      const controller = new AbortController();
      const prompt = text.slice(0, 1 + random.below(180));
      const generation = generator.generate({
        prompt,
        n: 1 + random.below(3),
        signal: controller.signal,
        maxTokens: 60,
      });
      if (i % 3 === 0) controller.abort(new Error('enough'));
      else if (i % 3 === 1) setTimeout(() => controller.abort(new Error('enough')), random.below(25));
      else for await (const _ of generation) if (random.below(3) === 0) break;
      await generation.result.catch(() => cancelled++);
    };
    for (let start = 0; start < 1000; start += 25) {
      await Promise.all(Array.from({ length: 25 }, (_, i) => one(start + i)));
    }
    expect(cancelled).toBeGreaterThan(900);
    expect(generator.load).toEqual({ waiting: 0, running: 0 });
    expect(cache.free).toBe(4);
    await generator.close();
  }, 60_000);

  it('waits for places that somebody else holds, with the thread free', async () => {
    const cache = new PlainCache(engine, frozen.decoder, { slots: 1, capacity: 256 });
    const held = cache.open([1])!;
    const generator = makeGenerator({ cache });
    const { result } = generator.generate({ prompt: encode(prompts[0]), maxTokens: 3, stopIds: [] });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(generator.load).toEqual({ waiting: 1, running: 0 });
    held.release();
    expect((await result).completions[0].tokens).toHaveLength(3);
    await generator.close();
  });

  it('refuses only the request whose places somebody else has taken since', async () => {
    const cache = new PlainCache(engine, frozen.decoder, { slots: 4, capacity: 256 });
    const generator = makeGenerator({ cache });
    const other = generator.generate({ prompt: encode(prompts[0]), maxTokens: 10, stopIds: [] });
    const several = generator.generate({ prompt: Array(200).fill(60), n: 3, maxTokens: 2 });
    while (generator.load.waiting > 0) await new Promise(setImmediate);
    const taken = [cache.open([5])!, cache.open([5])!];
    await expect(several.result).rejects.toThrow('places for 3 answers');
    expect((await other.result).completions[0].tokens).toHaveLength(10);
    for (const sequence of taken) sequence.release();
    await generator.close();
    expect(cache.free).toBe(4);
  });

  it('leaves the thread free while it runs', async () => {
    const generator = makeGenerator({ slots: 4 });
    const { result } = generator.generate({ prompt: encode(prompts[0]), maxTokens: 200, n: 4, stopIds: [] });
    const started = performance.now();
    let [last, longest] = [started, 0];
    const look = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    };
    const timer = setInterval(look, 1);
    await result;
    clearInterval(timer);
    // The last gap counts too: the only one there is, where no timer ever got its turn.
    look();
    expect(longest).toBeLessThan((last - started) / 4);
    await generator.close();
  });

  it.each([
    [{ prompt: [] }, 'found no tokens'],
    [{ prompt: [4096] }, 'found id 4096'],
    [{ prompt: Array(256).fill(5) }, 'found 256 tokens, expected at most 255 in all'],
    [{ prompt: [5, 6], maxTokens: 255 }, 'found 2 tokens and 255 for the answer, expected at most 256 in all'],
    [{ prompt: [5], n: 5 }, 'an integer from 1 to 4'],
    [{ prompt: [5], maxTokens: 0 }, 'an integer from 1 to 256'],
    [{ prompt: [5], sampling: { topP: 2 } }, 'topP'],
    [{ prompt: [5], temperature: 0 }, 'temperature: found a field that a request does not have'],
    [{ prompt: [5], sampling: { temprature: 0 } }, 'temprature: found a field that sampling does not have'],
  ] as [GenerationRequest, string][])('refuses %j', async (request, message) => {
    await expect(answer(request)).rejects.toThrow(message);
  });
});
