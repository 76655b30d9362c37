import { expect, it } from 'vitest';
import { checkRecipe, fieldName } from '../resolve-recipe.ts';

const check = (data: object, stages: readonly object[]) =>
  checkRecipe(
    {
      name: 'short',
      base: { init: { config: { model_type: 'llama', max_position_embeddings: 128 }, tokenizer: { from: 'x' } } },
      data,
      stages,
    },
    fieldName,
  );

it('holds windows of measured text to the positions of the model, and none where no text is measured', () => {
  const cpt = { cpt: { batch: { length: 128 } } };
  expect(() => check({ text: { files: ['a.jsonl'] } }, [cpt])).toThrow(/evaluation\.bits_per_byte\.length.* 128/);
  expect(
    check({ asked: { pairs: { files: ['a.jsonl'] } } }, [{ evaluate: { tasks: ['finworld_facts'] } }]).evaluation
      .bits_per_byte.on,
  ).toEqual([]);
});
