import { describe, expect, it } from 'vitest';
import { PythonRandom } from './python-random.ts';
import { exampleSampler, type SamplerOptions } from './sampler.ts';

const pool = Array.from({ length: 9 }, (_, i) => ({ text: `document ${i}` }));
const places = pool.map((_, i) => i);
const sampler = (changes: Partial<SamplerOptions> = {}) =>
  exampleSampler(pool, {
    kind: 'default',
    seed: 1234,
    shots: 2,
    sharesSplit: false,
    drawsOneMore: false,
    matches: undefined,
    field: 'num_fewshot',
    ...changes,
  });

describe('examples of several questions', () => {
  const questions = [{ text: 'first' }, { text: 'second' }, { text: 'third' }];

  it('go on in one stream of random numbers', () => {
    const draw = sampler();
    const random = new PythonRandom(1234);
    for (const question of questions) expect(draw(question, undefined)).toEqual(random.sample(places, 2));
  });

  it('are one less than were drawn, where upstream draws one more', () => {
    const draw = sampler({ drawsOneMore: true });
    const random = new PythonRandom(1234);
    for (const question of questions) expect(draw(question, undefined)).toEqual(random.sample(places, 3).slice(0, 2));
  });

  it('are all there are, where one more cannot be drawn', () => {
    expect(sampler({ drawsOneMore: true, shots: 9 })(questions[0], undefined).toSorted()).toEqual(places);
  });

  it('never hold the question', () => {
    const draw = sampler({ sharesSplit: true, shots: 8 });
    for (const [place, document] of pool.entries()) {
      expect(draw(document, undefined).toSorted()).toEqual(places.filter((other) => other !== place));
    }
    expect(() => sampler({ sharesSplit: true, shots: 9 })(pool[0], undefined)).toThrow(/9 examples, and 8 documents/);
  });
});
