/** Merges by themselves: what contradicts itself in a document of the merge language. */
import { UsageError } from '../../errors.ts';
import { normalizeMergeRecipe } from '../../merge/recipe/read-merge-recipe.ts';
import type { Finding } from '../../yaml/explain-issues.ts';
import type { CheckedDocument } from '../schema/recipe.ts';

export function* checkMerges({ stages }: CheckedDocument): Generator<Finding> {
  for (const [index, stage] of stages.entries()) {
    if (!('merge' in stage)) continue;
    try {
      // Places come back as the field of what is refused.
      normalizeMergeRecipe(stage.merge, '', (path) => JSON.stringify(path));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { field, ...problem } = error.problem;
      yield { ...problem, path: ['stages', index, 'merge', ...(JSON.parse(field) as Finding['path'])] };
    }
  }
}
