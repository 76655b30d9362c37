import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MIN_VOCAB_SIZE } from '../tokenizer/train/train.ts';
import type { JsonSchema } from '../yaml/json-schema.ts';
import { publishedSchema, recipeJsonSchema } from './json-schema.ts';
import { loadRecipe } from './load-recipe.ts';

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
