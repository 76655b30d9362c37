import { afterAll, describe, expect, it } from 'vitest';
import { tinyModel } from '../../test/support/tiny-model.ts';
import { PlainCache } from '../generate/cache/plain-cache.ts';
import { freeze } from '../generate/frozen/freeze.ts';
import { CausalLmProgram } from '../objectives/causal-lm/program.ts';
import { Engine } from '../runtime/engine.ts';
import { lowRankUpdates } from './adapter.ts';
import { randomAdapter } from './testing/trained-adapter.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

/** Heads of 16, as attention over a cache wants them. */
const model = () => tinyModel(1, { hidden_size: 64, initializer_range: 0.1 });
const ids = Int32Array.from({ length: 9 }, (_, i) => (i * 17) % 61);

describe('lowRankUpdates', () => {
  it.each(['lora', 'rslora'] as const)(
    '%s: a frozen model with the adapter gives the logits of training',
    async (method) => {
      const base = model();
      const adapted = randomAdapter(base, { method, r: 3, alpha: 6, targetModules: ['q_proj', 'v_proj', 'down_proj'] });
      const zeros = new Int32Array(ids.length);
      const batch = {
        rows: 1,
        length: ids.length,
        ids,
        segments: zeros.map(() => 1),
        positions: zeros.map((_, i) => i),
        labels: zeros,
      };
      const program = new CausalLmProgram(engine, adapted.decoder, adapted.parameters, batch);
      const expected = (await program.logits(batch)).slice(-61);
      program.release();

      const frozen = freeze(engine, base, { adapters: true });
      const adapter = frozen.adapter(lowRankUpdates(adapted.adapter));
      const cache = new PlainCache(engine, base.decoder, { capacity: 16, slots: 1 });
      const view = cache.view([cache.open([0])!]);
      const last = async (options: { adapter?: typeof adapter }) => {
        const step = frozen.prepare(view, { length: ids.length, ...options });
        await step.run(ids, [0]);
        const logits = step.logits.slice();
        step.release();
        return logits;
      };
      const furthest = (logits: Float32Array) =>
        logits.reduce((most, x, i) => Math.max(most, Math.abs(x - expected[i])), 0);
      expect(furthest(await last({ adapter }))).toBeLessThan(1e-4);
      expect(furthest(await last({}))).toBeGreaterThan(0.1);
      view.release();
      adapter.release();
      frozen.release();
    },
  );

  it('DoRA is to be merged', () => {
    const { adapter } = randomAdapter(model(), { method: 'dora', r: 3, alpha: 6, targetModules: 'all-linear' });
    expect(() => lowRankUpdates(adapter)).toThrow(/Merge the adapter/);
  });
});
