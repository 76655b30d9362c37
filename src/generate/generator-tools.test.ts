import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { InputError } from '../errors.ts';
import { loadModel } from '../models/model.ts';
import { Engine } from '../runtime/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { PlainCache } from './cache/plain-cache.ts';
import { freeze } from './frozen/freeze.ts';
import { type FrozenModel, FrozenStep } from './frozen/frozen-model.ts';
import type { Generation } from './generation.ts';
import { Generator, type GeneratorOptions } from './generator.ts';
import type { Completion, GenerationRequest } from './request.ts';
import type { DecodingTool } from './tools/decoding-tool.ts';

const engine = new Engine({ threads: 2 });
let tokenizer: Tokenizer;
let frozen: FrozenModel;
/** What the model says by itself. */
let free: Completion;

beforeAll(async () => {
  const model = await loadModel(fileURLToPath(new URL('../../assets/nano', import.meta.url)));
  tokenizer = model.tokenizer!;
  frozen = freeze(engine, model);
  [free] = await answersTo(request());
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => engine.close());

const encode = (text: string) => [...tokenizer.encode(text, { addSpecialTokens: false })];
const idsOf = ({ tokens }: Completion) => tokens.map(({ id }) => id);
const makeGenerator = (options: GeneratorOptions = {}, spelling = tokenizer) =>
  new Generator(engine, frozen, spelling, { slots: 4, capacity: 256, ...options });

const request = (): GenerationRequest => ({
  prompt: encode('The town of'),
  maxTokens: 40,
  sampling: { temperature: 0 },
  stopIds: [],
});

async function answersTo(asked: GenerationRequest, spelling = tokenizer): Promise<readonly Completion[]> {
  const generator = makeGenerator({}, spelling);
  try {
    return (await generator.generate(asked).result).completions;
  } finally {
    await generator.close();
  }
}

const echo = (answer: string, trigger = { open: 'the', close: ' ' }): DecodingTool => ({
  name: 'echo',
  trigger,
  run: () => answer,
});

/** Does something while the next step of any model is under way. */
function duringNextStep(action: () => void): void {
  const { run } = FrozenStep.prototype;
  vi.spyOn(FrozenStep.prototype, 'run').mockImplementationOnce(function (this: FrozenStep, ...step) {
    const running = run.apply(this, step);
    action();
    return running;
  });
}

/** Steps that are given back while they run: memory that the runtime still writes to. */
function stepsReleasedUnderWay(): readonly FrozenStep[] {
  const { run, release } = FrozenStep.prototype;
  const running = new Set<FrozenStep>();
  const released: FrozenStep[] = [];
  vi.spyOn(FrozenStep.prototype, 'run').mockImplementation(async function (this: FrozenStep, ...step) {
    running.add(this);
    await run.apply(this, step).finally(() => running.delete(this));
  });
  vi.spyOn(FrozenStep.prototype, 'release').mockImplementation(function (this: FrozenStep) {
    if (running.has(this)) released.push(this);
    release.apply(this);
  });
  return released;
}

describe('a text that cannot be inserted', () => {
  /** Of a vocabulary without the sign. */
  const withoutSign = (error: Error): Tokenizer => ({
    ...tokenizer,
    encode: (text, options) => {
      if (text.includes('§')) throw error;
      return tokenizer.encode(text, options);
    },
  });
  const unspelled = new InputError({ field: 'text', found: '§', expected: 'known characters', fix: 'Leave it out.' });

  it.each([unspelled, new Error('broken')])('ends its own request only: %s', async (error) => {
    const generator = makeGenerator({}, withoutSign(error));
    const others = [1, 2].map(() => generator.generate(request()));
    const failing = generator.generate({ ...request(), tools: [echo('§ 5')] });
    const calling = generator.generate({ ...request(), tools: [echo('42')] });
    await expect(failing.result).rejects.toBe(error);
    for (const { result } of others) expect((await result).completions).toEqual([free]);
    expect((await calling.result).completions).toEqual(await answersTo({ ...request(), tools: [echo('42')] }));
    expect(generator.load).toEqual({ waiting: 0, running: 0 });
    await generator.close();
  });

  it.each(['written', 'read'])('does not touch what another answer to the request is being %s', async (what) => {
    const cache = new PlainCache(engine, frozen.decoder, { slots: 4, capacity: 256 });
    const generator = makeGenerator({ cache }, withoutSign(unspelled));
    const released = stepsReleasedUnderWay();
    const bystander = generator.generate(request());
    const answers: ((text: string) => void)[] = [];
    const tool: DecodingTool = {
      ...echo('', what === 'written' ? { open: 'Hill', close: '.' } : undefined),
      run: () =>
        new Promise((resolve) => {
          answers.push(resolve);
          // Only the first of two different answers calls.
          if (what === 'written') duringNextStep(() => resolve('§'));
          else if (answers.length === 2) {
            answers[0]('42');
            duringNextStep(() => duringNextStep(() => resolve('§')));
          }
        }),
    };
    const sampling = what === 'written' ? { seed: 1 } : { temperature: 0 };
    const failing = generator.generate({ ...request(), n: 2, tools: [tool], sampling });
    await expect(failing.result).rejects.toBe(unspelled);
    expect((await bystander.result).completions).toEqual([free]);
    expect(released).toEqual([]);
    expect(cache.free).toBe(4);
    await generator.close();
  });
});

describe('a request that is cancelled in the middle of a step', () => {
  const reason = new Error('enough');
  /** When it rejects with the reason; a tool that hangs is given up after ten seconds only. */
  const rejectsSoon = async ({ result }: Generation): Promise<void> => {
    await expect(Promise.race([result, sleep(3_000)])).rejects.toBe(reason);
  };
  /** A tool that never answers, whatever its signal says, and the moment at which it is called. */
  const hanging = () => {
    let call = () => {};
    const called = new Promise<void>((resolve) => {
      call = resolve;
    });
    const tool: DecodingTool = {
      ...echo(''),
      run: () => {
        call();
        return new Promise(() => {});
      },
    };
    return { tool, called };
  };

  it('ends when the step is its own', async () => {
    const cache = new PlainCache(engine, frozen.decoder, { slots: 4, capacity: 256 });
    const generator = makeGenerator({ cache });
    const other = hanging();
    generator.generate({ ...request(), tools: [other.tool] });
    await other.called;
    const controller = new AbortController();
    const cancelled = generator.generate({ ...request(), signal: controller.signal });
    duringNextStep(() => controller.abort(reason));
    await rejectsSoon(cancelled);
    expect(cache.free).toBe(3);
    await generator.close();
    expect(cache.free).toBe(4);
  });

  it('ends when it waits for a tool itself and nobody is left who could make a step', async () => {
    const generator = makeGenerator();
    const [other, own] = [hanging(), hanging()];
    const controller = new AbortController();
    generator.generate({ ...request(), tools: [other.tool] });
    const cancelled = generator.generate({ ...request(), tools: [own.tool], signal: controller.signal });
    await Promise.all([other.called, own.called]);
    duringNextStep(() => controller.abort(reason));
    const { result } = generator.generate({ ...request(), maxTokens: 1 });
    await rejectsSoon(cancelled);
    expect(idsOf((await result).completions[0])).toEqual(idsOf(free).slice(0, 1));
    expect(generator.load).toEqual({ waiting: 0, running: 1 });
    await generator.close();
  });
});

describe('a call that ends in the middle of a token', () => {
  /** The token is " people", of which " peop" belongs to the call. It takes several tokens. */
  const kept = ' peop';
  const trigger = { open: 'Some', close: kept };

  it('keeps its part of the token, in tokens that the model did not choose', async () => {
    const [answer] = await answersTo({ ...request(), tools: [echo('§ 5', trigger)] });
    const end = free.text.indexOf(kept) + kept.length;
    expect(free.text.slice(end, end + 2)).toBe('le');
    expect(answer.text.slice(0, end + 3)).toBe(`${free.text.slice(0, end)}§ 5`);
    expect(tokenizer.decode(idsOf(answer))).toBe(answer.text);
    const inserted = answer.tokens.filter(({ sampled }) => !sampled);
    expect(tokenizer.decode(inserted.map(({ id }) => id))).toBe(`${kept}§ 5`);
    for (const { logProbability } of inserted) expect(logProbability).toBeNull();
  });

  it('goes on from that part when the tool has nothing to say', async () => {
    const [answer] = await answersTo({ ...request(), tools: [echo('', trigger)] });
    const last = answer.tokens.findLastIndex(({ sampled }) => !sampled);
    expect(tokenizer.decode(idsOf(answer).slice(0, last + 1)).endsWith(kept)).toBe(true);
    const prompt = [...encode('The town of'), ...idsOf(answer).slice(0, last + 1)];
    const [next] = await answersTo({ ...request(), prompt, maxTokens: 1 });
    expect(answer.tokens).toHaveLength(40);
    expect(answer.tokens[last + 1].id).toBe(next.tokens[0].id);
    expect(answer.tokens[last + 1].logProbability).toBeCloseTo(next.tokens[0].logProbability!, 4);
  });

  it('leaves an answer that it fills as it is, and calls no tool', async () => {
    const [answer] = await answersTo({ ...request(), tools: [echo('§ 5', trigger)] });
    const full = answer.tokens.findIndex(({ sampled }) => !sampled) + 1;
    expect(encode(kept).length).toBeGreaterThan(1);
    const tool = { ...echo('', trigger), run: vi.fn(() => '§ 5') };
    const [cut] = await answersTo({ ...request(), maxTokens: full, tools: [tool] });
    expect(cut).toEqual({
      index: 0,
      tokens: answer.tokens.slice(0, full),
      text: tokenizer.decode(idsOf(answer).slice(0, full)),
      finishReason: 'length',
    });
    expect(tool.run).not.toHaveBeenCalled();
  });
});

it('goes on with the same bits when a tool has nothing to say behind a whole token', async () => {
  const tool = echo('', { open: 'stands', close: ' at' });
  const run = vi.spyOn(tool, 'run');
  expect(await answersTo({ ...request(), tools: [tool] })).toEqual([free]);
  expect(run).toHaveBeenCalledTimes(1);
});
