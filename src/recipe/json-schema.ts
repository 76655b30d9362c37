/** The recipe's schema as JSON Schema: for editors, and for finding one's way in a document that is wrong. */
import { z } from 'zod';
import type { JsonSchema } from '../yaml/json-schema.ts';
import { openToVariables } from './open-to-variables.ts';
import { recipeSchema } from './schema/recipe.ts';

export function recipeJsonSchema(): JsonSchema {
  return z.toJSONSchema(recipeSchema, { io: 'input' }) as JsonSchema;
}

/** What `recipes/schema.json` holds. `name` is optional there, since the loader takes the file's, and variables are in it. */
export function publishedSchema(): JsonSchema {
  const schema = openToVariables(recipeJsonSchema());
  const required = schema.required?.filter((key) => key !== 'name');
  return { ...schema, title: 'Finery recipe', required };
}
