/** `evaluation.json`: whose answers an evaluation folder holds, to what, and under which settings they were asked for. */
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../errors.ts';
import { readJsonObject } from '../../files/json-file.ts';
import { sharedOptions } from '../report/task-labels.ts';
import type { EvaluatedTask } from '../run/evaluate.ts';

export const EVALUATION_FILE = 'evaluation.json';
const FORMAT = 1;

const text = z.string().max(4096);
/** Names of tasks become names of files. */
const taskName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/);

const schema = z.object({
  format: z.literal(FORMAT),
  model: z.object({ name: text, identity: text }),
  settings: z.record(text, z.union([z.string(), z.number(), z.boolean()])),
  tasks: z
    .array(
      z.object({
        name: taskName,
        alias: text,
        version: text,
        hash: text,
        labels: z.array(text).max(1000).optional(),
        metrics: z
          .array(z.object({ metric: text, filter: text, higherIsBetter: z.boolean(), aggregation: text }))
          .min(1)
          .max(1000),
      }),
    )
    .max(1000),
});

export type EvaluationFile = z.output<typeof schema>;
export type EvaluatedTaskEntry = EvaluationFile['tasks'][number];

/** What the file says of an evaluation; writers may add fields of their own. */
export function describeEvaluation(
  evaluated: readonly Pick<EvaluatedTask, 'task' | 'items'>[],
  { model, settings }: Pick<EvaluationFile, 'model' | 'settings'>,
): EvaluationFile {
  return {
    format: FORMAT,
    model: { name: model.name, identity: model.identity },
    settings,
    tasks: evaluated.map(({ task, items }) => {
      const labels = sharedOptions(items);
      return {
        name: task.name,
        alias: task.alias,
        version: task.version,
        hash: task.hash,
        ...(labels && { labels: [...labels] }),
        metrics: task.metrics.map(({ metric, filter, higherIsBetter, aggregation }) => ({
          metric,
          filter,
          higherIsBetter,
          aggregation,
        })),
      };
    }),
  };
}

/** @throws InputError naming the file and the field. */
export async function readEvaluationFile(folder: string): Promise<EvaluationFile> {
  const path = join(folder, EVALUATION_FILE);
  const found = await readJsonObject(path);
  const result = schema.safeParse(found);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InputError({
    field: `${path}: ${issue.path.join('.') || 'document'}`,
    found: issue.message,
    expected: `an evaluation of format ${FORMAT}`,
    fix: 'Evaluate again; answers that are there are kept.',
  });
}
