/**
 * The recipe: one typed document that says what a run starts from, reads, measures, does and saves. Names are those of
 * Hugging Face and TRL. `recipes/schema.json` is made from this schema, so descriptions are written for whoever edits YAML.
 *
 *     name: first-run
 *     base: { checkpoint: ../assets/nano }
 *     data:
 *       finance: { finworld: { world: finance } }
 *       general: { finworld: { world: general } }
 *     stages:
 *       - cpt: { mixture: { finance: 0.7, general: 0.3 }, tokens: 1000000 }
 */
import { z } from 'zod';
import { isPairSource } from '../../stages/pair-source.ts';
import { crossChecks } from '../checks/cross-checks.ts';
import { base } from './base.ts';
import { completeStages } from './complete-stages.ts';
import { dataSet } from './data.ts';
import { engine } from './engine.ts';
import { evaluation } from './evaluation.ts';
import { identifier, seed } from './fields.ts';
import { stage } from './stages.ts';

const document = z.strictObject({
  name: identifier.describe('Name of the run and of its folder; the name of the recipe file unless told.'),
  variables: z
    .record(identifier, z.json())
    .optional()
    .describe(
      'Values that are written elsewhere as their name in braces after a dollar sign; --set variables.x=1 changes one.',
    ),
  seed: seed.default(1).describe('Everything random in the run follows from it.'),
  engine: engine.prefault({}).describe('How the machine is used.'),
  base: base.describe('What the run starts from: exactly one of checkpoint and init.'),
  data: z
    .record(identifier, dataSet)
    .refine((sets) => Object.keys(sets).length > 0, 'at least one data set')
    .describe('Named data sets.'),
  evaluation: evaluation.prefault({}).describe('Measured on the base and after each stage.'),
  stages: z.array(stage).min(1).max(100).describe('What is done, in this order.'),
  save: z
    .strictObject({
      dtype: z.enum(['f32', 'f16', 'bf16']).default('f32').describe('Element type of the weights.'),
    })
    .prefault({})
    .describe('How checkpoints are written for use.'),
});

/** What a person writes, checked by itself and across its parts. Parsing it fills every default, in the document's order. */
export const recipeSchema = document
  .superRefine(crossChecks)
  .transform(({ variables: _, evaluation, stages, save, ...head }) => {
    const texts = Object.keys(head.data).filter((name) => !isPairSource(head.data[name]));
    const { on = texts, ...measurement } = evaluation.bits_per_byte;
    const measured = { ...evaluation, bits_per_byte: { on, ...measurement } };
    const surroundings = { data: head.data, measured: on, seed: head.seed, dtype: save.dtype };
    return { ...head, evaluation: measured, stages: completeStages(stages, surroundings), save };
  });

/** A recipe as it may be written, with defaults left out. */
export type RecipeDocument = z.input<typeof recipeSchema>;
/** A recipe with every default filled in: parsing it again gives the same. */
export type Recipe = z.output<typeof recipeSchema>;

/** The recipe after its own checks and before defaults that depend on other fields. */
export type CheckedDocument = z.output<typeof document>;
