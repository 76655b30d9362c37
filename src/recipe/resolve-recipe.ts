/** From a document of unknown content to a complete recipe. */
import { UsageError } from '../errors.ts';
import { explainIssues } from '../yaml/explain-issues.ts';
import { recipeJsonSchema } from './json-schema.ts';
import { type Recipe, type RecipeDocument, recipeSchema } from './schema/recipe.ts';

/**
 * Fills in every default; what comes out resolves to itself. For recipes that are written in TypeScript.
 * @throws UsageError naming the field.
 */
export function resolveRecipe(document: RecipeDocument): Recipe {
  return checkRecipe(document, fieldName);
}

/** As `resolveRecipe`, for a document that may be anything, with `nameField` saying where it was written. */
export function checkRecipe(document: unknown, nameField: (path: readonly (string | number)[]) => string): Recipe {
  const result = recipeSchema.safeParse(document);
  if (result.success) return result.data;
  const { path, found, expected, fix } = explainIssues(result.error.issues, document, recipeJsonSchema());
  throw new UsageError({ field: nameField(path), found, expected, fix });
}

export function fieldName(path: readonly (string | number)[]): string {
  return path.join('.') || 'recipe';
}
