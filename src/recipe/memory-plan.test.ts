import { describe, expect, it } from 'vitest';
import { qwenShapes } from '../../test/support/qwen-shapes.ts';
import { tinyRecipe } from '../../test/support/tiny-recipe.ts';
import type { JsonObject } from '../files/json-file.ts';
import { createDecoder } from '../models/registry.ts';
import { predictPeakMemory } from '../objectives/causal-lm/memory.ts';
import { besideSteps, planLanguageMemory } from './memory-plan.ts';
import { checkRecipe, fieldName } from './resolve-recipe.ts';

const decoder = createDecoder(qwenShapes);
const weights = decoder.parameters.reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);

const batch = { rows: 1, length: 512 };
function planOf(cpt: JsonObject, { changes = {}, now = { available: 24e9, resident: 0 } } = {}) {
  const document = tinyRecipe(
    { tokens: 100_000, batch, samples: null, ...cpt },
    { base: { checkpoint: 'm' }, ...changes },
  );
  return planLanguageMemory(decoder, checkRecipe(document, fieldName), now);
}
const tasks = { evaluation: { bits_per_byte: { length: 64 }, tasks: { on: ['finworld_sentiment'] } } };

describe('the memory of a run', () => {
  it('is that of its hungriest stage, an adapter less than the whole model', () => {
    expect(planOf({}).predicted).toBe(besideSteps + predictPeakMemory(decoder, batch).bytes);
    expect(planOf({ adapter: {} }).predicted).toBeLessThan(0.6 * planOf({}).predicted);
    const two = [
      { cpt: { tokens: 100_000, batch, adapter: {}, samples: null } },
      { name: 'whole', cpt: { tokens: 100_000, batch, samples: null } },
    ];
    expect(planOf({}, { changes: { stages: two } }).predicted).toBe(planOf({}).predicted);
  });

  it('has what is asked of models, beside one that is under an adapter and in place of it', () => {
    const [silent, sampled] = [planOf({ adapter: {} }).predicted, planOf({ adapter: {}, samples: {} }).predicted];
    // The table of embeddings twice, because it is the head, too; less what only training needs.
    expect(sampled - silent).toBeGreaterThan(0.9 * weights);
    expect(sampled - silent).toBeLessThan(2 * weights);
    const asked = planOf({ adapter: {} }, { changes: tasks }).predicted;
    expect(asked - silent).toBeGreaterThan(weights);
    expect(asked - silent).toBeLessThan(2.5 * weights);
    const stages = [{ cpt: { tokens: 100_000, batch, samples: null, adapter: {} } }];
    const evaluate = { tasks: ['finworld_sentiment'], precision: 'int4' };
    const four = planOf({}, { changes: { stages: [...stages, { evaluate }] } }).predicted;
    expect(four).toBeGreaterThan(silent);
    expect(four).toBeLessThan(asked);
  });

  it('begins with what the process has already', () => {
    const { predicted } = planOf({});
    const larger = planOf({}, { now: { available: 24e9, resident: weights + 150e6 + 1e9 } }).predicted;
    expect(larger - predicted).toBe(1e9);
  });

  it('names the stage that does not fit, and the rows that would', () => {
    const now = { available: 1e9, resident: 0 };
    expect(planOf({ adapter: {} }, { now }).tooLarge).toEqual({ stage: 'cpt', rows: 1, fittingRows: 0 });
    const rows = { batch: { rows: 64, length: 512 } };
    const { tooLarge } = planOf(rows, { now: { available: 16e9, resident: 0 } });
    expect(tooLarge?.fittingRows).toBeGreaterThan(1);
    expect(tooLarge?.fittingRows).toBeLessThan(64);
  });
});
