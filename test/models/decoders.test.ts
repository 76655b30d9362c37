/** What every architecture must do beside computing what transformers computes, on the checkpoints of scripts/goldens. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { PlainCache } from '../../src/generate/cache/plain-cache.ts';
import { freeze } from '../../src/generate/frozen/freeze.ts';
import { loadModel } from '../../src/models/model.ts';
import { createDecoder } from '../../src/models/registry.ts';
import { CausalLmProgram } from '../../src/objectives/causal-lm/program.ts';
import { Engine } from '../../src/runtime/engine.ts';

const golden = new URL('../golden/decoders/', import.meta.url).pathname;
const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

/** Those with heads of 16 channels, as the runtime's attention over a cache wants them. */
const checkpoints = readdirSync(golden).filter((name) => {
  const { sizes } = createDecoder(JSON.parse(readFileSync(`${golden}${name}/config.json`, 'utf8')));
  return sizes.headSize % 16 === 0;
});

describe.each(checkpoints)('%s', (name) => {
  it('generates what the training segments compute, token by token and in pieces', async () => {
    const model = await loadModel(golden + name);
    const { decoder, parameters } = model;
    const { vocabulary } = decoder.sizes;
    const ids = Int32Array.from(JSON.parse(readFileSync(`${golden}${name}/expected.json`, 'utf8')).ids[0]);
    const { length } = ids;
    const program = new CausalLmProgram(engine, decoder, parameters, { rows: 1, length });
    const none = ids.map(() => -1);
    const batch = { rows: 1, length, ids, segments: ids.map(() => 1), positions: ids.map((_, i) => i), labels: none };
    const expected = (await program.logits(batch)).slice();
    program.release();
    const frozen = freeze(engine, model, { positions: length });
    for (const pieces of [[length], [length - 8, 1, 7], Array<number>(length).fill(1)]) {
      const cache = new PlainCache(engine, decoder.sizes, { slots: 1, capacity: 128 });
      const sequence = cache.open([0])!;
      const view = cache.view([sequence]);
      let at = 0;
      let worst = 0;
      for (const count of pieces) {
        const step = frozen.prepare(view, { length: count, rows: Array.from({ length: count }, (_, i) => i) });
        const piece = ids.subarray(at, at + count);
        await step.run(piece, [at]);
        sequence.append(piece);
        step.logits.forEach((logit, i) => {
          worst = Math.max(worst, Math.abs(logit - expected[at * vocabulary + i]));
        });
        step.release();
        at += count;
      }
      view.release();
      expect(worst, `${pieces}`).toBeLessThan(1e-4);
    }
    frozen.release();
  });
});
