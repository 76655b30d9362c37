/** What tiny T5 models answer, against greedy search of transformers without a cache (scripts/goldens/encoder_decoders.py). */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { loadEncoderDecoder } from '../../models/encoder-decoder-model.ts';
import { layOutPairs } from '../../objectives/seq2seq/batch.ts';
import { Seq2SeqProgram } from '../../objectives/seq2seq/program.ts';
import { Engine } from '../../runtime/engine.ts';
import { Seq2SeqGenerator } from './seq2seq-generator.ts';

const golden = new URL('../../../test/golden/encoder-decoders/', import.meta.url);
const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

async function load(name: string) {
  const folder = new URL(`${name}/`, golden).pathname;
  const expected: { readonly inputs: number[][]; readonly answers: number[][] } = JSON.parse(
    readFileSync(`${folder}expected.json`, 'utf8'),
  );
  return { ...(await loadEncoderDecoder(folder)), ...expected };
}

describe.each(readdirSync(golden))('%s', (name) => {
  it('writes what transformers writes, in any company, as likely as teacher forcing says', async () => {
    const { architecture, parameters, inputs, answers } = await load(name);
    const inputLength = Math.max(...inputs.map(({ length }) => length));
    const options = { rows: inputs.length + 1, inputLength, maxTokens: answers[0].length };
    const generator = new Seq2SeqGenerator(engine, architecture, parameters, options);
    const written = await generator.generate(inputs);
    expect(written.map(({ ids }) => [...ids])).toEqual(answers);
    // Another row, and buffers that hold another answer.
    const [alone] = await generator.generate([inputs[1]]);
    expect([...alone.ids]).toEqual(answers[1]);
    generator.release();

    const shape = { rows: inputs.length, inputLength, targetLength: options.maxTokens, startId: 0 };
    const batch = layOutPairs(
      inputs.map((input, i) => ({ input, target: answers[i] })),
      shape,
    );
    const program = new Seq2SeqProgram(engine, architecture, parameters, shape);
    const losses = await program.score(batch);
    for (const [row, { logProbability }] of written.entries()) {
      const own = losses.subarray(row * shape.targetLength, (row + 1) * shape.targetLength);
      expect(Math.abs(logProbability + own.reduce((a, b) => a + b, 0))).toBeLessThan(1e-3);
    }
    program.release();
  });
});

describe('generate', () => {
  const options = { rows: 1, inputLength: 4, maxTokens: 3 };

  it('ends where the model does, or where it must', async () => {
    const { architecture, parameters, inputs, answers } = await load('byt5');
    const [, second, third] = answers[0];
    const ending = { ...architecture, endIds: [third] };
    const generator = new Seq2SeqGenerator(engine, ending, parameters, { ...options, inputLength: 150, maxTokens: 9 });
    const [answer] = await generator.generate([inputs[0]]);
    expect([...answer.ids]).toEqual([answers[0][0], second]);
    expect(answer.finishReason).toBe('stop');
    generator.release();
  });

  it.each<[string, number[][], string]>([
    ['more inputs than rows', [[4], [5]], '2 texts'],
    ['a long input', [[4, 5, 6, 7, 1]], '5 tokens'],
    ['an id beyond the vocabulary', [[384]], 'the id 384'],
    ['an id below 0', [[-1]], 'the id -1'],
  ])('refuses %s', async (_what, inputs, found) => {
    const { architecture, parameters } = await load('byt5');
    const generator = new Seq2SeqGenerator(engine, architecture, parameters, options);
    const error = await generator.generate(inputs).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).problem.found).toBe(found);
    generator.release();
  });

  it('stops when it is told to', async () => {
    const { architecture, parameters } = await load('byt5');
    const generator = new Seq2SeqGenerator(engine, architecture, parameters, options);
    await expect(generator.generate([[4]], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
    generator.release();
  });

  it('refuses sizes that are none', async () => {
    const { architecture, parameters } = await load('byt5');
    expect(() => new Seq2SeqGenerator(engine, architecture, parameters, { ...options, maxTokens: 0 })).toThrow(
      UsageError,
    );
  });
});
