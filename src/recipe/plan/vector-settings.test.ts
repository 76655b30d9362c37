import { expect, it } from 'vitest';
import { tinyEmbedder } from '../../embed/testing/tiny-embedder.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { planMemory } from '../memory-plan.ts';
import { checkRecipe, fieldName } from '../resolve-recipe.ts';
import { vectorSettings } from './vector-settings.ts';

const model = await tinyEmbedder(['query: passage: a red lamp in the house']);
const base = { pooling: 'cls', normalize: true, maxLength: 96, prompts: { query: 'query: ' } } as const;

const recipeOf = (...stages: JsonObject[]) =>
  checkRecipe(
    {
      name: 'vectors',
      base: { checkpoint: './encoder' },
      data: { finder: { pairs: { files: ['pairs.jsonl'] } } },
      stages,
    },
    fieldName,
  );

function settingsOf(...stages: JsonObject[]) {
  const settings = vectorSettings(recipeOf(...stages), model, { ...base, defaultPrompt: undefined });
  return [...settings.values()].map(({ pooling, maxLength, prompts }) => [pooling, maxLength, prompts]);
}

it('is what the stage says, then the one before it, then the base, then its positions', () => {
  const [said, inherited, apart] = settingsOf(
    { name: 'a', contrastive: { max_length: 40, prefixes: { document: 'passage: ' } } },
    { name: 'b', contrastive: { pooling: 'mean' } },
    { name: 'c', contrastive: { max_length: 4000 }, from: 'base' },
  );
  const prompts = { query: 'query: ', document: 'passage: ' };
  expect(said).toEqual(['cls', 40, prompts]);
  expect(inherited).toEqual(['mean', 40, prompts]);
  expect(apart).toEqual(['cls', 192, { query: 'query: ', document: '' }]);
});

it('counts the tokens of the longer prefix', () => {
  const [{ prefixTokens }] = vectorSettings(
    recipeOf({ contrastive: { prefixes: { query: 'a red lamp', document: '' } } }),
    model,
    undefined,
  ).values();
  expect(prefixTokens).toBe(model.tokenizer.encode('a red lamp').length - model.tokenizer.encode('').length);
  expect(prefixTokens).toBeGreaterThan(1);
});

/** Of texts of a length, with and without what comes before them. */
function memoryOf(lengths: readonly number[], ...stages: JsonObject[]): number {
  const recipe = recipeOf(...stages);
  const train = Array.from({ length: 64 }, (_, i) => ({ query: `${i}`, positive: `${i}`, negatives: [] }));
  const statistics = { documents: 64, tokens: 0, bytes: 0, heldOutDocuments: 0, skipped: 0 };
  const finder = { name: 'finder', train, heldOut: [], lengths, statistics };
  const vectors = vectorSettings(recipe, model, { ...base, defaultPrompt: undefined });
  const prepared = {
    language: undefined,
    sets: new Map(),
    encoder: model.encoder,
    pairs: new Map([['finder', finder]]),
    vectors,
  };
  return planMemory(prepared, recipe, { available: 1e12, resident: 0 }).predicted;
}

it('plans memory for texts as long as they will be', () => {
  const stage = (contrastive: JsonObject) => ({ contrastive });
  // As long as the base says, and not as its positions would allow.
  expect(memoryOf([190], stage({}))).toBe(memoryOf([96], stage({})));
  expect(memoryOf([190], stage({ max_length: 180 }))).toBeGreaterThan(memoryOf([190], stage({})));
  // As long as the stage before says, whose memory is not the larger one.
  const [short, long] = [stage({ max_length: 24, batch_size: 2 }), stage({ batch_size: 64 })];
  expect(memoryOf([190], short, long)).toBe(memoryOf([190], stage({ batch_size: 64, max_length: 24 })));
  expect(memoryOf([190], long)).toBeGreaterThan(memoryOf([190], short, long));
  // With what goes before them.
  const told = 'a red lamp '.repeat(8);
  expect(memoryOf([20], stage({ prefixes: { query: told } }))).toBeGreaterThan(memoryOf([20], stage({})));
});

it('plans less for an adapter than for the whole model', () => {
  expect(memoryOf([90], { contrastive: { adapter: { r: 2 } } })).toBeLessThan(memoryOf([90], { contrastive: {} }));
});
