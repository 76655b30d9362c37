/** Recipes as YAML. */
import { stringify } from 'yaml';
import type { Recipe } from './schema/recipe.ts';

/** The same recipe always gives the same text, and loading the text gives the recipe. */
export function formatRecipe(recipe: Recipe): string {
  return stringify(recipe, { aliasDuplicateObjects: false, lineWidth: 0, schema: 'core', version: '1.2' });
}
