/** Answers with text, on the tiny ByT5 of scripts/goldens/encoder_decoders.py. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UsageError } from '../../errors.ts';
import { regexConstraint } from '../constraints/regex-constraint.ts';
import type { GenerationResult } from '../request.ts';
import { answerText, type Seq2SeqRequest } from './answer-text.ts';
import { type OpenEncoderDecoder, openEncoderDecoder } from './open-encoder-decoder.ts';
import { readingBytes } from './reading-memory.ts';
import { Seq2SeqGenerator } from './seq2seq-generator.ts';

const folder = fileURLToPath(new URL('../../../test/golden/encoder-decoders/byt5', import.meta.url));
const { inputs, answers } = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as {
  readonly inputs: readonly (readonly number[])[];
  readonly answers: readonly (readonly number[])[];
};
const [, input] = inputs;

let model: OpenEncoderDecoder;
beforeAll(async () => {
  model = await openEncoderDecoder(folder, { threads: 1 });
});
afterAll(() => model.close());

const answer = async (request: Partial<Seq2SeqRequest> = {}): Promise<GenerationResult> =>
  answerText(model, { input, maxTokens: 12, ...request }).result;
const idsOf = ({ completions }: GenerationResult) => completions.map(({ tokens }) => tokens.map(({ id }) => id));

describe('answerText', () => {
  it('gives what transformers gives at temperature 0, its text and how likely it is', async () => {
    const generator = new Seq2SeqGenerator(model.engine, model.architecture, model.parameters, {
      rows: 1,
      inputLength: input.length,
      maxTokens: 40,
    });
    const [{ logProbability }] = await generator.generate([input]);
    generator.release();
    const result = await answer({ maxTokens: 40, n: 2, sampling: { temperature: 0 } });
    expect(idsOf(result)).toEqual([answers[1], answers[1]]);
    const [{ text, tokens, finishReason }] = result.completions;
    expect(text).toBe(model.tokenizer.decode(answers[1], { skipSpecialTokens: true }));
    expect(finishReason).toBe('length');
    expect(tokens.reduce((sum, token) => sum + token.logProbability!, 0)).toBeCloseTo(logProbability, 4);
  });

  it('draws with a seed, each answer for itself, in any company', async () => {
    const drawn = idsOf(await answer({ n: 3, sampling: { seed: 5 } }));
    expect(new Set(drawn.map((ids) => ids.join())).size).toBe(3);
    expect(idsOf(await answer({ sampling: { seed: 5 } }))).toEqual(drawn.slice(0, 1));
    expect(idsOf(await answer({ sampling: { seed: 6 } }))).not.toEqual(drawn.slice(0, 1));
  });

  it('ends at a token, at a string and at the end of a form', async () => {
    const [free] = idsOf(await answer({ sampling: { temperature: 0 } }));
    const ended = await answer({ sampling: { temperature: 0 }, stopIds: [free[2]] });
    expect(idsOf(ended)).toEqual([free.slice(0, 3)]);
    expect(ended.completions[0].finishReason).toBe('stop');
    const { tokenizer, architecture } = model;
    const options = { endIds: [1], vocabSize: architecture.sizes.vocabulary };
    const [formed] = (await answer({ constraint: regexConstraint('[ab]{3}', tokenizer, options) })).completions;
    expect(formed.text).toMatch(/^[ab]{3}$/);
    const constraint = regexConstraint('abc', tokenizer, options);
    const [stopped] = (await answer({ constraint, stop: ['c'] })).completions;
    expect(stopped).toMatchObject({ text: 'ab', stoppedBy: 'c' });
  });

  it('comes in pieces that are the text together', async () => {
    const generation = answerText(model, { input, maxTokens: 12, sampling: { seed: 5 } });
    let text = '';
    for await (const event of generation) text += event.text;
    expect(text).toBe((await generation.result).completions[0].text);
  });

  it('ends with the reason of a signal, and the model answers on', async () => {
    const controller = new AbortController();
    const generation = answerText(model, { input, maxTokens: 400, signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(generation.result).rejects.toBe(reason);
    expect(idsOf(await answer({ maxTokens: 3, sampling: { temperature: 0 } }))).toEqual([answers[1].slice(0, 3)]);
  });

  it.each<[string, Partial<Seq2SeqRequest>, string]>([
    ['no tokens', { maxTokens: 0 }, 'maxTokens'],
    ['no answers', { n: 0 }, 'n'],
    ['a strange temperature', { sampling: { temperature: -1 } }, 'temperature'],
    ['no input', { input: [] }, 'inputLength'],
  ])('refuses %s', async (_what, request, field) => {
    const error = await answer(request).catch((reason: unknown) => reason);
    expect((error as UsageError).problem?.field).toBe(field);
  });

  it('refuses a text whose attention would not fit into memory before anything is taken', () => {
    const long = { length: 2 ** 24 } as ArrayLike<number>;
    expect(() => answerText(model, { input: long, maxTokens: 1 })).toThrow(/16777216 tokens for 1 answer, .* TiB/);
    const { sizes } = model.architecture;
    // Four arrays [3 heads, 1000, 1000], and little else.
    const bytes = readingBytes(sizes, { rows: 1, inputLength: 1000, maxTokens: 1 });
    expect(bytes / (4 * 4 * 3 * 1000 ** 2)).toBeCloseTo(1, 1);
  });
});
