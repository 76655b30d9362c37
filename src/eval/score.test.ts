import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../checkpoint/safetensors/read.ts';
import { InputError } from '../errors.ts';
import { loadModel } from '../models/model.ts';
import { createDecoder } from '../models/registry.ts';
import { Engine } from '../runtime/engine.ts';
import { elementCount } from '../tensor/element-type.ts';
import { type ScorableModel, Scorer } from './score.ts';

/** Logits of transformers for a batch of ids (scripts/goldens). */
const folder = new URL('../../test/golden/decoders/qwen2/', import.meta.url);
const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const model = await loadModel(fileURLToPath(folder));
const batch: readonly number[][] = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')).ids;
const [ids] = batch;

/** The same weights, made for fewer positions. */
function shortened(positions: number): ScorableModel {
  return { ...model, decoder: createDecoder({ ...model.config, max_position_embeddings: positions }) };
}

/** Log-probabilities of the tokens after the first, from the golden logits of row 0. */
async function reference(): Promise<number[]> {
  const file = await openSafetensors(fileURLToPath(new URL('expected.safetensors', folder)));
  const logits = new Float32Array(elementCount(file.tensors.get('logits')!.shape)!);
  await file.readInto('logits', logits);
  await file.close();
  const { vocabulary } = model.decoder.sizes;
  return ids.slice(1).map((id, i) => {
    const row = logits.subarray(i * vocabulary, (i + 1) * vocabulary);
    return row[id] - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
  });
}

const worst = (a: readonly (number | null)[], b: readonly (number | null)[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value! - b[i]!)));

describe('Scorer', () => {
  it('gives the log-probabilities of transformers, and none for the first token', async () => {
    const { logProbabilities, sum } = await new Scorer(engine, model).score(ids);
    const expected = await reference();
    expect(logProbabilities[0]).toBeNull();
    expect(logProbabilities).toHaveLength(ids.length);
    expect(worst(logProbabilities.slice(1), expected)).toBeLessThan(1e-4);
    expect(Math.abs(sum - expected.reduce((a, b) => a + b, 0))).toBeLessThan(1e-3);
  });

  it('does not see the padding: a text and its beginning agree, whatever the row is rounded up to', async () => {
    const scorer = new Scorer(engine, model);
    const long = [...ids, ...ids];
    const whole = (await scorer.score(long)).logProbabilities;
    for (const length of [2, 31, 32, 33, 48]) {
      const { logProbabilities } = await scorer.score(long.slice(0, length));
      expect(worst(logProbabilities.slice(1), whole.slice(1, length)), `${length} tokens`).toBeLessThan(1e-5);
    }
    scorer.release();
  });

  it('scores long texts in windows, each token once with the context of its window', async () => {
    const [positions, stride] = [16, 6];
    const scorer = new Scorer(engine, shortened(positions), { stride });
    const text = ids.slice(0, 41);
    const { logProbabilities, sum } = await scorer.score(text);
    const expected: number[] = [];
    for (let start = 0; expected.length < text.length - 1; start += stride) {
      const window = await scorer.score(text.slice(start, start + positions));
      expected.push(...(window.logProbabilities.slice(expected.length + 1 - start) as number[]));
    }
    expect(logProbabilities).toEqual([null, ...expected]);
    expect(sum).toBeCloseTo(
      expected.reduce((a, b) => a + b, 0),
      10,
    );
  });

  it('has nothing to predict in texts of no token and of one', async () => {
    const scorer = new Scorer(engine, model);
    expect(await scorer.score([])).toEqual({ logProbabilities: [], sum: 0 });
    expect(await scorer.score([3])).toEqual({ logProbabilities: [null], sum: 0 });
  });

  it('fills the positions of the model exactly, and refuses one token more', async () => {
    const scorer = new Scorer(engine, shortened(20));
    expect((await scorer.score(ids.slice(0, 20))).logProbabilities).toHaveLength(20);
    await expect(scorer.score(ids.slice(0, 21), 'line 7')).rejects.toThrow(
      /^line 7: found 21 tokens, expected at most/,
    );
  });

  it.each([
    [[1, 144], /token 1: found id 144, expected an id from 0 to 143/],
    [[-1, 1], /token 0: found id -1/],
    [[1, 0.5], /token 1: found id 0.5/],
    [[1, Number.NaN], /token 1: found id NaN/],
  ])('refuses the ids %j', async (bad, message) => {
    const score = new Scorer(engine, model).score(bad);
    await expect(score).rejects.toThrow(InputError);
    await expect(score).rejects.toThrow(message);
  });

  it('refuses to give log-probabilities that are not finite', async () => {
    const parameters = new Map([...model.parameters].map(([name, { weight }]) => [name, { weight: weight.slice() }]));
    parameters.get('model.norm.weight')!.weight[0] = Number.NaN;
    const scorer = new Scorer(engine, { ...model, parameters });
    await expect(scorer.score(ids)).rejects.toThrow(/found the log-probability NaN/);
  });
});
