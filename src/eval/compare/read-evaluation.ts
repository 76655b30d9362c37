/** An evaluation from its folder: what was asked of whom, and the score of each item. */
import { createReadStream } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { InputError } from '../../errors.ts';
import { ANSWER_SIZE, excerptOf } from '../report/excerpt.ts';
import type { Excerpt } from '../report/summary.ts';
import type { Contribution } from '../tasks/task.ts';
import { type EvaluatedTaskEntry, type EvaluationFile, readEvaluationFile } from './evaluation-file.ts';

export interface StoredEvaluation extends Omit<EvaluationFile, 'tasks'> {
  /** For messages. */
  readonly folder: string;
  readonly tasks: readonly StoredTask[];
}

export interface StoredTask extends EvaluatedTaskEntry {
  /** In the order of the file, each id once. */
  readonly items: readonly StoredItem[];
}

export interface StoredItem {
  readonly id: string;
  readonly cluster: string | undefined;
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
  z.object({ kind: z.literal('ratio'), sum: number, weight: number }),
]);
const scoreSchema = z.object({
  id: z.string(),
  cluster: z.string().optional(),
  scores: z.array(z.object({ metric: z.string(), filter: z.string(), contribution: contribution.nullable() })),
  answers: z.array(z.object({ text: z.string() })),
});

/** @throws InputError naming file and line. */
export async function readEvaluation(folder: string): Promise<StoredEvaluation> {
  const { tasks, ...file } = await readEvaluationFile(folder);
  const read: StoredTask[] = [];
  for (const task of tasks) {
    read.push({ ...task, items: await readItems(join(folder, 'scores', `${task.name}.jsonl`), task) });
  }
  return { ...file, folder: basename(resolve(folder)), tasks: read };
}

async function readItems(path: string, task: EvaluatedTaskEntry): Promise<readonly StoredItem[]> {
  const items = new Map<string, StoredItem>();
  let line = 0;
  const refuse = (found: string, expected: string, cause?: unknown) => {
    const fix = 'Evaluate again; answers that are there are kept.';
    return new InputError({ field: `${path}, line ${line}`, found, expected, fix }, { cause });
  };
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const text of lines) {
      line++;
      if (line > MAX_ITEMS) throw refuse('more', `at most ${MAX_ITEMS} items`);
      const score = scoreSchema.safeParse(parse(text));
      if (!score.success) throw refuse(score.error.issues[0].message, 'the score of an item as JSON', score.error);
      const { id } = score.data;
      if (items.has(id)) throw refuse(`the item ${JSON.stringify(id)} again`, 'each item once');
      items.set(id, storedItem(score.data, task));
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw refuse((error as Error).message, 'the scores of the task', error);
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
  { id, cluster, scores, answers }: z.output<typeof scoreSchema>,
  task: EvaluatedTaskEntry,
): StoredItem {
  return {
    id,
    cluster,
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
    default:
      return null;
  }
}
