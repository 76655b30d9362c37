/** What must agree between parts of a recipe that are each correct by themselves. */

import type { Finding } from '../../yaml/explain-issues.ts';
import type { CheckedDocument } from '../schema/recipe.ts';
import { kindOf } from '../schema/stage-names.ts';
import { checkEmbedding } from './check-embedding.ts';
import { checkGenres } from './check-genres.ts';
import { checkMerges } from './check-merges.ts';
import { checkModel } from './check-model.ts';
import { checkSets } from './check-sets.ts';
import { checkStageGraph } from './check-stage-graph.ts';
import { checkTraining } from './check-training.ts';
import { checkWatched } from './check-watched.ts';

interface Context {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string; params: { finding: Finding } }): void;
}

/** A refinement: reports every contradiction of a recipe. */
export function crossChecks(recipe: CheckedDocument, context: Context): void {
  for (const finding of findings(recipe)) {
    const { path, found, expected } = finding;
    context.addIssue({ code: 'custom', path, message: `found ${found}, expected ${expected}`, params: { finding } });
  }
}

function* findings(recipe: CheckedDocument): Generator<Finding> {
  yield* checkStageGraph(recipe);
  yield* checkSets(recipe);
  yield* checkEmbedding(recipe);
  yield* checkGenres(recipe);
  yield* checkModel(recipe);
  yield* checkWatched(recipe);
  yield* checkMerges(recipe);
  for (const [index, stage] of recipe.stages.entries()) {
    yield* checkTraining(stage, ['stages', index, kindOf(stage)]);
  }
}
