import { describe, expect, it } from 'vitest';
import { qwenShapes } from '../../../test/support/qwen-shapes.ts';
import { tinyRecipe } from '../../../test/support/tiny-recipe.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { createDecoder } from '../../models/registry.ts';
import { predictPeakMemory } from '../../objectives/causal-lm/memory.ts';
import { checkRecipe, fieldName } from '../resolve-recipe.ts';
import { isTrainingStage } from '../stage.ts';
import { shapeOfStage } from './stage-shape.ts';
import { passOperations } from './training-operations.ts';

const decoder = createDecoder(qwenShapes);

const recipeWith = (adapter: JsonObject | null) =>
  checkRecipe(
    tinyRecipe({ tokens: 10_000, batch: { rows: 1, length: 512 }, adapter }, { base: { checkpoint: 'model' } }),
    fieldName,
  );

function shapeWith(adapter: JsonObject | null) {
  const [stage] = recipeWith(adapter).stages.filter(isTrainingStage);
  return shapeOfStage(decoder, stage);
}

describe('the shape of a stage', () => {
  const memoryOf = (adapter: JsonObject | null) => {
    const shape = shapeWith(adapter);
    return predictPeakMemory(shape.decoder, shape.options).parts;
  };

  it('has gradients and moments of the adapter alone', () => {
    const [whole, lora, qlora] = [memoryOf(null), memoryOf({ r: 16 }), memoryOf({ method: 'qlora' })];
    expect(whole.gradients).toBe(whole.weights);
    // Rank 16 over seven linear layers: 16 (in + out) of each.
    const trained = 24 * 16 * (2 * (896 + 896) + 2 * (896 + 128) + 3 * (896 + 4864));
    expect(lora.gradients).toBe(4 * trained);
    expect(lora.moments).toBe(8 * trained);
    expect(lora.weights).toBe(whole.weights + 4 * trained);
    expect(qlora.weights).toBeLessThan(0.5 * lora.weights);
  });

  it('spares the gradients of what is frozen', () => {
    const operations = (adapter: JsonObject | null) => {
      const shape = shapeWith(adapter);
      return passOperations(shape.decoder, shape.options);
    };
    expect(operations({ r: 1 }) / operations(null)).toBeGreaterThan(0.66);
    expect(operations({ r: 1 }) / operations(null)).toBeLessThan(0.7);
  });

  it('names the stage whose layers the model does not have', () => {
    expect(() => shapeWith({ target_modules: ['query'] })).toThrow(
      /^adapter\.target_modules of the stage cpt: found "query"/,
    );
  });
});
