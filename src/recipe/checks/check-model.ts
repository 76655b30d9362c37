/** A model that is made here says how far it can count and how many tokens it knows; a checkpoint is asked when it is opened (`prepare.ts`). */
import { isPairSource } from '../../stages/pair-source.ts';
import type { Finding } from '../../yaml/explain-issues.ts';
import type { CheckedDocument } from '../schema/recipe.ts';
import { kindOf } from '../schema/stage-names.ts';
import type { CheckedStage } from '../schema/stages.ts';

export function* checkModel(recipe: CheckedDocument): Generator<Finding> {
  yield* vocabulary(recipe);
  for (const [index, stage] of recipe.stages.entries()) {
    const length = rowLength(stage);
    if (length !== undefined) yield* positions(recipe, ['stages', index, kindOf(stage), 'batch', 'length'], length);
  }
  const { length } = recipe.evaluation.bits_per_byte;
  if (measuresTexts(recipe)) yield* positions(recipe, ['evaluation', 'bits_per_byte', 'length'], length);
}

/** Whatever is not pairs, unless told otherwise. */
const measuresTexts = ({ data, evaluation }: CheckedDocument): boolean =>
  evaluation.bits_per_byte.on !== undefined || Object.values(data).some((source) => !isPairSource(source));

function rowLength(stage: CheckedStage): number | undefined {
  if ('cpt' in stage) return stage.cpt.batch.length;
  if ('sft' in stage) return stage.sft.batch.length;
  return 'joint' in stage ? stage.joint.batch.length : undefined;
}

function* vocabulary({ base }: CheckedDocument): Generator<Finding> {
  if (!('init' in base) || !('train' in base.init.tokenizer)) return;
  const { vocab_size: size } = base.init.config;
  const { vocab_size: trained } = base.init.tokenizer.train;
  if (typeof size !== 'number' || size >= trained) return;
  yield {
    path: ['base', 'init', 'config', 'vocab_size'],
    found: String(size),
    expected: `at least the ${trained} tokens of the tokenizer`,
    fix: 'Use the same vocab_size in both places.',
  };
}

function* positions({ base }: CheckedDocument, path: Finding['path'], length: number): Generator<Finding> {
  const limit = 'init' in base ? base.init.config.max_position_embeddings : undefined;
  if (typeof limit !== 'number' || length <= limit) return;
  yield {
    path,
    found: String(length),
    expected: `at most max_position_embeddings of the model, ${limit}`,
    fix: 'Shorten the sequences, or raise max_position_embeddings.',
  };
}
