/**
 * A recipe whose stages all make vectors has no language model: what only such a model reads or answers has no place in it,
 * unless it says whose bits per byte are measured. So does a resolved recipe that other stages were left out of: its base is
 * the language model that they would have started from.
 */
import { isPairSource } from '../../stages/pair-source.ts';
import type { Finding } from '../../yaml/explain-issues.ts';
import type { CheckedDocument } from '../schema/recipe.ts';
import { makesVectorsOnly } from '../schema/stage-names.ts';

export function* checkEmbedding({ base, data, evaluation, stages }: CheckedDocument): Generator<Finding> {
  if (!makesVectorsOnly(stages) || evaluation.bits_per_byte.on !== undefined) return;
  const why = 'because every stage is contrastive';
  if ('init' in base) {
    yield {
      path: ['base', 'init'],
      found: 'a new language model',
      expected: `a checkpoint, ${why}`,
      fix: 'Name an encoder or a decoder under base.checkpoint.',
    };
  }
  for (const [name, source] of Object.entries(data)) {
    if (isPairSource(source)) continue;
    yield {
      path: ['data', name],
      found: 'a set that is no set of pairs',
      expected: `pairs, ${why}`,
      fix: 'Remove the set, or add a stage that learns from it.',
    };
  }
  if (evaluation.tasks.on.length === 0) return;
  yield {
    path: ['evaluation', 'tasks', 'on'],
    found: evaluation.tasks.on.join(', '),
    expected: `no tasks, which are put to language models, ${why}`,
    fix: 'Remove them: held-out pairs are asked all the same.',
  };
}
