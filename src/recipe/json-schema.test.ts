import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MIN_VOCAB_SIZE } from '../tokenizer/train/train.ts';
import type { JsonSchema } from '../yaml/json-schema.ts';
import { publishedSchema, recipeJsonSchema } from './json-schema.ts';
import { loadRecipe } from './load-recipe.ts';

const variable = (name: string): string => `\${${name}}`;
const folder = new URL('../../recipes/', import.meta.url);

describe('recipes/schema.json', () => {
  it('is up to date: npx tsx scripts/recipe-schema.ts', () => {
    expect(JSON.parse(readFileSync(new URL('schema.json', folder), 'utf8'))).toEqual(publishedSchema());
  });

  it('describes every field', () => {
    const silent: string[] = [];
    const visit = (schema: JsonSchema, path: string): void => {
      for (const [key, field] of Object.entries(schema.properties ?? {})) {
        const at = `${path}.${key}`;
        // The fields of weight schedules are described where the schedule is.
        if (field.description === undefined && !/\.(kind|from|to|weight|steps)$/.test(at)) silent.push(at);
        visit(field, at);
      }
      for (const inner of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) visit(inner, path);
      if (schema.items !== undefined) visit(schema.items, `${path}[]`);
      if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, `${path}.*`);
    };
    visit(recipeJsonSchema(), '');
    expect(silent).toEqual([]);
  });

  it('lets a variable stand for any value, and nothing else for a number', () => {
    const schema = z.fromJSONSchema(publishedSchema() as Parameters<typeof z.fromJSONSchema>[0]);
    const recipe = (cpt: object, rest: object = {}) => ({
      base: { checkpoint: 'base' },
      data: { finance: { finworld: { world: 'finance', documents: variable('documents') } } },
      stages: [{ cpt: { tokens: 1000, ...cpt } }],
      ...rest,
    });
    const accepts = (document: object) => schema.safeParse(document).success;
    expect(
      accepts(recipe({ tokens: variable('tokens'), learning_rate: variable('rate'), load_best: variable('best') })),
    ).toBe(true);
    expect(accepts(recipe({ lr_scheduler_type: variable('shape'), mixture: { finance: variable('share') } }))).toBe(
      true,
    );
    expect(accepts(recipe({ watchdog: { grad_norm_range: [variable('low'), 10] } }))).toBe(true);
    expect(
      accepts(recipe({}, { name: `run-${variable('seed')}`, variables: { seed: 2 }, seed: variable('seed') })),
    ).toBe(true);
    expect(accepts(recipe({ tokens: 'many' }))).toBe(false);
    expect(accepts(recipe({ lr_scheduler_type: 'steep' }))).toBe(false);
    expect(accepts(recipe({ learning_rat: variable('rate') }))).toBe(false);
  });

  it('asks for as many tokens as the tokenizer needs at least', () => {
    expect(JSON.stringify(publishedSchema())).toContain(`"minimum":${MIN_VOCAB_SIZE},`);
  });
});

describe('recipes', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

  it.each(names)('%s can be loaded, carries its name and points editors to the schema', async (name) => {
    const { recipe, source } = await loadRecipe(new URL(name, folder).pathname);
    expect(`${recipe.name}.yaml`).toBe(name);
    expect(source.split('\n')[0]).toBe('# yaml-language-server: $schema=./schema.json');
  });
});
