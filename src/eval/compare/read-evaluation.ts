/** An evaluation from its folder: what was asked of whom, and the score of each item. */
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../errors.ts';
import { readJsonObject } from '../../files/json-file.ts';
import { describe } from '../../tokenizer/json-fields.ts';
import { valueAt } from '../../yaml/expected-value.ts';
import { ANSWER_SIZE, excerptOf } from '../report/excerpt.ts';
import type { Excerpt } from '../report/summary.ts';
import { type EvaluationRecord, fileOfTask, readEvaluationRecord } from '../run/evaluation-folder.ts';
import { linesOf } from '../run/lines.ts';
import type { Contribution } from '../tasks/task.ts';

export interface StoredEvaluation extends Pick<EvaluationRecord, 'model' | 'settings'> {
  /** For messages. */
  readonly folder: string;
  readonly tasks: readonly StoredTask[];
}

export interface StoredTask extends TaskColumns {
  readonly version: string;
  readonly hash: string;
  /** In the order of the file, each id once. */
  readonly items: readonly StoredItem[];
}

export interface StoredItem {
  readonly id: string;
  readonly cluster: string | undefined;
  /** A hash of question and right answer, where the evaluation has kept it. */
  readonly data: string | undefined;
  /** In the order of the task's metrics; null without a score. */
  readonly contributions: readonly (Contribution | null)[];
  /** The first answer; null where nothing was written. */
  readonly answer: Excerpt | null;
}

const MAX_ITEMS = 1_000_000;
/** JSON has no infinities, so a log-probability of nothing is null. */
const number = z.number().nullable();
const contribution = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('value'), value: number }),
  z.object({ kind: z.literal('label'), gold: z.string(), predicted: z.string().optional() }),
  z.object({ kind: z.literal('confidence'), confidence: z.number().min(0).max(1), correct: z.boolean() }),
  z.object({ kind: z.literal('ratio'), sum: number, weight: number }),
]);
const scoreSchema = z.object({
  id: z.string(),
  cluster: z.string().optional(),
  data: z.string().optional(),
  scores: z.array(z.object({ metric: z.string(), filter: z.string(), contribution: contribution.nullable() })),
  answers: z.array(z.object({ text: z.string() })),
});

const column = z.object({
  metric: z.string(),
  filter: z.string(),
  higherIsBetter: z.boolean(),
  aggregation: z.string(),
});
const resultsSchema = z.object({
  summary: z.object({
    tasks: z.array(
      z.object({
        name: z.string(),
        alias: z.string(),
        labels: z.array(z.string()).nullable(),
        metrics: z.array(column).min(1),
      }),
    ),
  }),
});

/** What `results.json` tells of a task beside its numbers. */
type TaskColumns = z.output<typeof resultsSchema>['summary']['tasks'][number];

const FIX = 'Evaluate again; answers that are there are kept.';

/** @throws InputError naming file, line and field; also for an evaluation that is not complete. */
export async function readEvaluation(folder: string): Promise<StoredEvaluation> {
  const { model, settings, tasks: recorded, state } = await readEvaluationRecord(folder);
  if (state !== 'done') {
    const expected = 'one that is done';
    throw new InputError({ field: folder, found: `an evaluation that is ${state}`, expected, fix: FIX });
  }
  const columns = await readColumns(join(folder, 'results.json'));
  const tasks: StoredTask[] = [];
  for (const [name, { version, hash }] of Object.entries(recorded)) {
    const known = columns.find((task) => task.name === name);
    if (known === undefined) {
      const found = `no results of ${JSON.stringify(name)}`;
      throw new InputError({ field: join(folder, 'results.json'), found, expected: 'those of every task', fix: FIX });
    }
    tasks.push({ ...known, version, hash, items: await readItems(join(folder, 'scores', fileOfTask(name)), known) });
  }
  return { model, settings, folder: basename(resolve(folder)), tasks };
}

async function readColumns(path: string): Promise<readonly TaskColumns[]> {
  const document = await readJsonObject(path);
  const parsed = resultsSchema.safeParse(document);
  if (parsed.success) return parsed.data.summary.tasks;
  const [issue] = parsed.error.issues;
  throw new InputError({
    field: `${path}: ${issue.path.join('.')}`,
    found: describe(valueAt(issue, document)),
    expected: 'the results of an evaluation',
    fix: FIX,
  });
}

async function readItems(path: string, task: TaskColumns): Promise<readonly StoredItem[]> {
  const items = new Map<string, StoredItem>();
  let line = 0;
  const refuse = (found: string, expected: string, cause?: unknown) => {
    return new InputError({ field: `${path}, line ${line}`, found, expected, fix: FIX }, { cause });
  };
  try {
    for await (const text of linesOf(path)) {
      line++;
      if (line > MAX_ITEMS) throw refuse('more', `at most ${MAX_ITEMS} items`);
      const given = parse(text);
      const score = scoreSchema.safeParse(given);
      if (!score.success) {
        const [issue] = score.error.issues;
        const at = issue.path.join('.');
        const found = at === '' ? 'a line of another form' : `${describe(valueAt(issue, given))} as ${at}`;
        throw refuse(found, 'the score of an item as JSON', score.error);
      }
      const { id } = score.data;
      if (items.has(id)) throw refuse(`the item ${JSON.stringify(id)} again`, 'each item once');
      items.set(id, storedItem(score.data, task));
    }
  } catch (error) {
    throw error instanceof InputError ? error : refuse((error as Error).message, 'the scores of the task', error);
  }
  return [...items.values()];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function storedItem(
  { id, cluster, data, scores, answers }: z.output<typeof scoreSchema>,
  task: TaskColumns,
): StoredItem {
  return {
    id,
    cluster,
    data,
    contributions: task.metrics.map(({ metric, filter }) => {
      const score = scores.find((one) => one.metric === metric && one.filter === filter);
      return finite(score?.contribution ?? null);
    }),
    answer: answers.length === 0 ? null : excerptOf(answers[0].text, ANSWER_SIZE),
  };
}

function finite(found: z.output<typeof contribution> | null): Contribution | null {
  switch (found?.kind) {
    case 'value':
      return found.value === null ? null : { kind: 'value', value: found.value };
    case 'ratio':
      return found.sum === null || found.weight === null
        ? null
        : { kind: 'ratio', sum: found.sum, weight: found.weight };
    case 'label':
      return { kind: 'label', gold: found.gold, predicted: found.predicted };
    case 'confidence':
      return found;
    default:
      return null;
  }
}
